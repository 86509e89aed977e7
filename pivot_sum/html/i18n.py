"""The page's own words in English and Korean: written in English, and put into Korean by the page's
script."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from markupsafe import Markup, escape

_FILE = Path(__file__).parent / "i18n.json"

USED_BY_SCRIPT: Final = (
    "shown",
    "theme-dark",
    "theme-light",
    "page-title-report",
    "page-title-eda",
    "page-title-training",
    "page-title-tuning",
    "page-title-regimes",
)
"""Keys that only the script asks for."""


@lru_cache(maxsize=1)
def texts() -> dict[str, dict[str, str]]:
    """Every text by key and language (`en`, `ko`). `{0}`, `{1}` stand for values, `{0?turn|turns}`
    for the first word where value 0 is 1, else for the second. The page's script fills them in the
    same way (`page.js`).
    """
    loaded: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return loaded


_GAP: Final = re.compile(r"\{(\d)(?:\?([^|}]*)\|([^}]*))?\}")


def filled(text: str, values: Sequence[object]) -> str:
    """A text of the interface with its values. In one go: braces in a value stay as they are."""

    def fill(match: re.Match[str]) -> str:
        place, one, several = match.groups()
        value = str(values[int(place)])
        if one is None:
            return value
        return one if value == "1" else several

    return _GAP.sub(fill, text)


class Interface:
    """Writes the words of one page and remembers which were used, so that the page carries only
    those in Korean."""

    def __init__(self) -> None:
        self._used = set(USED_BY_SCRIPT)

    def __call__(self, key: str, *values: object) -> Markup:
        """A text as an element the script can translate. Raises KeyError for an unknown key, on
        purpose: it is a bug."""
        return self.element("span", key, *values)

    def element(self, tag: str, key: str, *values: object) -> Markup:
        """The same in an element of another name (`title` and `desc` of an SVG)."""
        arguments = Markup(' data-v="{}"').format(
            json.dumps([str(value) for value in values], ensure_ascii=False)
        )
        return Markup('<{0} data-t="{1}"{2}>{3}</{0}>').format(
            Markup(tag), key, arguments if values else "", self.english(key, *values)
        )

    def attribute(self, name: str, key: str, *values: object) -> Markup:
        """`name="text"`, for what is read aloud or shown in an empty field."""
        translated = Markup('{}="{}" data-a="{}" data-t="{}"').format(
            name, self.english(key, *values), name, key
        )
        if not values:
            return translated
        return translated + Markup(' data-v="{}"').format(
            json.dumps([str(value) for value in values], ensure_ascii=False)
        )

    def word(self, group: str, word: str) -> Markup:
        """A word of an open list (flags, verdicts, rungs): translated where it is known, else as it
        is."""
        key = f"{group}:{word}"
        return self(key) if key in texts() else escape(word)

    def english(self, key: str, *values: object) -> str:
        """The English text alone."""
        text = texts()[key]["en"]
        self._used.add(key)
        return filled(text, values)

    def table(self) -> dict[str, dict[str, str]]:
        """The texts this page used. Ask last."""
        return {key: texts()[key] for key in sorted(self._used)}
