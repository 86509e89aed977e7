"""Lines through a few points: figures counted by hand, and values of tables."""

from __future__ import annotations

import random
from math import sqrt

import pytest

from pivot_sum.prediction.regression import Line, Regression, student_t


@pytest.mark.parametrize(
    ("freedom", "at_80", "at_95"),
    [
        (1, 3.078, 12.706),
        (2, 1.886, 4.303),
        (3, 1.638, 3.182),
        (4, 1.533, 2.776),
        (5, 1.476, 2.571),
        (10, 1.372, 2.228),
        (30, 1.310, 2.042),
    ],
)
def test_students_t_is_that_of_the_tables(freedom: int, at_80: float, at_95: float) -> None:
    assert student_t(0.8, freedom) == pytest.approx(at_80, abs=5e-4)
    assert student_t(0.95, freedom) == pytest.approx(at_95, abs=5e-4)


@pytest.mark.parametrize(("level", "freedom"), [(0, 3), (1, 3), (0.95, 0)])
def test_students_t_refuses_what_it_is_not_made_for(level: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="Student's t"):
        student_t(level, freedom)


def test_the_slope_is_shrunken_to_the_share_that_is_not_one_point() -> None:
    line = Line((0, 1, 2, 3), (0, 10, 20, 30))
    assert line.slope == pytest.approx(7.5)
    assert line.at(1.5) == pytest.approx(15)  # the mean stays where it is
    assert line.at(3) == pytest.approx(26.25)


def test_the_error_of_a_line_is_that_of_points_it_was_not_drawn_from() -> None:
    # (0, 0) by (1, 3) and (2, 3): 3; (1, 3) by the others, whose slope of 1.5 is halved: 1.5;
    # (2, 3) by the others, whose slope of 3 is halved: 1.5 + 1.5 * 1.5.
    assert Line((0, 1, 2), (0, 3, 3)).error == pytest.approx((3 + 1.5 + 0.75) / 3)


def test_points_at_one_place_say_nothing_but_their_mean() -> None:
    line = Line((5, 5, 5, 5), (1, 2, 3, 4))
    assert line.at(5) == line.at(9) == 2.5


YS = (0.0, 3.0, 3.0, 8.0)


def test_each_system_is_predicted_from_the_others() -> None:
    found = Regression({"x": (0, 1, 2, 3)}, YS)
    lines = [Line((1, 2, 3), YS[1:]), Line((0, 2, 3), (0, 3, 8))]
    first, second, *_ = found.left_out
    # Without the first: mean 14/3, slope 2/3 of 2.5, drawn on from 2 to 0.
    assert first.expected == pytest.approx(14 / 3 - 2 * 5 / 3) == pytest.approx(lines[0].at(0))
    assert (first.mean, second.mean) == pytest.approx((14 / 3, 11 / 3))
    assert second.expected == pytest.approx(lines[1].at(1))
    assert first.widening == pytest.approx(1 + 1 / 3 + 2**2 / 2)
    errors = [y - out.expected for y, out in zip(YS, found.left_out, strict=True)]
    assert found.error == pytest.approx(sum(map(abs, errors)) / 4)
    assert found.error_of_mean == pytest.approx((14 / 3 + 2 / 3 + 2 / 3 + 6) / 4)


def test_the_interval_is_made_of_the_errors_on_systems_left_out() -> None:
    found = Regression({"x": (0, 1, 2, 3)}, YS)
    squares = [
        (y - out.expected) ** 2 / out.widening for y, out in zip(YS, found.left_out, strict=True)
    ]
    variance = sum(squares) / 4 * (1 + 1 / 4 + 0.5**2 / 5)
    low, high = found.interval({"x": 2}, 0.95)
    assert high - low == pytest.approx(2 * 4.303 * sqrt(variance), rel=1e-3)
    assert (high + low) / 2 == pytest.approx(found.at({"x": 2}))
    widths = [high - low for low, high in (found.interval({"x": x}, 0.8) for x in (1.5, 3, 10))]
    assert widths[0] < widths[1] < widths[2]


def test_the_measure_that_predicts_best_is_chosen_and_of_equals_the_first() -> None:
    ys = (0.0, 1.0, 2.0, 3.0, 4.0)
    noise, right = (3.0, 1.0, 2.0, 3.0, 1.0), (0.0, 1.1, 1.9, 3.0, 4.0)
    assert Regression({"noise": noise, "right": right}, ys).by == "right"
    assert Regression({"one": right, "other": right}, ys).by == "one"
    assert {out.by for out in Regression({"noise": noise, "right": right}, ys).left_out} == {
        "right"
    }


def test_a_choice_among_noise_is_not_flattered_by_what_it_was_chosen_on() -> None:
    draw = random.Random(3)
    flattered = honest = mean = 0.0
    for _ in range(60):
        columns = {str(name): tuple(draw.gauss(0, 1) for _ in range(7)) for name in range(6)}
        found = Regression(columns, tuple(draw.gauss(0, 1) for _ in range(7)))
        flattered += found.line(found.by).error
        honest += found.error
        mean += found.error_of_mean
    assert flattered < 0.9 * mean and honest > mean


def test_of_lines_with_noise_about_as_many_systems_are_in_the_interval_as_it_says() -> None:
    draw = random.Random(1)
    inside = 0
    for _ in range(200):
        xs = tuple(draw.uniform(0, 10) for _ in range(9))
        ys = tuple(x + draw.gauss(0, 2) for x in xs)
        low, high = Regression({"x": xs[:8]}, ys[:8]).interval({"x": xs[8]}, 0.8)
        inside += low <= ys[8] <= high
    assert 0.72 <= inside / 200 <= 0.9


def test_one_point_makes_no_line() -> None:
    with pytest.raises(ValueError, match="two points"):
        Line((1,), (1,))
