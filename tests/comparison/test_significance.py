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

from pivot_sum.comparison.significance import Interval, corrected, estimates, holm, paired

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


# clusters


SIX = [3.0, -1.0, 4.0, 2.5, 0.5, 2.0]
THREE_CLUSTERS = [0, 0, 0, 1, 1, 2]


def clusters_of_six() -> list[list[float]]:
    return [SIX[:3], SIX[3:5], SIX[5:]]


def test_the_cluster_bootstrap_agrees_with_all_27_draws_of_three_clusters() -> None:
    found = paired(SIX, MANY, clusters=THREE_CLUSTERS)
    means = [
        fmean(value for cluster in drawn for value in cluster)
        for drawn in product(clusters_of_six(), repeat=3)
    ]
    observed = fmean(SIX)
    assert found.delta == pytest.approx(observed)
    assert found.p_bootstrap == pytest.approx(
        share_as_far([mean - observed for mean in means], observed), abs=NEAR
    )
    # one draw in 27 is three times the worst cluster, which is more than one in 40
    assert (found.low, found.high) == pytest.approx((min(means), max(means)))


def test_both_systems_are_swapped_in_whole_clusters() -> None:
    swapped = [
        sum(sign * sum(values) for sign, values in zip(signs, clusters_of_six(), strict=True)) / 6
        for signs in product((1, -1), repeat=3)
    ]
    found = paired(SIX, MANY, clusters=THREE_CLUSTERS)
    assert found.p_randomisation == pytest.approx(share_as_far(swapped, fmean(SIX)), abs=NEAR)


@settings(max_examples=30, deadline=None)
@given(differences)
def test_with_one_dialogue_a_cluster_every_number_is_that_without_clusters(
    values: list[float],
) -> None:
    alone = range(len(values))
    assert paired(values, 100, clusters=alone) == paired(values, 100)
    assert estimates([values, values[::-1]], 100, clusters=alone) == estimates(
        [values, values[::-1]], 100
    )


def test_three_copies_of_every_dialogue_tell_no_more_than_one() -> None:
    values = list(np.random.default_rng(3).normal(1, 5, 40))
    copies = [value for value in values for _ in range(3)]
    numbers = [place for place in range(40) for _ in range(3)]
    one, clustered, naive = paired(values), paired(copies, clusters=numbers), paired(copies)
    assert clustered[:5] == pytest.approx(one[:5])
    assert naive.high - naive.low < 0.7 * (one.high - one.low)


def test_dialogues_of_one_cluster_look_like_a_difference_unless_clusters_are_drawn() -> None:
    draw = np.random.default_rng(11)
    numbers = [place for place in range(30) for _ in range(5)]
    made = [draw.normal(0, 5, 30).repeat(5) + draw.normal(0, 3, 150) for _ in range(150)]
    single = fmean(paired(list(values), 200).p_bootstrap < 0.05 for values in made)
    clustered = fmean(
        paired(list(values), 200, clusters=numbers).p_bootstrap < 0.05 for values in made
    )
    assert single > 0.2 and clustered < 0.1


# several tests


def test_holm_multiplies_the_smallest_most_and_never_turns_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.03]) == [0.03] and holm([]) == []


def test_a_test_that_stands_alone_is_not_corrected_and_of_several_the_corrected_p_decides() -> None:
    one, other = Interval(1.0, 0.1, 2.0, 0.03, 0.02), Interval(1.0, 0.1, 2.0, 0.04, 0.04)
    assert corrected([one]) == [one] and one.significant
    both = corrected([one, other])
    assert [found.p_bootstrap_holm for found in both] == [0.06, 0.06]
    assert [found.p_randomisation_holm for found in both] == [0.04, 0.04]
    assert [found.p_bootstrap for found in both] == [0.03, 0.04]
    assert not any(found.significant for found in both)


def test_with_four_tests_one_in_twenty_families_has_a_significant_one() -> None:
    draw = np.random.default_rng(9)
    plain, several = 0, 0
    for seed in range(150):
        first = draw.normal(0, 5, 50)
        family = [paired(list(draw.normal(0, 5, 50) - first), 200, seed) for _ in range(4)]
        plain += any(found.significant for found in family)
        several += any(found.significant for found in corrected(family))
    assert plain / 150 > 0.08 and several / 150 < 0.08
