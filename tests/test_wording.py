"""How messages name things."""

import pytest

from pivot_sum.wording import counted, did_you_mean, nearest, number, some


def test_of_many_names_five_are_shown_and_the_others_counted() -> None:
    assert some(["a", "b"]) == "a, b"
    assert some([*"abcde"]) == "a, b, c, d, e"
    assert some([*"abcdefg"]) == "a, b, c, d, e and 2 more"
    assert some([str(at) for at in range(2_000)]).endswith("4 and 1,995 more")


def test_names_are_counted() -> None:
    assert counted(["a", "b"]) == "2 (a, b)"
    assert counted([str(at) for at in range(1_006)]) == "1,006 (0, 1, 2, 3, 4 and 1,001 more)"


def test_a_number_agrees_with_its_noun() -> None:
    assert [number(count, "tie") for count in (0, 1, 2_000)] == ["0 ties", "1 tie", "2,000 ties"]
    assert number(2, "loss", "losses") == "2 losses"


@pytest.mark.parametrize(
    ("name", "near"),
    [("sumarize", "summarize"), ("zzz", None), ("", None), ("leans", "clean"), ("arise", None)],
)
def test_a_known_name_is_offered_only_where_it_is_like_the_unknown_one(
    name: str, near: str | None
) -> None:
    known = ["clean", "summarize"]
    assert nearest(name, known) == near
    assert did_you_mean(name, known) == (f" (did you mean {near!r}?)" if near else "")


def test_in_a_short_name_one_letter_may_differ() -> None:
    assert nearest("kr", ["ko", "en"]) == "ko"
    assert nearest("x", ["ko", "en"]) is None
    assert nearest("test.csv", ["train.csv", "notes.txt"]) is None
