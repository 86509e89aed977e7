"""Folds of a data file: what belongs together is never on both sides."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pivot_sum.data.samples import samples_of
from pivot_sum.data.splits import AUGMENTED_FROM, Splits, split_folds
from pivot_sum.data.tables import Table
from pivot_sum.errors import SplitRefused

SCENES = (
    "야구 경기 표가 두 장 생겼는데 월요일에 갈래?",
    "감기에 걸린 것 같아서 열이 나고 목이 아파요.",
)


def rows(number: int = 23) -> list[dict[str, Any]]:
    """Dialogues of random letters, of which two are the same and two say the same."""
    letters = random.Random(0)
    made = [
        "".join(chr(letters.randrange(ord("가"), ord("힣"))) for _ in range(30))
        for _ in range(number)
    ]
    made[3], made[20] = f"#Person1#: {SCENES[0]}", f"#Person2#: {SCENES[0]}"
    made[5], made[11] = SCENES[1], SCENES[1].replace("아파요", "아팠어요")
    return [
        {"fname": f"d{at}", "dialogue": text, "topic": f"t{at % 7}"} for at, text in enumerate(made)
    ]


def folds(of: list[dict[str, Any]], number: int = 5, **changes: Any) -> Splits:
    table = Table(list(of[0]), of)
    options: dict[str, Any] = {"by": None, "seed": 0, "threshold": 0.3}
    return split_folds(table, samples_of(table, "data"), number, **(options | changes))


def ids(of: list[dict[str, Any]], splits: Splits) -> list[set[str]]:
    """The ids of each dev part."""
    return [{of[place]["fname"] for place in fold.dev} for fold in splits.folds]


def test_every_row_is_judged_once_and_alike_dialogues_are_on_one_side() -> None:
    data = rows()
    splits = folds(data)
    parts = ids(data, splits)
    assert sorted(id_ for part in parts for id_ in part) == sorted(row["fname"] for row in data)
    assert {len(part) for part in parts} == {4, 5}
    for pair in ({"d3", "d20"}, {"d5", "d11"}):
        assert sum(not pair.isdisjoint(part) for part in parts) == 1
    for fold in splits.folds:
        assert sorted(fold.train + fold.dev) == list(range(len(data)))
    assert (splits.groups, splits.largest) == (21, 2)


def test_a_column_keeps_its_rows_together_too() -> None:
    data = rows()
    of_topic = {row["fname"]: row["topic"] for row in data}
    parts = [{of_topic[id_] for id_ in part} for part in ids(data, folds(data, 3, by="topic"))]
    assert sum(len(part) for part in parts) == len(set().union(*parts)) == 7


def test_the_seed_decides_and_the_order_of_the_rows_does_not() -> None:
    data = rows()
    shuffled = random.Random(1).sample(data, len(data))
    assert ids(data, folds(data)) == ids(shuffled, folds(shuffled))
    assert ids(data, folds(data)) != ids(data, folds(data, seed=1))


def test_an_augmented_row_is_never_judged_by_nor_trained_on_beside_its_original() -> None:
    data = rows()
    made = [
        {
            **row,
            "fname": f"{row['fname']}+swap",
            "dialogue": f"{at} 다른 말",
            AUGMENTED_FROM: row["fname"],
        }
        for at, row in enumerate(data)
    ]
    data = [{**row, AUGMENTED_FROM: ""} for row in data] + made
    for fold in folds(data, threshold=1).folds:
        judged = {data[place]["fname"] for place in fold.dev}
        assert not any("+" in id_ for id_ in judged)
        assert all(data[place][AUGMENTED_FROM] not in judged for place in fold.train)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"number": 22}, "fewer than the 22"),
        ({"number": 8, "by": "topic"}, "another column"),
        ({"by": "scene"}, "fname"),
    ],
)
def test_what_cannot_be_split_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SplitRefused, match=said):
        folds(rows(), **options)
