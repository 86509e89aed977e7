"""The sentences a comparison is put into."""

from __future__ import annotations

from dataclasses import replace

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

from pivot_sum.comparison.compare import compare
from pivot_sum.comparison.differences import differences
from pivot_sum.comparison.findings import findings
from pivot_sum.comparison.significance import Interval
from pivot_sum.scoring import load_metrics


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
