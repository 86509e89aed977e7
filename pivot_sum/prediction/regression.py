"""A straight line through a few systems, by the measure that predicts best what it has not seen,
and how far that is off."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True)
class Line:
    """A least-squares line through points, its slope shrunken to (n - 1) / n of what it would be:
    ridge regression (Hoerl and Kennard 1970) on the standardised measure with penalty 1, so that
    few points are held near their mean. Where all points have one place, it is flat.

    Raises ValueError for fewer than two points.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.xs) < 2 or len(self.xs) != len(self.ys):
            raise ValueError("a line takes two points or more, each with x and y")

    @cached_property
    def _mean_x(self) -> float:
        return math.fsum(self.xs) / len(self.xs)

    @cached_property
    def _spread(self) -> float:
        return math.fsum((x - self._mean_x) ** 2 for x in self.xs)

    @cached_property
    def mean(self) -> float:
        """The mean of the points' y."""
        return math.fsum(self.ys) / len(self.ys)

    @cached_property
    def slope(self) -> float:
        """What y gains where x is 1 more."""
        if not self._spread:
            return 0.0
        pairs = zip(self.xs, self.ys, strict=True)
        together = math.fsum((x - self._mean_x) * (y - self.mean) for x, y in pairs)
        return (len(self.xs) - 1) / len(self.xs) * together / self._spread

    def at(self, x: float) -> float:
        """The y to expect."""
        return self.mean + self.slope * (x - self._mean_x)

    def widening(self, x: float) -> float:
        """The variance of the error of a prediction at `x`, as a multiple of that of a point."""
        away = (x - self._mean_x) ** 2 / self._spread if self._spread else 0.0
        return 1 + 1 / len(self.xs) + away

    @cached_property
    def error(self) -> float:
        """The mean absolute error of the points, each predicted from the others. Raises ValueError
        for fewer than three points."""
        errors = []
        for place, (x, y) in enumerate(zip(self.xs, self.ys, strict=True)):
            others = Line(_without(self.xs, place), _without(self.ys, place))
            errors.append(y - others.at(x))
        return mean_absolute(errors)


class LeftOut(NamedTuple):
    """One system, predicted from the others."""

    by: str
    """The measure that they choose."""
    expected: float
    mean: float
    """Their mean, the prediction of who looks at no measure."""
    widening: float


@dataclass(frozen=True)
class Regression:
    """The line by the measure with the smallest error on points left out; of equals, the first.
    Takes four systems or more, all with the same measures."""

    measures: Mapping[str, tuple[float, ...]]
    """By name, one value a system."""
    ys: tuple[float, ...]

    @cached_property
    def by(self) -> str:
        """The measure that predicts."""
        return min(self.measures, key=lambda name: round(self.line(name).error, 9))

    def line(self, name: str) -> Line:
        """The line by one of the measures."""
        return Line(self.measures[name], self.ys)

    @cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Each system predicted from the others, which choose their measure without it too: or the
        choice would flatter the error."""
        found = []
        for place in range(len(self.ys)):
            others = Regression(
                {name: _without(xs, place) for name, xs in self.measures.items()},
                _without(self.ys, place),
            )
            x, line = self.measures[others.by][place], others.line(others.by)
            found.append(LeftOut(others.by, line.at(x), line.mean, line.widening(x)))
        return tuple(found)

    @property
    def error(self) -> float:
        """The mean absolute error on systems left out."""
        pairs = zip(self.ys, self.left_out, strict=True)
        return mean_absolute([y - out.expected for y, out in pairs])

    @property
    def error_of_mean(self) -> float:
        """The same where always the mean of the others is expected."""
        pairs = zip(self.ys, self.left_out, strict=True)
        return mean_absolute([y - out.mean for y, out in pairs])

    def at(self, x: Mapping[str, float]) -> float:
        """The y to expect of a system with these measures."""
        return self.line(self.by).at(x[self.by])

    def interval(self, x: Mapping[str, float], level: float) -> tuple[float, float]:
        """Between what y lies with probability `level` (0 to 1).

        The error of each system left out is divided by what theory adds to it because it was not
        seen (Allen 1974, The relationship between variable selection and data augmentation and a
        method for prediction: PRESS); on the mean square of these, Student's t with n - 2 degrees
        of freedom, wider the farther the measure is from the systems' mean.
        """
        squares = [
            (y - out.expected) ** 2 / out.widening
            for y, out in zip(self.ys, self.left_out, strict=True)
        ]
        variance = math.fsum(squares) / len(squares) * self.line(self.by).widening(x[self.by])
        margin = student_t(level, len(self.ys) - 2) * math.sqrt(variance)
        return self.at(x) - margin, self.at(x) + margin


def _without(values: tuple[float, ...], place: int) -> tuple[float, ...]:
    return values[:place] + values[place + 1 :]


def mean_absolute(errors: Sequence[float]) -> float:
    """The mean absolute error."""
    return math.fsum(map(abs, errors)) / len(errors)


def student_t(level: float, freedom: int) -> float:
    """Between minus and plus what Student's t lies with probability `level`, with so many degrees
    of freedom (1 or more): Abramowitz and Stegun 1964, Handbook of mathematical functions, 26.7.3
    and 26.7.4, inverted by bisection. Raises ValueError for other values."""
    if not 0 < level < 1 or freedom < 1:
        raise ValueError(f"Student's t: no level {level} with {freedom} degrees of freedom")
    low, high = 0.0, math.pi / 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def _within(angle: float, freedom: int) -> float:
    """The probability between minus and plus sqrt(freedom) * tan(angle)."""
    odd = freedom % 2
    total, term = 0.0, math.cos(angle) if odd else 1.0
    for power in range(2 + odd, freedom + 1, 2):
        total += term
        term *= math.cos(angle) ** 2 * (power - 1) / power
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total
