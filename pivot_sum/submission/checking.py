"""A predictions file held against its test set: everything that is wrong with it, and the file it
was certainly meant to be."""

from __future__ import annotations

import csv
import io
import math
import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pivot_sum.data.samples import Sample
from pivot_sum.errors import OracleRefused, PredictionsUnreadable, RunFolderError, SubmissionRefused
from pivot_sum.running.reading import predictions_file, read_run
from pivot_sum.submission.cells import dialogue, examine, short
from pivot_sum.submission.ids import id_problems, with_right_ids
from pivot_sum.submission.kinds import KINDS, Problem
from pivot_sum.submission.layout import ID, SUMMARY, Row, read_layout

MOST_DEVIATIONS = 3.5
"""Modified z-scores beyond this are outliers (Iglewicz and Hoaglin 1993)."""
LEAST_FACTOR = 3.0
"""An outlier is at least so many times as long, or as short, as the median: in a file of even
lengths little stands out."""
NORMAL_QUARTILE = 0.6745
"""Median absolute deviation of a normal distribution, in standard deviations."""
ENOUGH_ROWS = 20
"""Fewer rows have no usual length."""
SHOWN_IDS = 5


@dataclass(frozen=True)
class Report:
    """What is wrong with a file, in the order of `KINDS` and of the rows, and the file with
    everything certain put right."""

    rows: int
    samples: int
    problems: tuple[Problem, ...]
    meant: tuple[tuple[str, ...], ...]
    """The rows, each an id, a summary and what cells it has too many, in the order of the test set
    and with everything certain put right. What is left to the author is in it as it was: two
    summaries of one id, and, at the end, rows of ids that the test set may have under another name.
    """
    with_index: bool

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What makes the file wrong."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def uncertain(self) -> tuple[Problem, ...]:
        """The errors that nobody but the author can put right."""
        return tuple(problem for problem in self.errors if not problem.certain)

    @property
    def left(self) -> tuple[Problem, ...]:
        """What a fixed file still has, errors and warnings."""
        return tuple(problem for problem in self.problems if not problem.certain)

    @property
    def changes(self) -> tuple[Problem, ...]:
        """All that a fixed file has otherwise."""
        return tuple(problem for problem in self.problems if problem.certain)

    def as_json(self) -> dict[str, Any]:
        """The counts and every problem, as JSON values."""
        return {
            "rows": self.rows,
            "samples": self.samples,
            "errors": len(self.errors),
            "uncertain": len(self.uncertain),
            "warnings": len(self.problems) - len(self.errors),
            "problems": [problem.as_json() for problem in self.problems],
        }


def check_file(path: Path, samples: Sequence[Sample], index: bool | None = None) -> Report:
    """Check a predictions file, or those of a run folder, against the samples of a test set.
    `index` says whether an index column has to be there; None takes both. Raises
    `PredictionsUnreadable`, and `OracleRefused` for what a run wrote that was given the originals.
    """
    _require_no_oracle(path, _oracles(path))
    file = predictions_file(path)
    try:
        raw = file.read_bytes()
    except FileNotFoundError as error:
        raise PredictionsUnreadable(
            f"There is no file {path}. Name a predictions file (CSV) or a run folder."
        ) from error
    except OSError as error:
        raise PredictionsUnreadable(
            f"{path} cannot be read: {error.strerror or error}. Check its permissions."
        ) from error
    if raw.lstrip().startswith(b"{"):
        _require_no_oracle(
            path, ["an oracle"] if re.search(rb'"oracles?": *(?:true|\[ *")', raw) else []
        )
        raise PredictionsUnreadable(
            f"{path} holds JSON; a submission is CSV with the header {ID},{SUMMARY}."
        )
    return check(raw, str(file), samples, index)


def check(raw: bytes, name: str, samples: Sequence[Sample], index: bool | None = None) -> Report:
    """Check a file's bytes; `name` stands in messages. Raises `PredictionsUnreadable`."""
    ids = [sample.id for sample in samples]
    layout = read_layout(raw, name, ids, index)
    problems = list(layout.problems)
    rows = with_right_ids(layout.rows, ids, problems)
    texts = _examined(rows, samples, problems)
    problems += id_problems(rows, texts, ids)
    dropped = {
        problem.row
        for problem in problems
        if problem.kind in ("unknown id", "duplicate id") and problem.certain
    }
    place = {id_: position for position, id_ in enumerate(ids)}
    kept = sorted(
        (pair for pair in zip(rows, texts, strict=True) if pair[0].number not in dropped),
        key=lambda pair: place.get(pair[0].id, len(ids)),
    )
    order = list(KINDS)
    problems.sort(key=lambda problem: (order.index(problem.kind), problem.row or 0))
    return Report(
        rows=len(rows),
        samples=len(samples),
        problems=tuple(problems),
        meant=tuple((row.id, text, *row.surplus) for row, text in kept),
        with_index=layout.has_index if index is None else index,
    )


def write_fixed(report: Report, path: Path) -> None:
    """Write the file with everything certain put right, to a file that does not exist yet; what is
    `left` stays as it was.

    Raises `SubmissionRefused` where the file exists or cannot be written.
    """
    raw = _written(report)
    try:
        with path.open("xb") as file:
            file.write(raw)
    except FileExistsError as error:
        raise SubmissionRefused(
            f"{path} exists, and no file is ever replaced; name a new one with --fix."
        ) from error
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise SubmissionRefused(
            f"{path} cannot be written: {error.strerror}. Check the folder and the room on disk."
        ) from error


def _written(report: Report) -> bytes:
    file = io.StringIO(newline="")
    plain = csv.writer(file, lineterminator="\n")
    # Cells without a name stay cells of their own only as long as they are in quotes.
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain.writerow(["", ID, SUMMARY] if report.with_index else [ID, SUMMARY])
    for number, row in enumerate(report.meant):
        writer = quoted if len(row) > len((ID, SUMMARY)) else plain
        writer.writerow([str(number), *row] if report.with_index else row)
    return file.getvalue().encode()


def _oracles(path: Path) -> list[str]:
    """The steps whose place an oracle took in the run whose folder this is or this file lies in;
    none where it is no run's."""
    try:
        return read_run(path if path.is_dir() else path.parent).oracles
    except RunFolderError:
        return []


def _require_no_oracle(path: Path, oracles: Sequence[str]) -> None:
    if oracles:
        raise OracleRefused(
            f"{path} comes from a run in which the data itself took the place of a step"
            f" ({', '.join(oracles)}): such texts know what no system may know. Submit the"
            " predictions of the recipe itself (pivot-sum run)."
        )


def _examined(rows: Sequence[Row], samples: Sequence[Sample], problems: list[Problem]) -> list[str]:
    """Each row's summary with everything certain put right; a row of an unknown id stays as it
    is.
    """
    dialogues = {sample.id: dialogue(sample.dialogue) for sample in samples}
    texts, sound = [], []
    for row in rows:
        text = row.summary
        if row.id in dialogues:
            text, found = examine(text, dialogues[row.id])
            problems += (replace(problem, row=row.number, id=row.id) for problem in found)
            if not any(problem.kind in ("empty", "not a value", "failure") for problem in found):
                sound.append((row, text))
        texts.append(text)
    unusual = {problem.row for problem in problems if problem.kind == "length"}
    problems += (problem for problem in _outliers(sound) if problem.row not in unusual)
    problems += _repeated(sound, {sample.id: sample.dialogue for sample in samples})
    return texts


def _outliers(sound: Sequence[tuple[Row, str]]) -> Iterator[Problem]:
    """Summaries whose length is far from the others': on a logarithmic scale by median and median
    deviation, which the outliers themselves do not move.
    """
    if len(sound) < ENOUGH_ROWS:
        return
    lengths = [math.log(len(text)) for _, text in sound]
    median = statistics.median(lengths)
    deviation = statistics.median(abs(length - median) for length in lengths)
    bound = max(MOST_DEVIATIONS * deviation / NORMAL_QUARTILE, math.log(LEAST_FACTOR))
    for (row, text), length in zip(sound, lengths, strict=True):
        if abs(length - median) > bound:
            detail = f"{len(text):,} characters; the median of this file is {math.exp(median):,.0f}"
            yield Problem("length", detail, row.number, row.id)


def _repeated(sound: Sequence[tuple[Row, str]], dialogues: Mapping[str, str]) -> Iterator[Problem]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row, text in sound:
        groups[text].append(row)
    for text, rows in groups.items():
        if len({dialogues[row.id] for row in rows}) > 1:
            ids = list(dict.fromkeys(row.id for row in rows))
            shown = ", ".join(ids[:SHOWN_IDS]) + (", ..." if len(ids) > SHOWN_IDS else "")
            yield Problem(
                "repeated",
                f"{short(text)} for {len(ids):,} dialogues ({shown})",
                rows[0].number,
                rows[0].id,
            )
