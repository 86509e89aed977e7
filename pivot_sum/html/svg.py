"""Drawings as SVG that sits in the page: its colours and fonts are the page's own, in light and in
dark, and its words too.

Drawn by matplotlib with stand-in colours, each of which becomes a CSS variable afterwards. The same
values give the same bytes: a fixed salt for the ids, no date.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from markupsafe import Markup, escape

from pivot_sum.html.i18n import Interface

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK: Final = "#000001"
LINE: Final = "#000002"
SURFACE: Final = "#000003"
STRONG: Final = "#000004"
REFERENCE: Final = 6
"""The number of the colour that stands for the references."""
SYSTEMS: Final = ("#000011", "#000012", "#000013", "#000014", "#000015", "#000016")
PARTS: Final = ("#000021", "#000022", "#000023", "#000024", "#000025", "#000026")
_VARIABLES: Final = {
    INK: "--muted",
    LINE: "--line",
    SURFACE: "--surface",
    STRONG: "--ink",
    **{colour: f"--s{number}" for number, colour in enumerate(SYSTEMS, 1)},
    **{colour: f"--part{number}" for number, colour in enumerate(PARTS, 1)},
}
WIDTH: Final = 5.0
"""Inches; an SVG unit is a point, so a plot is 360 units wide: about a phone, where its text must
be readable."""

_STYLE: Final[dict[str, Any]] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 10.5,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "grid.color": LINE,
    "hatch.linewidth": 1.2,
}


class Caption(NamedTuple):
    """What a plot is called (a key of the interface), and the key and values of what it shows, for
    those who do not see it."""

    title: str
    shows: str
    values: tuple[object, ...] = ()


def draw_svg(
    interface: Interface,
    name: str,
    caption: Caption,
    draw: Callable[[Sequence[Axes]], None],
    *,
    height: float,
    rows: int = 1,
    words: Sequence[str] = (),
) -> Markup:
    """What `draw` draws on `rows` axes, one below the other, as SVG. `name` begins all its ids,
    `height` is in inches, `words` are keys of the interface that occur in it as texts."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # A salt for each plot: ids of two plots in one page must differ.
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
        draw(list(axes))
        written = io.StringIO()
        figure.savefig(
            written,
            format="svg",
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    title = interface.element("title", caption.title)
    shows = interface.element("desc", caption.shows, *caption.values)
    return Markup(_in_page(written.getvalue(), name, title + shows, interface, words))


def _in_page(svg: str, name: str, about: Markup, interface: Interface, words: Sequence[str]) -> str:
    """matplotlib's file as a part of our page: no size, colours or fonts of its own, ids that occur
    once, our words."""
    svg = svg[svg.index("<svg") :]
    # A run of spaces is tried from its first alone, here and below: from each, time is quadratic.
    svg = re.sub(
        r"(?<! ) *<style.*?</style>\n?", "", svg, flags=re.DOTALL
    )  # it would style the whole page
    view = re.search(r'viewBox="[^"]*"', svg)
    assert view
    svg = re.sub(r"#0000[0-9a-f]{2}", lambda match: f"var({_VARIABLES[match.group()]})", svg)
    svg = re.sub(r"font-family: [^;\"]*;? ?|font: (?P<size>[0-9.]+px) [^;\"]*", _own_font, svg)
    svg = re.sub(r'\bid="([^"]*)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)(?!d[0-9])', rf"\1{name}-", svg)
    svg = svg.replace("xlink:href", "href").replace(' target="_blank"', ' tabindex="-1"')
    for word in words:
        english = str(escape(interface.english(word)))
        svg = re.sub(
            rf"(<text\b)([^>]*>{re.escape(english)}</text>)", rf'\1 data-t="{word}"\2', svg
        )
    body = re.sub(r"(?<!\s)\s*\n\s*", "\n", svg[svg.index(">") + 1 :])
    return f'<svg role="img" {view.group()}>{about}{body}'


def _own_font(match: re.Match[str]) -> str:
    return f"font-size: {match['size']}" if match["size"] else ""
