"""Everything that looks at a text takes work in proportion to its length, whatever it says.

Counted in lines of our own Python, which no machine and no load changes; what regular expressions
do inside of a line is timed by benchmarks/patterns.py, which also has many more texts.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from text_readers import Reader, readers

SHORT = 800
"""Characters."""
FREE = 1_000
"""Lines that may be run whatever the length."""
TWO = "#Person1#: 저는 가요.\n#Person2#: 저도 가요.\n#Person1#은 간다. #Person2#는 간다.\n"
PIECES = (
    "#",
    "#Person1#: 네. ",
    TWO,
    "a. ",
    "a.",
    "“",
    "1, ",
    "12:30 ",
    "Dawson ",
    "가 나 ",
    "\n",
    "(a ",
)
UP_TO_A_LIMIT = {"difference", "difference, other text", "swapped_speakers, both"}
"""Readers whose work grows with the square of the length until a limit that is counted: see
tests/html/test_matching.py and tests/stages/ledgers/test_roles.py."""
OURS = str(Path(__file__).parents[2])

READERS = {name: reader for name, reader in readers().items() if name not in UP_TO_A_LIMIT}


def lines_run(reader: Reader, text: str) -> int:
    """How many lines of Python the reader runs."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace if OURS in frame.f_code.co_filename else None  # not how patterns are compiled

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        reader(text)
    finally:
        sys.settrace(before)
    return lines


SLOW = {"misfit, ko", "misfit, en"}
"""Those whose lines take many seconds to count."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in READERS],
)
def test_four_times_the_text_is_no_more_than_some_four_times_the_work(name: str) -> None:
    for piece in PIECES:
        times = SHORT // len(piece)
        READERS[name](piece * (times // 2))  # what is made once, at the first text
        short, long = (lines_run(READERS[name], piece * number) for number in (times, 4 * times))
        assert long <= FREE + 6 * short, f"{piece!r}: {short:,} and {long:,} lines"


def test_the_work_is_counted_and_more_than_a_proportion_is_seen() -> None:
    def square(text: str) -> None:
        for _ in text:
            for _ in text:
                pass

    assert lines_run(square, "a" * 400) > 15 * lines_run(square, "a" * 100)
