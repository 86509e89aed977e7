"""What happens where a mask has no sentinel left for one of a text's placeholders."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pivot_sum.stages.answer import CUT
from pivot_sum.stages.placeholders.ladder import through_ladder
from pivot_sum.stages.placeholders.masks import mask_from_name
from pivot_sum.stages.text.placeholders import count

LIMITS = {"word": 99, "name": 16, "xml": 99, "bracket": 99, "underscore": 99, "number": 99}
"""How many distinct placeholders each mask has sentinels for."""


def holding(number: int) -> str:
    """A text with so many distinct placeholders."""
    return ", ".join(f"#Person{n}#" for n in range(1, number + 1)) + " 인사"


@pytest.mark.parametrize("name", LIMITS)
def test_a_text_with_more_placeholders_than_sentinels_cannot_be_masked(name: str) -> None:
    mask = mask_from_name(name)
    masked = mask.mask(holding(LIMITS[name]))
    assert masked is not None and count(masked).total() == 0
    assert mask.mask(holding(LIMITS[name] + 1)) is None


@pytest.mark.parametrize("name", ["name", "xml", "bracket", "underscore", "number"])
def test_a_text_that_holds_every_sentinel_cannot_be_masked(name: str) -> None:
    mask = mask_from_name(name)
    every = mask.mask(holding(LIMITS[name]))
    assert mask.mask(f"#Person1# {every}") is None
    fewer = mask.mask(holding(LIMITS[name] - 1))
    masked = mask.mask(f"#Person1# {fewer}")
    assert masked is not None and mask.unmask(masked, f"#Person1# {fewer}") == f"#Person1# {fewer}"


def test_a_word_that_stands_in_the_text_with_every_number_cannot_be_a_sentinel() -> None:
    mask = mask_from_name("word")
    words = " ".join(f"Person{number}" for number in range(1, 99))
    assert mask.mask(f"#Person1# {words}") == f"Person99 {words}"
    assert mask.mask(f"#Person1# {words} Person99") is None


def test_a_text_is_searched_once_for_each_sentinel_however_many_placeholders_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[str] = []
    as_ever = re.search

    def noted(pattern: str, *others: Any) -> re.Match[str] | None:
        searched.append(pattern)
        return as_ever(pattern, *others)

    taken = " ".join(f"{number:,}" for number in range(7_301, 7_340))
    monkeypatch.setattr(re, "search", noted)
    assert mask_from_name("number").mask(f"{holding(60)} {taken}") is not None
    assert len(searched) == len(set(searched)) == 99


def test_a_rung_that_cannot_be_used_is_passed_over() -> None:
    text = holding(17)
    calls: list[list[str]] = []

    def translate(texts: list[str]) -> list[str]:
        calls.append(texts)
        return [one.upper() for one in texts]

    (result,) = through_ladder([text], translate, ["name"])  # type: ignore[arg-type]  # a list is given
    assert (result.rung, count(result.text)) == (CUT, count(text))
    assert len(calls) == 1  # nothing was asked under the mask


@pytest.mark.parametrize("name", ["word", "name", "xml", "bracket", "underscore", "number"])
def test_each_placeholder_gets_the_first_sentinel_that_is_free(name: str) -> None:
    mask = mask_from_name(name)
    first = mask.mask("#Person1#")
    assert first is not None
    taken = mask.mask(f"#Person1# {first}")
    assert taken is not None and taken.endswith(f" {first}") and not taken.startswith(first)
    assert mask.mask("#Person1# 가 #Person1#") == f"{first} 가 {first}"
    assert mask.mask(f"#Person1# {first.upper()}") == taken.replace(
        f" {first}", f" {first.upper()}"
    )
