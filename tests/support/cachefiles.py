"""Cache files with something in them, and with something wrong in them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from pivot_sum.cache import Cache

IDENTITY: dict[str, Any] = {"stage": "translate", "version": 1, "model": "tiny", "num_beams": 5}


def filled(path: Path, *inputs: str, identity: dict[str, Any] = IDENTITY) -> Path:
    """A cache with a row for each input."""
    with Cache(path) as cache:
        cache.put(identity, [(text, f"[{text}]", {"rung": "plain"}) for text in inputs])
    return path


def tamper(path: Path, statement: str) -> None:
    """Change the file behind the cache's back."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def redefine(path: Path, rows: str) -> None:
    """Change what the file says its table `rows` is, and nothing in the table."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'rows'", [rows])
    connection.close()
