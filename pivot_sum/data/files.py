"""Data files by name: a path, or the dialogues that come with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DEMO_DIALOGUES: Final = "demo:dialogues"
"""The name of the shipped dialogues."""

DEMO_FILE: Final = Path(__file__).parent.parent / "demo" / "data" / "heldout.jsonl"


def data_path(name: str) -> Path:
    """The file that a name of data stands for: `demo:dialogues`, or any path."""
    return DEMO_FILE if name == DEMO_DIALOGUES else Path(name)
