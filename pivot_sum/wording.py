"""How messages name things: a few of many names, a number with its noun, the name that was
probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

SHOWN: Final = 5
"""How many of many names a message holds."""
CLOSE_ENOUGH: Final = 0.7
"""How alike two names have to be (`difflib`'s ratio) for one to be offered for the other, where
more than one letter differs."""


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are: `a, b, c, d, e and 2 more`."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def counted(names: Sequence[str]) -> str:
    """How many names there are, and the first of them: `7 (a, b, c, d, e and 2 more)`."""
    return f"{len(names):,} ({some(names)})"


def number(count: int, one: str, many: str | None = None) -> str:
    """`1 tie`, `2 ties`; `many` where the plural is no `s`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, None where none is like it."""
    one_letter = 1 - 1 / max(len(name), 2)
    cutoff = min(CLOSE_ENOUGH, one_letter)
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)`, to stand behind an unknown name; empty where no known one is like
    it."""
    near = nearest(name, known)
    return "" if near is None else f" (did you mean {near!r}?)"
