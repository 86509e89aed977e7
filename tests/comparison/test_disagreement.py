"""Where other metrics say otherwise than the one that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pivot_sum.comparison.compare import Comparison, compare
from pivot_sum.comparison.findings import findings
from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import Sample
from pivot_sum.scoring import load_metrics

Values = Mapping[str, float]


@dataclass(frozen=True)
class Given:
    """A metric with a value for each text."""

    name: str
    values: Values
    signature: str = "given"

    def score(
        self,
        hypotheses: Sequence[str],
        references: Sequence[Sequence[str]],
        sources: Sequence[str],
    ) -> list[float]:
        return [self.values.get(text, 0.0) for text in hypotheses]


def compared(systems: Mapping[str, Sequence[str]], *metrics: Values) -> Comparison:
    """Systems by label with a text for each dialogue, under metrics `one`, `two` ..."""
    number = len(next(iter(systems.values())))
    samples = [Sample(f"s{at}", "#Person1#: 네.", ("네.",), None, None) for at in range(number)]
    return compare(
        [
            System(label, {f"s{at}": text for at, text in enumerate(texts)})
            for label, texts in systems.items()
        ],
        samples,
        {
            name: Given(name, values)
            for name, values in zip(("one", "two", "three"), metrics, strict=False)
        },
        resamples=200,
    )


ONE: Values = {"가": 50, "나": 60, "다": 40}


def test_dialogues_are_those_in_which_the_two_metrics_put_different_systems_in_front() -> None:
    found = compared(
        {"a": ["가"] * 4, "b": ["나", "나", "다", "가"]},
        ONE,
        {"가": 50, "나": 30, "다": 20},  # 나 is better by one, worse by two; 다 worse by both
    )
    [told] = found.disagreements
    assert (told.label, told.against, told.metric) == ("b", "a", "two")
    assert (told.told_apart, told.contrary) == (3, 2)
    assert [(one.id, one.deciding, one.other) for one in told.strongest] == [
        ("s0", 10, -20),
        ("s1", 10, -20),
    ]
    assert (told.deciding.delta, told.other.delta) == (2.5, -17.5)
    assert told.reversed
    listed = found.as_json()["disagreements"][0]
    assert listed["reversed"] and listed["strongest"][0]["id"] == "s0"


def test_the_dialogues_that_both_tell_apart_most_come_first() -> None:
    found = compared(
        {"a": ["가"] * 3, "b": ["나", "라", "마"]},
        {"가": 50, "나": 51, "라": 70, "마": 90},
        {"가": 50, "나": 10, "라": 30, "마": 49},  # products 40, 400, 40
    )
    assert [one.id for one in found.disagreements[0].strongest] == ["s1", "s0", "s2"]


def test_they_are_told_in_sentences_with_their_significance() -> None:
    found = compared({"a": ["가"] * 8, "b": ["나"] * 8}, ONE, {"가": 50, "나": 30})
    said = findings(found)
    assert (
        "two puts b against a the other way round than one: one +10.00 (95 % CI 10.00 to 10.00,"
        " significant), two -20.00 (95 % CI -20.00 to -20.00, significant)." in said
    )
    assert (
        "b against a: one and two disagree in 8 of the 8 dialogues that both tell apart, most in"
        " s0 (one +10.00, two -20.00), s1 (one +10.00, two -20.00), s2 (one +10.00, two -20.00)."
        in said
    )


def test_of_five_dialogues_none_is_called_significant() -> None:
    said = findings(compared({"a": ["가"] * 5, "b": ["나"] * 5}, ONE, {"가": 50, "나": 30}))
    [told] = [line for line in said if "other way round" in line]
    assert told.count("not significant") == 2


def test_pairs_without_the_first_system_are_looked_at_too() -> None:
    found = compared(
        {"a": ["가"] * 6, "b": ["나"] * 6, "c": ["다"] * 6}, ONE, {"가": 50, "나": 10, "다": 20}
    )
    pairs = {(one.label, one.against): one.reversed for one in found.disagreements}
    assert pairs == {("b", "a"): True, ("c", "a"): False, ("c", "b"): True}


def test_metrics_that_agree_are_said_to_where_they_tell_systems_apart() -> None:
    found = compared({"a": ["가"] * 6, "b": ["나"] * 6}, ONE, ONE, {"가": 5, "나": 5})
    assert [(one.metric, one.told_apart, one.contrary) for one in found.disagreements] == [
        ("two", 6, 0),
        ("three", 0, 0),
    ]
    assert [line for line in findings(found) if "agree" in line or "other way" in line] == [
        "b against a: one and two agree in all of the 6 dialogues that both tell apart."
    ]


def test_rouge_with_placeholders_raw_is_no_other_metric() -> None:
    samples = [Sample("s", "#Person1#: 네.", ("네, 갑니다.",), None, None)]
    systems = [System(label, {"s": text}) for label, text in (("a", "네."), ("b", "갑니다."))]
    found = compare(systems, samples, load_metrics(["rouge", "chrf"], tokenizer="syllable"), 200)
    assert [one.metric for one in found.disagreements] == ["chrf"]
