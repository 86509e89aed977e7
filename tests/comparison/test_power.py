"""The effect size and the smallest difference that can be shown, against formulas written anew and
a simulation."""

from __future__ import annotations

from statistics import fmean, stdev

import numpy as np
import pytest

from pivot_sum.comparison.power import effect
from pivot_sum.comparison.significance import paired

VALUES = [3.0, -1.0, 4.0, 2.5, 0.5, 2.0]
Z = 1.959964 + 0.841621


def test_d_z_and_the_detectable_difference_are_those_of_the_textbook() -> None:
    found = effect(VALUES)
    assert found is not None
    assert found.d_z == pytest.approx(fmean(VALUES) / stdev(VALUES))
    assert found.standard_error == pytest.approx(stdev(VALUES) / 6**0.5)
    assert found.detectable == pytest.approx(Z * found.standard_error, rel=1e-6)


def test_so_many_dialogues_as_are_needed_detect_what_was_observed() -> None:
    values = list(np.random.default_rng(2).normal(0.4, 5, 100))
    found = effect(values)
    assert found is not None and found.dialogues_needed is not None
    assert found.detectable * (100 / found.dialogues_needed) ** 0.5 == pytest.approx(
        abs(fmean(values)), rel=0.01
    )


def test_copies_of_a_dialogue_in_one_cluster_do_not_make_a_smaller_one_detectable() -> None:
    copies = [value for value in VALUES for _ in range(3)]
    one, three = effect(VALUES), effect(copies, [place for place in range(6) for _ in range(3)])
    naive = effect(copies)
    assert one and three and naive
    assert three.detectable == pytest.approx(one.detectable)
    assert three.dialogues_needed == pytest.approx(3 * (one.dialogues_needed or 0), abs=3)
    assert naive.detectable < one.detectable


def test_several_tests_at_once_need_a_larger_difference() -> None:
    alone, several = effect(VALUES), effect(VALUES, tests=4)
    assert alone and several and several.d_z == alone.d_z
    assert several.detectable == pytest.approx(
        (2.497705 + 0.841621) * alone.standard_error, rel=1e-6
    )


def test_without_spread_or_from_one_cluster_there_is_nothing_to_tell() -> None:
    assert effect([1.0] * 8) is None
    assert effect([2.0]) is None
    assert effect(VALUES, [0] * 6) is None
    level = effect([1.0, -1.0, 1.0, -1.0])
    assert level and level.dialogues_needed is None and level.d_z == 0


@pytest.mark.parametrize("size", [1, 4])
def test_the_detectable_difference_is_found_about_four_times_in_five(size: int) -> None:
    draw = np.random.default_rng(4)
    clusters = list(np.arange(60).repeat(size))
    found = []
    for seed in range(200):
        values = draw.normal(0, 3, 60).repeat(size) + draw.normal(0, 4, 60 * size)
        error = (3**2 / 60 + 4**2 / (60 * size)) ** 0.5
        shifted = list(values + Z * error)
        found.append(paired(shifted, 400, seed, clusters).p_bootstrap < 0.05)
    assert 0.7 <= fmean(found) <= 0.9
