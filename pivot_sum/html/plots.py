"""The kinds of plots: histograms, scatter, bars, shares.

Text that users wrote never goes into a plot; systems appear by their letters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from statistics import quantiles
from typing import TYPE_CHECKING, Final, NamedTuple

from markupsafe import Markup, escape

from pivot_sum.html.i18n import Interface
from pivot_sum.html.svg import INK, PARTS, REFERENCE, STRONG, SURFACE, SYSTEMS, Caption, draw_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUND: Final = (1, 2, 5, 10)
"""Steps between the numbers of an axis, times a power of ten."""
MARKERS: Final = ("o", "s", "^", "D", "v", "P")


def quartiles(values: Sequence[float]) -> list[float]:
    """The three quartiles; of a single value, that value."""
    return (
        quantiles(values, n=4, method="inclusive")
        if len(values) > 1
        else [float(value) for value in values] * 3
    )


def histograms(
    interface: Interface,
    name: str,
    caption: Caption,
    rows: Mapping[str, Sequence[float]],
    label: str,
    *,
    step: float | None = None,
) -> Markup:
    """One histogram above the other on one scale, each with its mean as a line. `rows` by letter;
    `step`: how wide a bar is."""
    from matplotlib.ticker import MaxNLocator

    edges = _edges([value for row in rows.values() for value in row], step)

    def draw(axes: Sequence[Axes]) -> None:
        for position, (axis, (letter, row)) in enumerate(zip(axes, rows.items(), strict=True)):
            colour = SYSTEMS[REFERENCE - 1 if letter == "R" else position % len(SYSTEMS)]
            axis.hist(row, bins=edges, color=colour, alpha=0.8, edgecolor=SURFACE, linewidth=0.7)
            mean = sum(row) / len(row) if row else 0
            axis.axvline(mean, color=STRONG, linewidth=1.3, linestyle="--")
            axis.set_ylabel(
                letter,
                rotation=0,
                ha="right",
                va="center",
                fontweight="bold",
                color=colour,
                fontsize=12,
                labelpad=8,
            )
            axis.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True, steps=ROUND))
        axes[-1].xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True, steps=ROUND))
        axes[-1].set_xlabel(interface.english(label))

    return draw_svg(
        interface,
        name,
        caption,
        draw,
        rows=len(rows),
        height=0.55 + 1.15 * len(rows),
        words=(label,),
    )


class Point(NamedTuple):
    """A dialogue in a scatter plot: its two scores, what it links to, and what it is called when
    the mouse is on it."""

    x: float
    y: float
    anchor: str
    name: str


_POINT = re.compile(r'<a href="#([^"]*)"[^>]*>')


def scatter(
    interface: Interface,
    name: str,
    caption: Caption,
    letters: tuple[str, str],
    points: Sequence[Point],
    rest: Sequence[tuple[float, float]],
    place: int,
) -> Markup:
    """Each dialogue's score under two systems, the second the `place`-th. Below the diagonal the
    second one is worse. `rest`: where there are dialogues that nothing links to."""

    colour = SYSTEMS[place % len(SYSTEMS)]
    ends = [*((point.x, point.y) for point in points), *rest]
    edges = _edges([value for pair in ends for value in pair], 10)
    low, high = edges[0], edges[-1]

    def draw(axes: Sequence[Axes]) -> None:
        (axis,) = axes
        axis.plot([low, high], [low, high], color=INK, linewidth=1, linestyle="--", zorder=1)
        if rest:
            places = ([x for x, _ in rest], [y for _, y in rest])
            axis.scatter(*places, s=6, color=INK, alpha=0.35, linewidths=0)
        drawn = axis.scatter(
            [point.x for point in points],
            [point.y for point in points],
            s=30,
            color=colour,
            marker=MARKERS[place % len(MARKERS)],
            alpha=0.6,
            linewidths=0,
            zorder=2,
        )
        drawn.set_urls([f"#{point.anchor}" for point in points])
        axis.set_xlim(low - 1, high + 1)
        axis.set_ylim(low - 1, high + 1)
        axis.set_xticks(edges)
        axis.set_yticks(edges)
        axis.set_aspect("equal")
        axis.set_xlabel(letters[0], fontweight="bold", color=SYSTEMS[0], fontsize=12)
        axis.set_ylabel(
            letters[1], fontweight="bold", color=colour, fontsize=12, rotation=0, labelpad=8
        )
        axis.grid(linewidth=0.6)
        axis.set_axisbelow(True)

    names = {point.anchor: escape(point.name) for point in points}
    drawn = draw_svg(interface, name, caption, draw, height=4.4)
    return Markup(_POINT.sub(lambda match: f"{match[0]}<title>{names[match[1]]}</title>", drawn))


class Curve(NamedTuple):
    """A line through (x, y), and the number of its colour (1 to 6)."""

    points: Sequence[tuple[float, float]]
    colour: int


def curves(
    interface: Interface,
    name: str,
    caption: Caption,
    lines: Sequence[Curve],
    label: str,
    *,
    mark: float | None = None,
) -> Markup:
    """Lines on one scale, with `mark` as a vertical line."""
    from matplotlib.ticker import MaxNLocator

    def draw(axes: Sequence[Axes]) -> None:
        (axis,) = axes
        for points, colour in lines:
            axis.plot(
                [x for x, _ in points],
                [y for _, y in points],
                color=SYSTEMS[colour - 1],
                linewidth=1.6,
                marker=MARKERS[colour - 1] if len(points) < 40 else None,
                markersize=3.5,
            )
        if mark is not None:
            axis.axvline(mark, color=STRONG, linewidth=1, linestyle="--")
        axis.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=ROUND))
        axis.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axis.set_xlabel(interface.english(label))
        axis.grid(linewidth=0.6)
        axis.set_axisbelow(True)

    return draw_svg(interface, name, caption, draw, height=2.8, words=(label,))


def bars(
    interface: Interface,
    name: str,
    caption: Caption,
    rows: Sequence[tuple[str, float, float, float]],
    label: str,
    *,
    place: int,
    scale: tuple[float, float],
) -> Markup:
    """Horizontal bars (text, value, low, high) in the colour of the `place`-th system, each with
    its value and interval.

    `scale`: least and most that any plot beside it shows, so that their bars can be compared.
    """

    from matplotlib.ticker import MaxNLocator

    def draw(axes: Sequence[Axes]) -> None:
        (axis,) = axes
        colour = SYSTEMS[place % len(SYSTEMS)]
        axis.barh(
            range(len(rows)),
            [value for _, value, _, _ in rows],
            color=colour,
            alpha=0.55,
            height=0.62,
        )
        for line, (_, value, low, high) in enumerate(rows):
            axis.plot(
                [low, high], [line, line], color=STRONG, linewidth=1.4, marker="|", markersize=7
            )
            axis.annotate(
                f"{value:.2f}",
                (max(value, high, 0), line),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
            )
        axis.axvline(0, color=INK, linewidth=0.8)
        axis.set_yticks(range(len(rows)), [text for text, *_ in rows])
        axis.tick_params(left=False)
        axis.spines["left"].set_visible(False)
        axis.invert_yaxis()
        axis.set_xlim(min(scale[0], 0), scale[1] + 0.2 * (scale[1] - min(scale[0], 0)))
        axis.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=ROUND))
        axis.set_xlabel(interface.english(label))

    return draw_svg(interface, name, caption, draw, height=0.75 + 0.36 * len(rows), words=(label,))


def shares(
    interface: Interface,
    name: str,
    caption: Caption,
    rows: Sequence[tuple[str, Mapping[str, int]]],
    parts: Mapping[str, int],
    label: str,
) -> Markup:
    """Bars of one length, cut into the shares of `parts`, each with the number of its colour (1 to
    6)."""

    def draw(axes: Sequence[Axes]) -> None:
        (axis,) = axes
        for place, (_, counts) in enumerate(rows):
            total, start = sum(counts.values()), 0.0
            for part, number in parts.items():
                if share := 100 * counts.get(part, 0) / total:
                    axis.barh(
                        place,
                        share,
                        left=start,
                        height=0.62,
                        facecolor=PARTS[number - 1],
                        edgecolor=SURFACE,
                        linewidth=1,
                    )
                start += share
        axis.set_yticks(range(len(rows)), [text for text, _ in rows])
        axis.tick_params(left=False)
        axis.spines["left"].set_visible(False)
        axis.invert_yaxis()
        axis.set_xlim(0, 100)
        axis.set_xlabel(interface.english(label))

    return draw_svg(interface, name, caption, draw, height=0.75 + 0.34 * len(rows), words=(label,))


def _edges(values: Sequence[float], step: float | None) -> list[float]:
    """Where bars begin and end: round numbers, twelve to twenty-five bars where no step is given,
    never less than one."""
    low, high = min(values, default=0), max(values, default=0)
    if step is None:
        wanted = max(high - low, 1) / 25
        power = 10 ** math.floor(math.log10(wanted))
        step = max(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted), 1)
    first, last = math.floor(low / step), math.floor(high / step) + 1
    middle = 0.5 if step == 1 else 0  # a bar for each whole number stands over it, not behind it
    return [number * step - middle for number in range(first, last + 1)]
