"""What a margin is made of: examples worked out by hand, with one cue that weighs 1 at a time."""

from __future__ import annotations

from math import log

import pytest

from pivot_sum.stages.ledgers import roles
from pivot_sum.stages.ledgers.roles import margin, swapped_speakers

DIALOGUE = """#Person1#: Where is the museum?
#Person2#: The museum is closed.
#Person1#: Is the hotel near?"""
MUSEUM, HOTEL = log(1 + 3 / 2), log(1 + 3 / 1)
"""How rare the words are: in two and in one of three sentences."""

NOTHING: dict[str, dict[str, tuple[float, float]]] = {kind: {} for kind in roles.WEIGHTS}
"""Weights by which no cue counts."""

Weigh = tuple[str, str, tuple[float, float]]
"""A kind of clause, a sign of sentences, and what it weighs near the clause and in the whole."""


def weighed(monkeypatch: pytest.MonkeyPatch, weight: Weigh, summary: str) -> float:
    """The margin with the one weight."""
    kind, sign, weights = weight
    monkeypatch.setattr(roles, "WEIGHTS", NOTHING | {kind: {sign: weights}})
    return margin(DIALOGUE, summary, "en")


NEAR, WHOLE = (1, 0), (0, 1)
FINDS = "#Person1# finds the museum."


@pytest.mark.parametrize(
    ("weight", "summary", "expected"),
    [
        # Near the clause, sentences count by the square of what they have in common with it.
        (("every", "question", NEAR), FINDS, MUSEUM / (MUSEUM + 2)),
        (("every", "question", NEAR), FINDS.replace("1", "2"), -MUSEUM / (MUSEUM + 2)),
        (("every", "any", NEAR), FINDS, 0),
        (("every", "statement", NEAR), FINDS, -MUSEUM / (MUSEUM + 2)),
        (
            ("every", "question", NEAR),
            "#Person1# finds the museum near the hotel.",
            (MUSEUM**2 + (2 * HOTEL) ** 2) ** 0.5 / ((MUSEUM**2 + (2 * HOTEL) ** 2) ** 0.5 + 2),
        ),
        (("every", "question", NEAR), "#Person1# laughs.", 0),
        # In the whole, two of two questions are a share of 2 / (2 + 0 + 1).
        (("every", "question", WHOLE), FINDS, 2 / 3),
        (("every", "any", WHOLE), FINDS, (2 - 1) / (2 + 1 + 1)),
        (("every", "statement", WHOLE), FINDS, -1 / 2),
        (("every", "want", WHOLE), FINDS, 0),
        (("every", "question", (0, 0.3)), FINDS, 0.3 * 2 / 3),
        # Clauses add up, to no more than 2 in either direction.
        (("every", "question", WHOLE), " ".join([FINDS] * 2), 4 / 3),
        (("every", "question", WHOLE), " ".join([FINDS] * 4), 2),
        (("every", "question", WHOLE), " ".join([FINDS.replace("1", "2")] * 4), -2),
        # Each act makes the kinds of clause that it is.
        (("state", "question", WHOLE), FINDS, 2 / 3),
        (("ask", "question", WHOLE), FINDS, 0),
        (("ask", "question", WHOLE), "#Person1# asks where it is.", 2 / 3),
        (("seek", "question", WHOLE), "#Person1# wants it.", 2 / 3),
        (("own", "question", WHOLE), "#Person1#'s museum is closed.", 2 / 3),
        (("every", "question", WHOLE), "#Person1# agrees.", 0),
    ],
)
def test_a_cue_is_how_much_more_of_its_sentences_are_the_subjects(
    monkeypatch: pytest.MonkeyPatch, weight: Weigh, summary: str, expected: float
) -> None:
    assert weighed(monkeypatch, weight, summary) == pytest.approx(expected)


NAMED = "#Person1#: Hello.\n#Person2#: This is Mary Ann."


@pytest.mark.parametrize(
    ("summary", "times"),
    [
        ("Mary greets #Person1#.", 1),
        ("Mary greets #Person2#.", -1),
        ("Mary Ann greets #Person1#.", 1),  # two names that say the same count once
        ("Mary Ann greets #Person2#.", -1),
        ("Mary greets #Person1# and #Person2#.", 0),
        ("Mary greets.", 0),
        ("Somebody greets #Person1#.", 0),
    ],
)
def test_a_name_beside_the_other_ones_placeholder_weighs_once(
    monkeypatch: pytest.MonkeyPatch, summary: str, times: int
) -> None:
    monkeypatch.setattr(roles, "WEIGHTS", NOTHING)
    assert margin(NAMED, summary, "en") == pytest.approx(times * roles.NAME)


def test_the_one_called_by_name_may_be_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "WEIGHTS", NOTHING)
    for named, other in (("#Person1#", "#Person2#"), ("#Person2#", "#Person1#")):
        dialogue = f"{named}: This is Mary.\n{other}: Hello."
        assert margin(dialogue, f"Mary greets {other}.", "en") == pytest.approx(roles.NAME)


def test_the_threshold_is_met_from_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "WEIGHTS", NOTHING)
    monkeypatch.setattr(roles, "CERTAIN", roles.NAME)
    assert swapped_speakers(NAMED, "Mary greets #Person2#.", "en")
    monkeypatch.setattr(roles, "CERTAIN", roles.NAME + 0.01)
    assert not swapped_speakers(NAMED, "Mary greets #Person2#.", "en")


def test_as_many_pairs_as_are_allowed_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    weight = ("every", "question", WHOLE)
    monkeypatch.setattr(roles, "MOST_PAIRS", 6)
    assert weighed(monkeypatch, weight, " ".join([FINDS] * 2)) == pytest.approx(4 / 3)
    assert weighed(monkeypatch, weight, " ".join([FINDS] * 3)) == 0


def test_the_language_of_a_margin_is_one_that_roles_are_read_in() -> None:
    with pytest.raises(ValueError, match=r"^roles are read in ko and en, not in 'fr'$"):
        margin(DIALOGUE, FINDS, "fr")
