"""The demo world's grammar: what its authors promised, particles, and what is held out."""

from __future__ import annotations

import re
from collections import defaultdict
from random import Random

import pytest

from pivot_sum.demo.grammar import (
    GrammarError,
    Pair,
    Scenario,
    fields,
    fill,
    load,
    sentences,
    with_particle,
)

SCENARIOS = load()
PLACEHOLDER = re.compile(r"#\w+#")


def named(scenario: Scenario) -> str:
    return scenario.name


def patterns(scenario: Scenario) -> list[Pair]:
    return [pair for turn in scenario.turns for way in turn.ways for pair in way] + list(
        scenario.summary
    )


def sampled_sentences() -> list[tuple[str, Pair]]:
    """Every way of every turn many times over, with many slot values: the same check on filled
    texts as on patterns."""
    rng = Random(7)
    found = []
    for scenario in SCENARIOS:
        for _ in range(200 if scenario.slot_names else 3):
            dialogue = scenario.dialogue(scenario.draw(rng), rng)
            pairs = [pair for _, turn in dialogue.turns for pair in turn] + list(dialogue.summary)
            found += [(scenario.name, pair) for pair in pairs]
    return found


@pytest.mark.parametrize("side", [0, 1], ids=["korean", "english"])
@pytest.mark.parametrize("filled", [False, True], ids=["patterns", "filled"])
def test_one_sentence_has_exactly_one_translation_in_all_files(side: int, filled: bool) -> None:
    known: defaultdict[str, set[str]] = defaultdict(set)
    pairs = (
        sampled_sentences()
        if filled
        else [(s.name, pair) for s in SCENARIOS for pair in patterns(s)]
    )
    where: defaultdict[str, set[str]] = defaultdict(set)
    for name, pair in pairs:
        known[pair[side]].add(pair[1 - side])
        where[pair[side]].add(name)
    twice = {
        text: (sorted(others), sorted(where[text]))
        for text, others in known.items()
        if len(others) > 1
    }
    assert not twice


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
def test_slots_and_placeholders_are_the_same_in_both_languages(scenario: Scenario) -> None:
    for turn in scenario.turns:
        for way in turn.ways:
            korean, english = ("".join(pair[side] for pair in way) for side in (0, 1))
            assert sorted(set(fields(korean))) == sorted(set(fields(english))), korean
            assert sorted(PLACEHOLDER.findall(korean)) == sorted(PLACEHOLDER.findall(english)), (
                korean
            )
    for korean, english in scenario.summary:
        assert sorted(set(fields(korean))) == sorted(set(fields(english))), korean
        assert sorted(PLACEHOLDER.findall(korean)) == sorted(PLACEHOLDER.findall(english)), korean


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
def test_what_a_summary_names_is_always_said(scenario: Scenario) -> None:
    always = [turn for turn in scenario.turns if not turn.optional]
    speakers = {turn.speaker for turn in always}
    in_summary = {name for korean, _ in scenario.summary for name in fields(korean)}
    in_summary |= {name for text in scenario.summaries for name in fields(text)}
    for name in in_summary:
        said = any(
            all(name in fields("".join(k for k, _ in way)) for way in turn.ways) for turn in always
        )
        assert name in speakers or said, name


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
def test_a_scenario_has_the_agreed_shape(scenario: Scenario) -> None:
    assert len(scenario.summaries) == len(set(scenario.summaries)) == 3
    assert all(len(turn.ways) >= 2 for turn in scenario.turns) or not scenario.slot_names
    assert any(fields(text) for text in scenario.summaries)
    assert not [
        text for pair in patterns(scenario) for text in pair if "#Person" in text or "…" in text
    ]
    assert not [
        text for text in scenario.summaries if re.search(r"\{[A-D]\}[은는이가을를과와] ", text)
    ]


def test_a_slot_value_has_one_translation_articles_aside() -> None:
    values = {
        (korean, re.sub(r"^(a|an|the) ", "", english))
        for scenario in SCENARIOS
        for kind in scenario.slots.values()
        for korean, english in kind
    }
    assert (
        len({korean for korean, _ in values})
        == len(values)
        == len({english for _, english in values})
    )


def test_a_held_out_combination_is_never_drawn_for_training() -> None:
    rng = Random(3)
    for scenario in SCENARIOS:
        drawn = {scenario.draw(rng) for _ in range(300)}
        assert not any(scenario.held_out(combination) for combination in drawn)
        if scenario.slot_names:
            assert scenario.held_out(scenario.draw(rng, held_out=True))


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        ("#Person1#", "은", "#Person1#은"),
        ("#Person2#", "은", "#Person2#는"),
        ("#Person3#", "이", "#Person3#이"),
        ("#Person4#", "과", "#Person4#와"),
        ("#Person1#", "으로", "#Person1#로"),
        ("#Person3#", "으로", "#Person3#으로"),
        ("서울역", "으로", "서울역으로"),
        ("사무실", "으로", "사무실로"),
        ("카페", "을", "카페를"),
        ("김밥", "이나", "김밥이나"),
        ("커피", "이라", "커피라"),
        ("민수 씨", "이에요", "민수 씨예요"),
        ("TV", "을", "TV를"),
        ("12", "은", "12는"),
        ("10", "은", "10은"),
    ],
)
def test_a_particle_takes_the_form_its_word_asks_for(
    word: str, particle: str, expected: str
) -> None:
    assert with_particle(word, particle) == expected


def test_an_unknown_particle_is_refused_with_the_known_ones() -> None:
    with pytest.raises(GrammarError, match="이에요"):
        with_particle("카페", "에서")


def test_english_is_put_right_at_the_seams() -> None:
    assert fill("See you at {time}.", {"time": "9 a.m."}) == "See you at 9 a.m."
    assert fill("{place} is fine...", {"place": "the park"}) == "The park is fine..."


def test_sentences_that_do_not_match_are_refused() -> None:
    assert sentences("네. 9시예요.", "Yes. It is 9 a.m. sharp.") == (
        ("네.", "Yes."),
        ("9시예요.", "It is 9 a.m. sharp."),
    )
    with pytest.raises(GrammarError, match="2 sentences against 1"):
        sentences("네. 9시예요.", "Yes, it is 9 a.m. sharp.")
