"""A rule with one threshold: learned where it is worth it, measured on dialogues it was not learned
from."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pivot_sum.data.samples import Sample
from pivot_sum.errors import RuleRefused, ScoreRefused
from pivot_sum.routing import Choice, Evaluated, Judged, Rule, evaluate, learn, load_rule, save_rule
from pivot_sum.scoring import Scores

LABELS = ["direct", "pivot"]


def world(
    size: int, seed: int = 1, informative: bool = True
) -> tuple[list[tuple[Judged, ...]], list[Scores], list[Sample]]:
    """Dialogues on which `direct` scores 50 to 60, but 20 less where its summary is hardly
    supported; `pivot` always 45."""
    draw = random.Random(seed)
    judged, direct, pivot = [], [], []
    for number in range(size):
        fails = draw.random() < 0.3
        support = draw.uniform(0, 0.4) if fails and informative else draw.uniform(0.5, 1)
        judged.append(
            (
                Judged(f"직접 {number}", 40, 1, (), 0.2, support),
                Judged(f"경유 {number}", 40, 1, (), 0.2, 1.0),
            )
        )
        direct.append(draw.uniform(50, 60) - 20 * fails)
        pivot.append(45.0)
    samples = [
        Sample(f"d{number}", f"#Person1#: {number}", ("요약",), None, None)
        for number in range(size)
    ]
    return judged, [_scores(rows) for rows in (direct, pivot)], samples


def _scores(values: list[float]) -> Scores:
    mean = math.fsum(values) / len(values)
    return Scores("made up", "final", {"final": tuple(values)}, {"final": mean}, 0, 0, "made up")


def finals(scores: list[Scores]) -> list[list[float]]:
    return [[candidate.finals[place] for candidate in scores] for place in range(scores[0].samples)]


def evaluated(size: int, folds: int = 5, informative: bool = True) -> Evaluated:
    judged, scores, samples = world(size, informative=informative)
    return evaluate(judged, scores, samples, LABELS, folds=folds)


def test_a_threshold_that_tells_failures_apart_is_found() -> None:
    judged, scores, _ = world(100)
    rule = learn(judged, finals(scores), LABELS)
    assert str(rule).startswith("direct, but pivot where support is at least 0.")
    assert all((rule.choose(row).candidate == 1) == (row[0].support < 0.45) for row in judged)


def test_where_no_feature_tells_the_best_candidate_serves_alone() -> None:
    judged, scores, _ = world(100, informative=False)
    rule = learn(judged, finals(scores), LABELS)
    assert str(rule) == "direct always" and {rule.choose(row).candidate for row in judged} == {0}


def test_one_lucky_dialogue_makes_no_rule() -> None:
    judged, scores, _ = world(50, informative=False)
    rows = finals(scores)
    rows[7] = [0.0, 100.0]
    judged[7] = (replace(judged[7][0], support=0.01), judged[7][1])
    assert learn(judged, rows, LABELS).instead is None


def test_of_candidates_that_score_alike_the_first_named_is_the_default() -> None:
    judged, scores, _ = world(30)
    assert learn(judged, finals([scores[1], scores[1]]), LABELS) == Rule(("direct", "pivot"), 0)


def test_cross_validation_sees_a_gain_where_there_is_one_and_none_where_there_is_not() -> None:
    by_label = {outcome.label: outcome for outcome in evaluated(200).outcomes}
    learned = by_label["learned (5-fold cross-validation)"]
    assert learned.gain is not None and learned.gain.low > 0 and evaluated(200).shows_gain
    assert by_label["direct"].gain is None and evaluated(200).best == "direct"
    assert not evaluated(200, informative=False).shows_gain


def test_each_dialogue_is_served_by_a_rule_it_was_not_learned_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[str] = []

    class Spy:
        def __init__(self, judged: Sequence[Sequence[Judged]], *_: object) -> None:
            self.learned_from = {row[0].text for row in judged}

        def choose(self, row: Sequence[Judged]) -> Choice:
            assert row[0].text not in self.learned_from and len(self.learned_from) in (32, 33, 34)
            served.append(row[0].text)
            return Choice(0, "default")

    monkeypatch.setattr("pivot_sum.routing.measuring.learn", Spy)
    judged, scores, samples = world(41)
    evaluate(judged, scores, samples, LABELS, folds=5)
    assert sorted(served) == sorted(row[0].text for row in judged)


def test_the_bound_is_below_nothing_and_named_as_what_it_is() -> None:
    outcomes = evaluated(100).outcomes
    assert outcomes[-1].kind == "bound" and "not attainable" in outcomes[-1].label
    assert all(outcomes[-1].final >= outcome.final for outcome in outcomes)


def test_the_order_of_the_dialogues_changes_no_fold() -> None:
    judged, scores, samples = world(60)
    order = list(range(60))
    random.Random(3).shuffle(order)
    mixed = [_scores([one.finals[place] for place in order]) for one in scores]
    again = evaluate(
        [judged[place] for place in order],
        mixed,
        [samples[place] for place in order],
        LABELS,
        folds=5,
    )
    first = evaluate(judged, scores, samples, LABELS, folds=5)
    assert [(one.label, one.served, one.scores) for one in again.outcomes] == [
        (one.label, one.served, one.scores) for one in first.outcomes
    ]
    assert first == evaluate(judged, scores, samples, LABELS, folds=5)


def test_too_few_dialogues_for_the_folds_are_refused() -> None:
    with pytest.raises(ScoreRefused, match="too few for 5 folds"):
        evaluated(9)


RULE = Rule(("direct", "pivot"), 0, 1, "support", True, 0.25, "eojeol", "abc", 100)


def test_a_rule_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    save_rule(RULE, tmp_path / "rule.json", {"best": "direct"})
    assert load_rule(tmp_path / "rule.json", ["direct", "pivot"]) == RULE
    with pytest.raises(RuleRefused, match="exists"):
        save_rule(RULE, tmp_path / "rule.json", {})


def test_candidates_are_found_by_label_in_any_order_else_by_place_with_a_note(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_rule(RULE, tmp_path / "rule.json", {})
    swapped = load_rule(tmp_path / "rule.json", ["pivot", "direct"])
    assert (swapped.default, swapped.instead, swapped.candidates) == (
        1,
        0,
        ("pivot", "direct"),
    ) and str(swapped) == str(RULE)
    assert not caplog.messages
    assert load_rule(tmp_path / "rule.json", ["direct-test", "pivot-test"]) == RULE
    assert caplog.messages == [
        "candidates of the rule are found by place: direct -> direct-test, pivot -> pivot-test"
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"pivot_sum_rule": 2},
        {"feature": "luck"},
        {"instead": 5},
        {"default": "direct"},
        {"threshold": "much"},
        {"more": 1},
        {"candidates": None},
    ],
)
def test_a_damaged_rule_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    save_rule(RULE, tmp_path / "rule.json", {})
    stored = json.loads((tmp_path / "rule.json").read_text(encoding="utf-8"))
    (tmp_path / "rule.json").write_text(json.dumps(stored | change), encoding="utf-8")
    with pytest.raises(RuleRefused, match="is not a rule"):
        load_rule(tmp_path / "rule.json", LABELS)


def test_a_rule_is_refused_where_only_some_labels_are_those_it_knows(tmp_path: Path) -> None:
    save_rule(RULE, tmp_path / "rule.json", {})
    with pytest.raises(RuleRefused, match="of which only pivot is among pivot, third"):
        load_rule(tmp_path / "rule.json", ["pivot", "third"])


def test_a_rule_for_other_candidates_or_that_is_not_there_is_refused(tmp_path: Path) -> None:
    save_rule(RULE, tmp_path / "rule.json", {})
    with pytest.raises(RuleRefused, match="learned from 2 candidates"):
        load_rule(tmp_path / "rule.json", ["a", "b", "c"])
    with pytest.raises(RuleRefused, match="cannot be read"):
        load_rule(tmp_path / "none.json", LABELS)
