"""Sharing a gain out over feasible orders: counted by hand, and the properties that make it a fair
share."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.attribution.shapley import coalitions, feasible, feasible_orders, marginals, shares
from pivot_sum.comparison.significance import estimates

PIVOT = ("there", "short", "back")
AFTER = {"back": "short"}


def sets(**values: float) -> dict[frozenset[str], float]:
    """`there_short=2` is the value of both together; `none` that of nobody."""
    return {
        frozenset() if name == "none" else frozenset(name.split("_")): value
        for name, value in values.items()
    }


GLOVES = sets(
    none=0, left=0, right=0, other=0, left_right=1, right_other=1, left_other=0, left_right_other=1
)
"""Shapley's glove game: one right glove, two left ones, and only a pair is worth something."""


def test_without_constraints_the_shares_are_shapleys() -> None:
    orders = feasible_orders(("left", "right", "other"), {})
    assert len(orders) == 6
    assert shares(orders, GLOVES) == pytest.approx({"left": 1 / 6, "right": 4 / 6, "other": 1 / 6})


def test_on_the_pivot_three_of_six_orders_can_be_had() -> None:
    assert feasible_orders(PIVOT, AFTER) == [
        ("there", "short", "back"),
        ("short", "there", "back"),
        ("short", "back", "there"),
    ]
    impossible = [found for found in coalitions(PIVOT) if not feasible(found, AFTER)]
    assert impossible == [frozenset({"back"}), frozenset({"there", "back"})]


def test_the_shares_of_a_pivot_are_the_means_over_its_three_orders() -> None:
    value = sets(none=20, there=26, short=41, there_short=41, short_back=100, there_short_back=100)
    orders = feasible_orders(PIVOT, AFTER)
    assert [marginals(order, value) for order in orders] == [
        {"there": 6, "short": 15, "back": 59},
        {"short": 21, "there": 0, "back": 59},
        {"short": 21, "back": 59, "there": 0},
    ]
    assert shares(orders, value) == pytest.approx({"there": 2, "short": 19, "back": 59})


def test_a_single_player_gets_everything() -> None:
    assert shares(feasible_orders(("short",), {}), sets(none=20, short=100)) == {"short": 80}


points = st.floats(min_value=0, max_value=100)


@given(
    st.lists(points, min_size=8, max_size=8),
    st.sampled_from([{}, AFTER, {"short": "there", "back": "short"}]),
)
def test_the_shares_add_up_to_the_whole_gain(figures: list[float], after: dict[str, str]) -> None:
    value = dict(zip(coalitions(PIVOT), figures, strict=True))
    found = shares(feasible_orders(PIVOT, after), value)
    assert sum(found.values()) == pytest.approx(
        value[frozenset(PIVOT)] - value[frozenset()], abs=1e-9
    )


@given(st.lists(points, min_size=4, max_size=4))
def test_who_adds_nothing_gets_nothing(figures: list[float]) -> None:
    without = dict(zip(coalitions(("short", "back")), figures, strict=True))
    value = {coalition: without[coalition - {"there"}] for coalition in coalitions(PIVOT)}
    assert shares(feasible_orders(PIVOT, AFTER), value)["there"] == pytest.approx(0, abs=1e-9)


def test_the_order_the_players_are_named_in_does_not_matter() -> None:
    value = sets(none=1, there=3, short=8, there_short=13, short_back=21, there_short_back=34)
    found = [shares(feasible_orders(players, AFTER), value) for players in permutations(PIVOT)]
    assert all(other == pytest.approx(found[0]) for other in found)


def test_intervals_hold_the_mean_and_what_adds_up_in_rows_adds_up_in_every_resample() -> None:
    first = [float(row % 7) for row in range(50)]
    second = [float(row % 5) for row in range(50)]
    both = [a + b for a, b in zip(first, second, strict=True)]
    one, two, together, none = estimates([first, second, both, [3.0] * 50], 200, 1)
    assert one.low < one.mean < one.high
    assert together.mean == pytest.approx(one.mean + two.mean)
    assert none == (3, 3, 3)
    [doubled] = estimates([[2 * value for value in first]], 200, 1)
    assert doubled == pytest.approx([2 * one.mean, 2 * one.low, 2 * one.high])


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    column = [float(row) for row in range(30)]
    assert estimates([column], 100, 7) == estimates([column], 100, 7) != estimates([column], 100, 8)
