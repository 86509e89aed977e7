"""stdout and stderr where their encoding cannot hold every text: Windows code pages, mostly where
the output goes into a file or a pipe."""

from __future__ import annotations

import io
import json
import logging
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from pivot_sum import PivotSumError

KOREAN = "한국어"


class Reported(Exception):
    """A failure after which stdout gets no second value: its JSON tells the failure, or is the
    result, which was there before."""

    def __init__(self, error: PivotSumError) -> None:
        super().__init__(error)
        self.error = error


@contextmanager
def result_printed() -> Iterator[None]:
    """What follows the result, which is on stdout and stays the only value there. Raises `Reported`
    where it fails."""
    sys.stdout.flush()
    try:
        yield
    except PivotSumError as error:
        raise Reported(error) from error


def prepare_streams() -> None:
    """See to it that printing never fails for the sake of a character.

    A file or pipe whose encoding holds Korean (UTF-8, cp949) keeps it, and what it cannot hold, an
    emoji perhaps, becomes `?`. Where it holds no Korean at all (cp1252), nothing of a summary would
    be left: UTF-8 takes its place. A terminal keeps its encoding, as it shows no other.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not where a program put something else there
            instead = None if stream.isatty() or _holds(stream.encoding, KOREAN) else "utf-8"
            stream.reconfigure(encoding=instead, errors="replace")


def shown(text: str) -> str:
    """A text as it may go to a terminal: control characters, which could move the cursor, hide what
    stands there or change its title, and those that turn the direction of writing, written out
    (`\\x1b`). Line ends and tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode() if _is_obeyed(character) else character
        for character in text
    )


def _is_obeyed(character: str) -> bool:
    if character in "\n\t":
        return False
    turns = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    return turns or unicodedata.category(character) == "Cc"


class NotesOnStderr(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at the moment: while a progress bar is shown, that puts a line
    above the bar instead of behind it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one note."""
        self.setStream(sys.stderr)
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """The note, safe for a terminal."""
        return shown(super().format(record))


def json_text(value: Any, indent: int = 2) -> str:
    """The value as JSON that stdout can hold exactly: with escapes where its encoding lacks a
    character."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if _holds(sys.stdout.encoding, text):
        return text
    return json.dumps(value, indent=indent)


def _holds(encoding: str | None, text: str) -> bool:
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
