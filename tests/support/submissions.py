"""A test set and predictions for it, to be checked before they are submitted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from pivot_sum.data.samples import Sample
from pivot_sum.submission import Report, check

DIALOGUE = (
    "#Person1#: 토요일에 같이 도서관에 가서 시험 공부를 할까요?\n"
    "#Person2#: 좋아요, 제 번호는 #PhoneNumber#이니 아침에 전화해 주세요."
)
IDS = [f"test_{number}" for number in (0, 1, 2, 4, 5, 6)]
"""Like the real test file, they leave one out."""
PLACES = dict(zip(IDS, "동서남북상하", strict=True))
SAMPLES = [
    Sample(id_, DIALOGUE.replace("도서관", f"{place} 도서관"), (), None, None)
    for id_, place in PLACES.items()
]
GOOD = "#Person1#과 #Person2#는 {} 도서관에 가서 시험 공부를 하기로 한다."
ROWS = [(id_, GOOD.format(place)) for id_, place in PLACES.items()]


def file(
    rows: Sequence[Sequence[object]] = ROWS, header: Sequence[str] = ("fname", "summary")
) -> bytes:
    """A predictions file; without arguments one that is fine."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def with_summary(summary: str) -> bytes:
    """A file that is fine but for its third summary."""
    return file([*ROWS[:2], (IDS[2], summary), *ROWS[3:]])


def checked(raw: bytes, index: bool | None = None) -> Report:
    """What is wrong with a file."""
    return check(raw, "p.csv", SAMPLES, index)


def found(report: Report) -> set[tuple[str, bool]]:
    """The kinds of problems, and whether each is certain."""
    return {(problem.kind, problem.certain) for problem in report.problems}
