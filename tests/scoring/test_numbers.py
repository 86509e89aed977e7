"""Numbers of summaries are scored against references and dialogues."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.scoring import load_metrics, measure
from pivot_sum.stages.ledgers.versions import READER

DIALOGUE = "#Person1#: 표 두 장에 삼만 원이에요.\n#Person2#: 오후 세 시에 갈게요."


@pytest.mark.parametrize(
    ("summary", "f1", "support"),
    [
        ("#Person2#는 3시에 표 두 장을 30,000원에 산다.", 100.0, 100.0),
        ("#Person2#는 네 시에 표 두 장을 3만 원에 산다.", 200 / 3, 200 / 3),
        ("#Person2#는 표를 산다.", 0.0, 100.0),
        ("", 0.0, 0.0),
    ],
)
def test_numbers_are_found_again_however_they_are_written(
    summary: str, f1: float, support: float
) -> None:
    metrics = load_metrics(["numbers", "number-support"])
    references = [["다섯 명이 온다.", "#Person2#는 오후 3시에 표 두 장을 3만 원에 산다."]]
    values = [
        measure(metric, [summary], references, [DIALOGUE]).finals[0] for metric in metrics.values()
    ]
    assert values == pytest.approx([f1, support])
    assert all(f"reader:{READER}" in metric.signature for metric in metrics.values())


def test_a_summary_and_a_reference_without_numbers_agree() -> None:
    metric = load_metrics(["numbers"])["numbers"]
    found = measure(metric, ["#Person1#은 간다."], [["#Person1#은 떠난다."]])
    assert list(found.finals) == [100.0]


WORDS = st.sampled_from(
    [
        "It",
        "is",
        "3",
        "45",
        "10",
        "20",
        "10명이",
        "왔다.",
        "세 시에",
        "at 3 p.m.",
        "$5",
        "five",
        ",",
    ]
)
TEXT = st.lists(WORDS, max_size=6).map(" ".join)


@given(TEXT, TEXT, TEXT)
def test_scores_of_numbers_lie_between_0_and_100(
    summary: str, reference: str, dialogue: str
) -> None:
    for metric in load_metrics(["numbers", "number-support"]).values():
        (score,) = metric.score([summary], [[reference]], [dialogue])
        assert 0 <= score <= 100


def test_a_summary_in_another_language_is_read_as_its_reference_is() -> None:
    metric = load_metrics(["numbers"])["numbers"]
    (score,) = metric.score(["It is 3 45 10 20"], [["10명이 왔다."]], [""])
    assert 0 < score < 100


@pytest.mark.parametrize(
    ("summary", "reference", "f1"),
    [
        ("It costs $5 at 3 p.m.", "It is five dollars, at three in the afternoon.", 100.0),
        ("It costs $6.", "It costs five dollars.", 0.0),
        ("It costs $5.", "It costs five dollars, at 3 p.m.", 200 / 3),
        ("네 시에 간다.", "다섯 명이 간다.", 0.0),
        ("네 시에 간다.", "간다.", 0.0),
        ("", "간다.", 0.0),
    ],
)
def test_each_is_read_in_the_language_of_the_reference(
    summary: str, reference: str, f1: float
) -> None:
    [found] = load_metrics(["numbers"])["numbers"].score([summary], [[reference]], [""])
    assert found == pytest.approx(f1)


def test_an_english_summary_is_held_against_an_english_dialogue() -> None:
    metric = load_metrics(["number-support"])["number-support"]
    summaries = ["They pay $5 at 3 p.m.", "They pay $6 at 3 p.m.", " "]
    dialogue = "#Person1#: Five dollars, please. Come at three in the afternoon."
    assert metric.score(summaries, [[""]] * 3, [dialogue] * 3) == [100.0, 50.0, 0.0]
