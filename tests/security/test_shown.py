"""Untrusted texts on a terminal, in tables and in messages: shown, never obeyed."""

from __future__ import annotations

from pathlib import Path

import pytest
import reportruns
from commandline import pivot_sum

from pivot_sum.commands.streams import shown

ESCAPES = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e[bold red]x[/] :smile:"


def test_control_characters_are_written_out() -> None:
    assert shown(ESCAPES) == r"\x1b]0;title\x07\x1b[2J\x9b31m\u202e[bold red]x[/] :smile:"


@pytest.mark.parametrize("text", ["가나\tb\nc", "😀 é", "\u200d👩‍👩‍👧", ""])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert shown(text) == text


def test_a_run_with_escapes_in_its_texts_shows_them_as_text(tmp_path: Path) -> None:
    data = reportruns.write_data(tmp_path)
    run = reportruns.pivot_run(tmp_path / "run", data)
    record = run / "run.json"
    record.write_text(
        record.read_text(encoding="utf-8").replace("data.jsonl", r"\u001b[31mdata\u0007.jsonl"),
        encoding="utf-8",
    )
    step = next((run / "steps").glob("02-*"))
    step.write_text(
        step.read_text(encoding="utf-8").replace("umbrella", r"\u001b[2Jumbrella"), encoding="utf-8"
    )
    for words in (["show", "run"], ["show", "run", "--id", "r_0"], ["show", "run", "--remarks"]):
        ran = pivot_sum(tmp_path, *words)
        assert "\x1b" not in ran.stdout + ran.stderr
        assert "\x07" not in ran.stdout + ran.stderr
