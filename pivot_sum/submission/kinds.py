"""What can be wrong with a submission: the kinds of problem, how grave each is, and what to do
about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Kind:
    """A kind of problem. An `error` is what the competition refuses: ids, header, order, columns,
    empty summaries. A `warning` may cost points, or be right."""

    level: Level
    advice: str


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `row` counts the rows below the header from 1; None where it is the
    file as a whole."""

    kind: str
    detail: str
    row: int | None = None
    id: str | None = None
    certain: bool = False
    """Whether it is certain what was meant, so that `--fix` puts it right; `detail` then says what
    becomes of it."""

    @property
    def level(self) -> Level:
        return KINDS[self.kind].level

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        return {
            "kind": self.kind,
            "level": self.level,
            "row": self.row,
            "id": self.id,
            "detail": self.detail,
            "certain": self.certain,
        }


def _error(advice: str) -> Kind:
    return Kind("error", advice)


def _warning(advice: str) -> Kind:
    return Kind("warning", advice)


KINDS: dict[str, Kind] = {
    # the file
    "encoding": _error("save the file as UTF-8"),
    "bom": _error("save the file as UTF-8 without byte order mark (pandas: encoding='utf-8')"),
    "delimiter": _error("separate the cells by commas"),
    "header": _error("the header is `fname,summary`, or `,fname,summary` with an index column"),
    "index": _error(
        "number the rows 0, 1, 2, ... below a header without a name, or leave the column out"
        " (--no-index-column)"
    ),
    "extra column": _error("leave only fname and summary"),
    "cells": _error(
        "put a summary that holds a comma, a quote or a line end in double quotes (csv and"
        " pandas do)"
    ),
    "line ends": _warning("most readers take them; end lines with \\n where yours does not"),
    "blank lines": _warning("most readers skip them; remove them where yours does not"),
    # the ids
    "missing id": _error(
        "every dialogue of the test file needs a summary; run the recipe over all of it"
    ),
    "unknown id": _error("take the ids from the test file; do not count them"),
    "counted ids": _error(
        "the ids seem to be counted, but the test file leaves some out: from there on every summary"
        " may stand beside the wrong id; write the file again with the test file's own ids"
    ),
    "duplicate id": _error("keep one row of each id"),
    "id spelling": _error("write the id as the test file does"),
    "order": _error("sort the rows as in the test file"),
    # the summaries
    "empty": _error("summarise these dialogues again"),
    "not a value": _error(
        "a reader of CSV takes this for an empty cell: summarise these dialogues again"
    ),
    "failure": _warning("this says that something failed: summarise these dialogues again"),
    "not korean": _warning("translate or summarise these dialogues again"),
    "line break": _warning("write each summary on one line"),
    "formula": _warning("a spreadsheet would compute this cell: begin the summary with a word"),
    "list": _warning("write the text itself, not the list it came in (`texts[0]`)"),
    "model token": _warning(
        "decode with skip_special_tokens=True, or run again: these are a model's special tokens,"
        " not text"
    ),
    "broken character": _warning(
        "the text was decoded wrongly on the way: write it again from the source"
    ),
    "decomposed letters": _warning(
        "write Hangul as whole syllables (Unicode NFC): no tokenizer knows it in pieces"
    ),
    "damaged placeholder": _warning("write placeholders as the dialogue does"),
    "malformed placeholder": _warning(
        "write #Person1#, #PhoneNumber# ... as the dialogue does, or take it out"
    ),
    "unknown placeholder": _warning("the dialogue has no such placeholder: name one it has"),
    "quotes": _warning("the whole summary is in quotes: write it without"),
    "spaces": _warning("remove the spaces at both ends"),
    "invisible characters": _warning("take them out: they make words differ that look alike"),
    "turns": _warning("this looks like a dialogue, not a summary of one"),
    "length": _warning("look whether it broke off, ran on, or copied"),
    "repeated": _warning(
        "different dialogues got the same summary: look whether the model saw them"
    ),
    "doubtful": _warning("look at it (docs/guards.md says what each flag means)"),
}
"""All kinds, in the order in which they are reported."""
