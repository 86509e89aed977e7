"""The ids of a predictions file held against those of the test set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pivot_sum.submission.kinds import Problem
from pivot_sum.submission.layout import Row, bare

_NUMBERED = re.compile(r"\A(\D*)([0-9]+)\Z")


def with_right_ids(rows: Sequence[Row], ids: Sequence[str], problems: list[Problem]) -> list[Row]:
    """The rows with the test set's spelling of their ids, where it is certain which one was meant
    (`Test_1 `)."""
    spellings = Counter(bare(id_).casefold() for id_ in ids)
    known = {bare(id_).casefold(): id_ for id_ in ids if spellings[bare(id_).casefold()] == 1}
    known |= {id_: id_ for id_ in ids}
    righted = []
    for row in rows:
        meant = known.get(row.id) or known.get(bare(row.id).casefold(), row.id)
        if meant != row.id:
            problems.append(
                Problem("id spelling", f"{row.id!r} -> {meant!r}", row.number, meant, certain=True)
            )
        righted.append(row._replace(id=meant))
    return righted


def id_problems(rows: Sequence[Row], texts: Sequence[str], ids: Sequence[str]) -> Iterator[Problem]:
    """What is missing, unknown, twice or out of order. `texts` are the rows' summaries with
    everything certain put right."""
    given, wanted = {row.id for row in rows}, set(ids)
    if rows and not given & wanted:
        yield Problem(
            "unknown id",
            f"none of the ids is in the test file: here {rows[0].id!r} ..., there {ids[0]!r} ...",
        )
        return
    missing = [id_ for id_ in ids if id_ not in given]
    unknown = [row for row in rows if row.id not in wanted]
    for id_ in missing:
        yield Problem("missing id", "no row", None, id_)
    for row in unknown:
        # Where no id is missing, a row of another one cannot be a misspelt one.
        detail = f"{row.id!r} is not in the test file" + ("" if missing else " -> left out")
        yield Problem("unknown id", detail, row.number, row.id, certain=not missing)
    if missing and unknown and _counted([row.id for row in rows]) and not _counted(ids):
        first = next(row for row in rows if row.id not in wanted)
        yield Problem(
            "counted ids",
            f"the first one the test file leaves out is {first.id}",
            first.number,
            first.id,
        )
    first_text: dict[str, str] = {}
    for row, text in zip(rows, texts, strict=True):
        if row.id in wanted and row.id in first_text:
            same = text == first_text[row.id]
            detail = "the same summary again -> left out" if same else "another summary than before"
            yield Problem("duplicate id", detail, row.number, row.id, certain=same)
        first_text.setdefault(row.id, text)
    found = [id_ for id_ in first_text if id_ in wanted]
    right = [id_ for id_ in ids if id_ in first_text]
    if found != right:
        id_, instead = next(
            (one, other) for one, other in zip(found, right, strict=True) if one != other
        )
        row = next(row for row in rows if row.id == id_)
        yield Problem(
            "order",
            f"{id_} stands where the test file has {instead} -> sorted",
            row.number,
            id_,
            certain=True,
        )


def _counted(ids: Sequence[str]) -> bool:
    """Whether ids are one word with numbers that go up by one."""
    parts = [_NUMBERED.fullmatch(id_) for id_ in ids]
    if not all(parts):
        return False
    numbers = [int(part[2]) for part in parts if part]
    return len({part[1] for part in parts if part}) == 1 and numbers == list(
        range(numbers[0], numbers[0] + len(numbers))
    )
