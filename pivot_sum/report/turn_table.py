"""The turns of a dialogue in a report: as the data has them, and beside it as its stages do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from pivot_sum.html.i18n import Interface
from pivot_sum.html.marks import Mark, Turn, difference, marked, person, starting_in


@dataclass(frozen=True)
class Column:
    """A dialogue as the data or a stage has it, cut into turns."""

    name: str
    language: str
    speakers: list[str]
    cells: list[Markup]
    same: list[str] = field(default_factory=list)
    """Stages that gave exactly this text."""


@dataclass(frozen=True)
class Row:
    """A turn, side by side in all columns, with its speaker as the data has it."""

    speaker: str
    kind: str
    cells: list[Markup]


def column(
    interface: Interface,
    name: str,
    language: str,
    base: Sequence[Turn],
    before: Sequence[Turn] | None,
    after: Sequence[Turn],
    marks: Sequence[Mark],
) -> Column:
    """The turns `after` a stage, with marks and with what changed where there is something before.
    A speaker is shown only where it is not that of the data (`base`)."""
    cells = []
    marks = sorted(marks)
    for position, turn in enumerate(after):
        here = [
            mark.moved(-turn.start)
            for mark in starting_in(marks, turn.start, turn.start + len(turn.utterance))
        ]
        was = before[position] if before is not None else None
        head = _head(was, turn) if turn.speaker != base[position].speaker else Markup("")
        cells.append(
            head
            + (
                marked(turn.utterance, here)
                if was is None
                else difference(was.utterance, turn.utterance, here, interface("coarse-difference"))
            )
        )
    return Column(name, language, [turn.speaker for turn in after], cells)


def _head(was: Turn | None, now: Turn) -> Markup:
    """The speaker of a turn, compared as a whole: a time or a title in front of a name is a part
    of it."""
    if was is None or was.speaker == now.speaker:
        return marked(f"{now.speaker}: ") if now.speaker else Markup("")
    gone = Markup("<del>{}</del> ").format(marked(was.speaker)) if was.speaker else Markup("")
    new = Markup("<ins>{}</ins>: ").format(marked(now.speaker)) if now.speaker else Markup("")
    return gone + new


def rows(columns: Sequence[Column]) -> list[Row]:
    """The turns of all columns. A speaker by name looks like the `#PersonN#` it becomes."""
    found = []
    for position, speaker in enumerate(columns[0].speakers):
        kinds = [person(column.speakers[position]) for column in columns]
        kind = next((kind for kind in kinds if kind != "px"), "px")
        cells = [column.cells[position] for column in columns]
        found.append(Row(speaker, kind if speaker else "", cells))
    return found
