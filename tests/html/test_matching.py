"""What two texts have in common: as difflib finds it, and in bounded work where difflib would take
hours."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from pivot_sum.html.marks import Mark, difference, similarity
from pivot_sum.html.matching import MOST_WORK, _Matcher, compared

WORDS = st.lists(st.sampled_from("abcdef"), max_size=30)
LONG = 50_000
NOTE = Markup("In part.")


@given(WORDS, WORDS)
def test_the_changes_make_the_second_of_the_first(old: list[str], new: list[str]) -> None:
    found = compared(old, new)
    made: list[str] = []
    for kind, start, end, first, last in found.changes:
        assert (kind == "equal") == (old[start:end] == new[first:last])
        made += old[start:end] if kind == "equal" else new[first:last]
    assert made == new and found.whole


def test_texts_are_as_alike_as_difflib_says() -> None:
    old, new = list("the cat sat on a mat"), list("a cat sat down on the mat")
    assert compared(old, new).ratio == SequenceMatcher(None, old, new).ratio()
    assert compared([], []).ratio == 1 and compared(old, []).ratio == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["#"] * LONG, ["x", *["#"] * (LONG - 5), "y"]),
        (["a", "b"] * LONG, ["b", "a", "a"] * LONG),
        ([f"{place}" for place in range(LONG)], [f"{place // 2 * 2}" for place in range(LONG)]),
        ([f"{place * 7 % LONG}" for place in range(LONG)], [f"{place}" for place in range(LONG)]),
    ],
)
def test_long_texts_take_bounded_work_and_are_known_to_be_compared_in_part(
    old: list[str], new: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    matchers: list[_Matcher] = []
    made = _Matcher.__init__

    def noted(self: _Matcher, *texts: list[str]) -> None:
        made(self, *texts)
        matchers.append(self)

    monkeypatch.setattr(_Matcher, "__init__", noted)
    found = compared(old, new)
    assert not found.whole and 0 <= matchers[0]._left <= MOST_WORK
    assert sum(end - start for _, start, end, *_ in found.changes) == len(old)


def test_what_both_begin_and_end_with_costs_nothing() -> None:
    old = ["#"] * LONG
    found = compared(old, [*old[:9], "new", *old])
    assert found.whole and found.ratio > 0.99


def test_a_comparison_in_part_is_said_and_loses_no_text() -> None:
    before, after = "# x " * 20_000, "y # " * 20_000
    shown = difference(before, after, [Mark(0, 1, "name")], coarse=NOTE)
    assert shown.startswith("<small>In part.</small> ")
    assert shown.count("#") == 40_000 and "In part" not in difference("a b", "b a", coarse=NOTE)
    assert 0 <= similarity(before, after) <= 1
