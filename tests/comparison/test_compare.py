"""A comparison computed from texts counted by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from commandline import recorded_step, run_record
from comparisons import (
    CLOSE,
    REFERENCE,
    THREE_OF_FOUR,
    compared,
    mixed,
    samples,
    system,
    uncorrected,
)

from pivot_sum.comparison.findings import detectable, findings
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.record import parse_record


def test_scores_differences_wins_ties_and_losses_are_those_counted_by_hand() -> None:
    found = compared(
        system("a", [REFERENCE, REFERENCE, ""]),
        system("b", [REFERENCE, THREE_OF_FOUR, THREE_OF_FOUR]),
    )
    assert [row.label for row in found.rows] == [
        "a",
        "b",
        "constant",
        "lead-1",
        "lead-3",
        "longest turn",
    ]
    assert [row.kind for row in found.rows] == ["system"] * 2 + ["baseline"] * 4
    assert found.rows[0].scores["whole"].final == pytest.approx(200 / 3)
    assert found.rows[1].scores["whole"].final == pytest.approx((100 + 2 * CLOSE) / 3)
    [b] = found.differences
    assert (b.label, b.against, b.wins, b.ties, b.losses) == ("b", "a", 1, 1, 1)
    assert {name: interval.delta for name, interval in b.by_metric.items()} == pytest.approx(
        {
            "rouge1": (75 - 25) / 3,
            "rouge2": (200 / 3 - 100 / 3) / 3,
            "rougeL": (75 - 25) / 3,
            "final": (2 * CLOSE - 100) / 3,
        }
    )
    assert found.rows[0].length == pytest.approx(2 * len(REFERENCE) / 3)
    assert "a has 1 summary without any text, scored 0." in findings(found)


def test_placeholders_are_scored_both_ways_and_both_signatures_say_so() -> None:
    found = compared(system("a", ["#Person1#은 간다"]), system("b", ["#Person2#는 간다"]))
    assert list(found.signatures) == ["whole", "raw"]
    assert all(f"placeholders:{way}" in signature for way, signature in found.signatures.items())
    json = found.as_json()
    assert json["signatures"] == found.signatures and set(json["rows"][0]["scores"]) == {
        "whole",
        "raw",
    }


def test_a_summary_is_judged_by_the_placeholders_of_the_dialogue_as_it_was_meant() -> None:
    among = samples(4, "#Person1#: 네.\n#PErson2#: 번호는 #PhoneNumber#예요. 나중에 봐요.")
    texts = [
        "#Person2#는 답한다",
        "둘은 만난다",
        "#Person3#이 온다",
        "#Person1#은 #PhoneNumber#로 건다",
    ]
    found = compared(system("a", texts), system("b", texts), among=among)
    assert found.rows[0].verdicts == {"invented": 1, "kept": 2, "lost": 1}


def test_what_a_run_took_and_noticed_comes_from_its_record() -> None:
    took = {"seconds": 1.5, "cached": 3, "unique": 4, "verdicts": {"kept": 3, "repaired": 1}}
    steps = [
        recorded_step("one", **took, flags={"length": 2}),
        recorded_step("two", **took, billed={"characters": 7}),
    ]
    data = {"file": "data.csv", "sha256": "", "samples": 9}
    record = parse_record(run_record(steps=steps, data=data))
    found = compared(system("a", [REFERENCE], record), system("b", [REFERENCE]))
    row, other = found.systems
    assert (row.seconds, row.cached, row.billed, row.run_samples) == (
        3.0,
        0.75,
        {"characters": 7},
        9,
    )
    assert row.flags == {"length": 2, "placeholder repaired": 2}
    assert (other.seconds, other.cached, other.billed, other.run_samples, other.flags) == (
        None,
        None,
        None,
        None,
        {},
    )
    said = findings(found)
    assert (
        "From the cache came 75% of a: seconds and what was billed are not what computing it all"
        " takes." in said
    )
    assert (
        "What the steps noticed, and what they took, is of the whole run, over more dialogues: a"
        " (9)." in said
    )


def test_steps_that_only_tidy_up_do_not_make_a_run_one_from_the_cache() -> None:
    def share(*steps: dict[str, Any]) -> float | None:
        record = parse_record(run_record(steps=list(steps)))
        return compared(system("a", [REFERENCE], record)).systems[0].cached

    tidied = recorded_step("tidied", task="polish", cached=4, unique=4)
    assert share(recorded_step("model", task="summarize", unique=4, computed=4), tidied) == 0
    assert share(recorded_step("model", task="summarize", unique=4, cached=3), tidied) == 0.75
    assert share(tidied) == 1


def test_shuffled_samples_give_the_same_comparison() -> None:
    among = samples(40)
    shuffled = random.Random(3).sample(among, len(among))
    one, two = system("a", mixed(30)), system("b", [*mixed(3, 20), *mixed(15, 20)])
    back = replace(two, texts=dict(reversed(two.texts.items())))
    assert (
        compared(one, two, among=among).as_json() == compared(one, back, among=shuffled).as_json()
    )


def test_another_system_changes_nothing_about_the_others() -> None:
    a, b, c = (system(name, mixed(right)) for name, right in (("a", 30), ("b", 20), ("c", 10)))
    [alone], [_, among] = compared(a, b).differences, compared(a, c, b).differences
    assert alone.by_metric == uncorrected(among)
    assert (alone.wins, alone.ties, alone.losses) == (among.wins, among.ties, among.losses)


def test_samples_without_references_are_refused() -> None:
    with pytest.raises(ScoreRefused, match="no reference"):
        compared(
            system("a", [REFERENCE]),
            system("b", [REFERENCE]),
            among=samples(1, references=()),
        )


def test_samples_of_one_cluster_are_drawn_together() -> None:
    among = samples(40)
    scenes = [replace(sample, cluster=f"scene {place // 4}") for place, sample in enumerate(among)]
    texts = [REFERENCE if place // 4 % 2 else THREE_OF_FOUR for place in range(40)]
    one, two = system("a", mixed(20)), system("b", texts)
    single, clustered = compared(one, two, among=among), compared(one, two, among=scenes)
    assert (single.clusters, single.drawn) == (None, 40)
    assert (clustered.clusters, clustered.drawn) == (10, 10)
    narrow, wide = single.differences[0].final, clustered.differences[0].final
    assert wide.delta == narrow.delta
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)
    assert "Only 10 clusters: intervals from so few are too narrow, take this as a first look." in (
        findings(clustered)
    )
    alone = [replace(sample, cluster="") for sample in among]
    assert compared(one, two, among=alone).differences == single.differences


def test_of_one_cluster_or_five_nothing_is_called_significant() -> None:
    for scenes, said in ((1, "Only 1 cluster: "), (5, "Only 5 clusters: ")):
        among = [
            replace(sample, cluster=str(place % scenes)) for place, sample in enumerate(samples(40))
        ]
        found = compared(system("a", mixed(40)), system("b", mixed(0)), among=among)
        sentences = findings(found)
        assert any(line.startswith(f"{said}so few cannot show") for line in sentences)
        assert not found.differences[0].significant
        assert not any(line.startswith("Significantly") for line in sentences)


def test_three_systems_are_tested_with_holms_correction_and_two_are_not() -> None:
    a, b, c = (system(name, mixed(right)) for name, right in (("a", 30), ("b", 24), ("c", 22)))
    [alone] = compared(a, b).differences
    assert alone.final.p_bootstrap_holm is None
    found = compared(a, b, c)
    for kind in ("p_bootstrap", "p_randomisation"):
        plain = sorted(getattr(one.final, kind) for one in found.differences)
        adjusted = sorted(getattr(one.final, f"{kind}_holm") for one in found.differences)
        assert adjusted == pytest.approx([2 * plain[0], max(2 * plain[0], plain[1])])
    assert "by approximate randomisation, corrected for 2 tests)" in findings(found)[0]
    assert found.differences[0].effect and alone.effect
    assert found.differences[0].effect.detectable > alone.effect.detectable


def test_what_the_dialogues_can_show_is_said_and_what_it_would_take() -> None:
    one, two = mixed(20), [*mixed(11, 20), *mixed(11, 20)]
    found = compared(system("a", one), system("b", two))
    [difference] = found.differences
    assert difference.effect is not None
    size, shown = detectable(found, difference)
    assert size == f"effect size of final (Cohen's d_z): {difference.effect.d_z:+.2f}"
    assert shown.startswith(
        "detectable: with 40 dialogues and this spread, a true difference of"
        f" {difference.effect.detectable:.2f} points is found about 3 times in 4, a smaller one"
        f" less often; one of {difference.final.delta:.2f} takes about "
    )
    same = compared(system("a", one), system("b", one))
    assert list(detectable(same, same.differences[0])) == []


def test_the_json_and_the_frame_hold_the_effect_and_the_corrected_p_values() -> None:
    found = compared(
        *(system(name, mixed(right)) for name, right in zip("abc", (30, 24, 9), strict=True))
    )
    [b, _] = found.as_json()["differences"]
    effect = found.differences[0].effect
    assert effect is not None and b["effect"] == effect._asdict()
    assert b["by_metric"]["final"]["p_bootstrap_holm"] is not None
    assert b["significant"] == found.differences[0].significant
    frame = found.to_pandas()
    assert frame.loc[1, "detectable"] == effect.detectable
    assert frame.loc[1, "p-value (Holm)"] == found.differences[0].final.p_bootstrap_holm


# sentences
