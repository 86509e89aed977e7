"""Both tests of a difference, against every resample and every swap counted out by hand on small
examples."""

from __future__ import annotations

import math
from itertools import product
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_sum.comparison.significance import Interval, paired

FIVE = [3.0, -1.0, 4.0, 2.5, 0.5]
MANY = 20_000
NEAR = 0.01
"""How far so many draws may be from the exact share: more than three standard errors."""

differences = st.lists(
    st.floats(-100, 100).map(lambda value: round(value, 6)), min_size=1, max_size=12
)


def every_resample(values: list[float]) -> list[float]:
    return [fmean(drawn) for drawn in product(values, repeat=len(values))]


def every_swap(values: list[float]) -> list[float]:
    return [
        fmean(sign * value for sign, value in zip(signs, values, strict=True))
        for signs in product((1, -1), repeat=len(values))
    ]


def share_as_far(means: list[float], observed: float) -> float:
    return fmean(abs(mean) >= abs(observed) - 1e-9 for mean in means)


def test_the_bootstrap_agrees_with_all_3125_resamples_of_five() -> None:
    found = paired(FIVE, MANY)
    means = every_resample(FIVE)
    assert found.delta == pytest.approx(1.8)
    assert found.p_bootstrap == pytest.approx(
        share_as_far([mean - 1.8 for mean in means], 1.8), abs=NEAR
    )
    low, high = np.quantile(means, (0.025, 0.975))
    assert found.low == pytest.approx(low, abs=0.1) and found.high == pytest.approx(high, abs=0.1)


@pytest.mark.parametrize(
    "values",
    [
        FIVE,
        [2.0, 2.0, 2.0, 2.0, -2.0, 2.0],
        [5.0, -4.0, 0.0, 0.0, 1.0, 3.0, 2.0, -1.0, 0.5, 0.5],
        [1.0] * 8,
    ],
)
def test_approximate_randomisation_agrees_with_all_ways_to_swap(values: list[float]) -> None:
    exact = share_as_far(every_swap(values), fmean(values))
    assert paired(values, MANY).p_randomisation == pytest.approx(exact, abs=NEAR)


def test_all_eight_dialogues_won_by_one_point_are_two_of_256_swaps() -> None:
    found = paired([1.0] * 8, MANY)
    assert found.p_randomisation == pytest.approx(2 / 256, abs=0.002)
    assert (found.low, found.high) == (1.0, 1.0)


def test_no_difference_has_no_width_and_is_surely_chance() -> None:
    assert paired([0.0] * 20) == Interval(0.0, 0.0, 0.0, 1.0, 1.0)
    assert not paired([0.0] * 20).significant


def test_a_p_value_is_never_zero() -> None:
    found = paired([10.0 + number for number in range(50)], 1_000)
    assert found.p_bootstrap == found.p_randomisation == 1 / 1_001
    assert found.significant


def test_one_dialogue_never_decides() -> None:
    assert not paired([30.0]).significant


def test_both_tests_have_to_reject_chance_and_the_interval_too() -> None:
    assert Interval(1.0, 0.1, 2.0, 0.01, 0.02).significant
    assert not Interval(1.0, 0.1, 2.0, 0.01, 0.2).significant
    assert not Interval(1.0, 0.1, 2.0, 0.2, 0.01).significant
    assert not Interval(1.0, -0.1, 2.0, 0.01, 0.01).significant


def test_a_test_without_dialogues_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one dialogue"):
        paired([])


def test_the_seed_decides_and_another_changes_little() -> None:
    values = list(np.random.default_rng(7).normal(1, 5, 100))
    assert paired(values, seed=1) == paired(values, seed=1)
    one, two = paired(values, 5_000, seed=1), paired(values, 5_000, seed=2)
    assert one != two
    assert one == pytest.approx(two, abs=0.05)


@settings(max_examples=50, deadline=None)
@given(differences)
def test_the_other_way_round_only_the_signs_change(values: list[float]) -> None:
    found, turned = paired(values, 200), paired([-value for value in values], 200)
    assert turned.delta == -found.delta
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    assert (turned.p_bootstrap, turned.p_randomisation) == (
        found.p_bootstrap,
        found.p_randomisation,
    )


@settings(max_examples=50, deadline=None)
@given(differences)
def test_every_figure_is_possible(values: list[float]) -> None:
    found = paired(values, 200)
    assert found.delta == pytest.approx(math.fsum(values) / len(values))
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert 0 < found.p_bootstrap <= 1 and 0 < found.p_randomisation <= 1


def test_where_there_is_no_difference_about_one_in_twenty_looks_like_one() -> None:
    draw = np.random.default_rng(5)
    found = [paired(list(draw.normal(0, 5, 60)), 200, seed) for seed in range(400)]
    for p_values in ([one.p_bootstrap for one in found], [one.p_randomisation for one in found]):
        assert 0.02 <= fmean(p < 0.05 for p in p_values) <= 0.08
    assert fmean(one.low <= 0 <= one.high for one in found) >= 0.92
