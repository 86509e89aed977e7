"""From what is to be shown to one HTML file that needs nothing else: no server, no network, no
other file.

The page allows itself exactly one script, by its hash: were a text ever to come through unescaped,
it would still not run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pivot_sum import __version__
from pivot_sum.errors import PageUnwritable
from pivot_sum.files import write_whole
from pivot_sum.html.i18n import Interface
from pivot_sum.html.svg import Caption

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
_GENERATOR = b'<meta name="generator" content="pivot-sum'


@dataclass(frozen=True)
class Table:
    """A table with a heading for each row: `caption` is a key of the interface, all else is ready
    to be shown."""

    caption: str
    columns: Sequence[str | Markup]
    rows: Sequence[Sequence[str | Markup]]


@dataclass(frozen=True)
class Plot:
    """A plot with its caption, the key to its colours, and its values as a table."""

    svg: Markup
    caption: Caption
    note: str | None = None
    key: Sequence[tuple[str, str | Markup]] = ()
    table: Table | None = None
    system: Any = None
    """The system it is about (its `label` and `letter` are shown), where it is about one."""


def render(
    page: str, interface: Interface, name: str, sections: Sequence[tuple[str, str]], **content: Any
) -> str:
    """The HTML of a page (`report` or `eda`). `sections`: anchors and titles (keys of the
    interface) for the contents."""
    from jinja2.utils import htmlsafe_json_dumps

    script = Markup(_read("page.js") + (_read("report.js") if page == "report" else ""))
    style = Markup(_read("page.css") + _read(f"{page}.css"))
    return (
        _environment()
        .get_template(f"{page}.html")
        .render(
            page=page,
            name=name,
            sections=sections,
            t=interface,
            texts=lambda: htmlsafe_json_dumps(interface.table(), dumps=_dumps),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            style=style,
            version=__version__,
            **content,
        )
    )


def write(path: Path, html: str) -> None:
    """Write a page. An older page is replaced, because it can be made again; any other file is not.
    Raises PageUnwritable."""
    try:
        if path.exists() and not (path.is_file() and _is_page(path)):
            raise PageUnwritable(
                f"{path} exists and is no page of ours. Name another file with --out, or remove it."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, html)
    except OSError as error:
        raise PageUnwritable(
            f"{path} cannot be written: {error.strerror or error}. Name another file with --out."
        ) from error


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return _GENERATOR in file.read(2000)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _dumps(value: Any, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
