"""A comparison computed from texts counted by hand, and the sentences it is put into."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from commandline import recorded_step, run_record

from pivot_sum.comparison.compare import Comparison, compare
from pivot_sum.comparison.differences import Difference, differences
from pivot_sum.comparison.findings import detectable, findings
from pivot_sum.comparison.significance import Interval
from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import Sample
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.record import RunRecord, parse_record
from pivot_sum.scoring import load_metrics

REFERENCE = "민수는 밥을 먹는다 오늘"
THREE_OF_FOUR = "민수는 밥을 먹는다 내일"  # R1 3/4, R2 2/3, RL 3/4
CLOSE = 100 * (3 / 4 + 2 / 3 + 3 / 4) / 3
DIALOGUE = "#Person1#: 안녕하세요?\n#Person2#: 네, 반갑습니다. 무엇을 도와드릴까요?"


def samples(
    number: int, dialogue: str = DIALOGUE, references: tuple[str, ...] = (REFERENCE,)
) -> list[Sample]:
    return [Sample(f"s{place:02d}", dialogue, references, None, None) for place in range(number)]


def system(label: str, texts: Sequence[str], record: RunRecord | None = None) -> System:
    return System(label, {f"s{place:02d}": text for place, text in enumerate(texts)}, record=record)


def compared(*systems: System, among: Sequence[Sample] | None = None, **options: Any) -> Comparison:
    among = samples(len(systems[0].texts)) if among is None else among
    return compare(
        systems, among, load_metrics(tokenizer="eojeol"), **{"resamples": 200, **options}
    )


def uncorrected(difference: Difference) -> dict[str, Interval]:
    """Its tests, each as if it were the only one."""
    return {
        part: found._replace(p_bootstrap_holm=None, p_randomisation_holm=None)
        for part, found in difference.by_metric.items()
    }


def mixed(right: int, of: int = 40) -> list[str]:
    return [REFERENCE] * right + [THREE_OF_FOUR] * (of - right)


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
    assert size == f"effect size (Cohen's d_z): {difference.effect.d_z:+.2f}"
    assert shown.startswith(
        "detectable: with 40 dialogues and this spread, a true difference of"
        f" {difference.effect.detectable:.2f} points is found 4 times in 5, a smaller one less"
        f" often; one of {difference.final.delta:.2f} takes about "
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


def test_better_by_a_significant_difference_says_who_by_how_much_and_how_sure() -> None:
    [answer, *_] = findings(compared(system("direct", mixed(40)), system("pivot", mixed(20))))
    assert answer.startswith(
        f"pivot is {(100 - CLOSE) / 2:.2f} points below direct (final, 95 % CI -"
    )
    assert "p = 0.005 by paired bootstrap, 0.005 by approximate randomisation" in answer
    assert answer.endswith("The difference is significant at the 5 % level.")


def test_a_difference_that_is_not_significant_is_called_so() -> None:
    one, two = mixed(20), [*mixed(11, 20), *mixed(11, 20)]
    [answer, *_] = findings(compared(system("direct", one), system("pivot", two)))
    assert (
        answer.startswith("pivot is ")
        and " above direct" in answer
        and answer.endswith("The difference is not significant at the 5 % level.")
    )


def test_the_same_texts_score_the_same() -> None:
    found = compared(system("a", mixed(20)), system("b", mixed(20)))
    assert findings(found)[0] == "b and a score the same in every dialogue."


def test_as_many_wins_as_losses_of_one_size_are_level() -> None:
    [answer, *_] = findings(compared(system("a", mixed(20)), system("b", mixed(20)[::-1])))
    assert answer.startswith("b is level with a (final, 95 % CI ")


def test_above_the_strongest_baseline_is_said_in_one_sentence_for_all() -> None:
    [_, sentence] = findings(compared(system("a", mixed(40)), system("b", mixed(20))))
    assert sentence.startswith(
        "Significantly above the strongest baseline, constant (0.00), at the 5 % level: a by 100.00"
        " (95 % CI "
    )
    assert ", b by " in sentence


def test_a_system_that_does_not_beat_a_baseline_is_named_with_both_scores() -> None:
    among = samples(40, f"#Person1#: 네.\n#Person2#: {REFERENCE}")
    found = compared(system("a", mixed(40)), system("b", ["전혀 다른 말이다"] * 40), among=among)
    said = findings(found)
    assert said[1].startswith("b (0.00) does not beat the baselines constant (0.00), ")
    assert "lead-3 (" in said[1] and "longest turn (" in said[1]
    assert (
        said[2].startswith("Significantly above the strongest baseline, longest turn (")
        and "b by" not in said[2]
    )


def test_above_a_baseline_not_significantly_is_said() -> None:
    among = samples(40, f"#Person1#: {THREE_OF_FOUR}")
    lead = f"#Person1#: {THREE_OF_FOUR}"
    found = compared(system("a", [REFERENCE, *[lead] * 39]), system("b", mixed(40)), among=among)
    assert any(
        line.startswith("a is ") and line.endswith("which is not significant at the 5 % level.")
        for line in findings(found)
    )


def test_a_baseline_ahead_only_with_raw_placeholders_is_named() -> None:
    reference = "#Person1#은 #Person2#를 만난다"
    systems = [system("a", ["#Person1#은 만난다"] * 40), system("b", [reference] * 40)]
    found = compare(
        systems, samples(40, references=(reference,)), load_metrics(tokenizer="syllable"), 200
    )
    assert (
        found.rows[2].scores["raw"].final > 90
    )  # the constant: of its 20 characters 18 are placeholders
    said = [line for line in findings(found) if "does not beat" in line]
    assert said == ["With placeholders raw, a (69.72) does not beat constant (90.32)."]


def test_few_dialogues_are_cautioned_against() -> None:
    said = findings(compared(*(system(name, mixed(1, 2)) for name in "ab")))
    assert "Only 2 dialogues: so few cannot show a difference, whatever the scores." in said


def test_five_dialogues_never_show_a_difference_and_six_may() -> None:
    for number, sure in ((5, False), (6, True)):
        found = compared(system("a", mixed(number, number)), system("b", mixed(0, number)))
        sure_of = replace(
            found.differences[0], by_metric={"final": Interval(-27.0, -27.0, -27.0, 0.001, 0.03)}
        )
        assert (
            "The difference is significant at the 5 % level."
            in findings(replace(found, differences=(sure_of,)))[0]
        ) == sure


def test_a_single_summary_in_another_script_is_named() -> None:
    said = findings(
        compared(system("a", [*mixed(39, 39), "They have lunch today."]), system("b", mixed(40)))
    )
    assert "a has 1 summary in another script than the references." in said


def test_a_baseline_that_cannot_be_scored_is_left_out_and_that_is_said() -> None:
    among = samples(
        3,
        "#Person1#: Hello, how are you today?\n#Person1#: 네, 저는 잘 지내고 있어요. 무엇을"
        " 도와드릴까요?",
    )
    found = compared(system("a", mixed(3, 3)), system("b", mixed(3, 3)), among=among)
    assert "lead-1" not in [row.label for row in found.rows] and list(found.refused) == ["lead-1"]
    assert any(line.startswith("The baseline lead-1 is left out: ") for line in findings(found))


def test_the_way_placeholders_are_counted_may_turn_the_answer_and_that_is_said() -> None:
    found = compared(system("a", mixed(20)), system("b", mixed(30)))
    turned = replace(found.differences[0], others={"raw": Interval(-2.0, -3.0, -1.0, 0.01, 0.01)})
    answer = findings(replace(found, differences=(turned,)))[0]
    assert answer.endswith(
        "With placeholders raw it is 2.00 points below (95 % CI -3.00 to -1.00)."
    )


def test_a_difference_can_be_had_of_any_two_rows() -> None:
    found = compared(system("a", mixed(20)), system("b", mixed(30)))
    [over] = differences([found.rows[1]], found.rows[2], 200)
    assert over.against == "constant"
    assert over.final == uncorrected(found.over_baseline[1])["final"]
    assert over.final.p_bootstrap_holm is None
