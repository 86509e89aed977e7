"""A small version of benchmarks/ladder.py: many kinds of utterances, every bad translator, not one
placeholder lost."""

from __future__ import annotations

import random
import re

import pytest
from bad_translators import DAMAGES, SENTINEL, translators, utterances
from ladder import ALL_RUNGS, DEFAULT_RUNGS, measure

from pivot_sum.stages.answer import CUT, PLAIN
from pivot_sum.stages.placeholders.masks import mask_from_name
from pivot_sum.stages.text.placeholders import PLACEHOLDER, count, find

TEXTS = utterances(60, seed=7)
TRANSLATORS = dict(translators(seed=7))


@pytest.mark.parametrize("rungs", [DEFAULT_RUNGS, ALL_RUNGS], ids=["default masks", "all masks"])
@pytest.mark.parametrize("translator", TRANSLATORS)
def test_every_output_has_exactly_the_placeholders_of_its_input(
    translator: str, rungs: tuple[str, ...]
) -> None:
    outcome = measure(TEXTS, TRANSLATORS[translator], rungs)
    assert outcome.wrong == []
    assert outcome.rungs.total() == len(TEXTS)


def test_the_utterances_are_different_reproducible_and_hold_every_kind_of_place() -> None:
    assert utterances(60, seed=7) == TEXTS
    assert len(set(TEXTS)) == 60
    assert all(find(text) for text in TEXTS)
    every = "\n".join(utterances(1000, seed=7))
    assert {"#PhoneNumber#", "#Email#", "#SSN#", "#Person1#", "#Person10#"} <= count(every).keys()
    for place in (r"##", r"#은", r"\"#", r"^#", r"#$", r"(#Person\d+#) \1"):
        assert re.search(place, every, re.MULTILINE), place


@pytest.mark.parametrize("mask", ALL_RUNGS)
def test_the_bad_translators_see_every_sentinel_of_every_mask(mask: str) -> None:
    for text in TEXTS:
        masked = mask_from_name(mask).mask(text)
        if masked is not None:
            assert len(SENTINEL.findall(masked)) >= len(find(text))


def test_what_keeps_everything_needs_no_mask_and_what_drops_everything_is_cut() -> None:
    for translator, rung in (("keeps everything", "as-is"), ("drops, always", CUT)):
        served = measure(TEXTS, TRANSLATORS[translator], ALL_RUNGS).rungs
        # Placeholders with nothing beside them are not sent to a translator at all.
        assert (
            set(served) <= {rung, PLAIN}
            and served.total() == len(TEXTS)
            and served[rung] > served[PLAIN]
        )


def test_each_mask_serves_somebody() -> None:
    served = measure(
        utterances(200, seed=7), TRANSLATORS["all of these mixed, 30%"], ALL_RUNGS
    ).rungs
    assert set(served) - {PLAIN} == {*ALL_RUNGS, CUT}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_changes_a_placeholder(damage: str) -> None:
    for placeholder in find(TEXTS[0]):
        assert PLACEHOLDER.fullmatch(placeholder)
        assert DAMAGES[damage](placeholder, random.Random(1)) != placeholder
