"""What a notebook shows of our values: plain tables, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape


def heading(text: str, detail: str = "") -> Markup:
    """A line above tables."""
    return Markup("<p><b>{}</b> {}</p>").format(text, detail)


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    """A table; whole numbers with thousands separators, other numbers with two places."""
    head = Markup().join(Markup("<th>{}</th>").format(column) for column in columns)
    body = Markup().join(
        Markup("<tr>{}</tr>").format(
            Markup().join(Markup("<td>{}</td>").format(_cell(cell)) for cell in row)
        )
        for row in rows
    )
    return Markup(
        "<table><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
    ).format(caption, head, body)


def _cell(value: object) -> Markup:
    if isinstance(value, int):
        return escape(f"{value:,}")
    if isinstance(value, float):
        return escape(f"{value:.2f}")
    # Not <pre>: a long text has to wrap.
    return Markup("<br>").join(escape(line) for line in str(value).split("\n"))
