"""Which values a text holds."""

from __future__ import annotations

import re
from functools import lru_cache

from pivot_sum.stages.ledgers.values import Value, joined, one_a_place
from pivot_sum.stages.ledgers.values_english import read_english
from pivot_sum.stages.ledgers.values_korean import read_korean
from pivot_sum.stages.text.placeholders import PLACEHOLDER

_NOT_READ = re.compile(
    rf"{PLACEHOLDER.pattern}|https?://[!-~]+|www\.[!-~]+|[\w.+-]{{1,64}}@[\w.-]{{1,64}}"
)
"""Digits in these are no values."""


@lru_cache(maxsize=4096)
def read_values(text: str, language: str) -> tuple[Value, ...]:
    """The values of a Korean (`ko`) or English (`en`) text, in order. What could be something else
    than a value is left out. Raises ValueError for another language."""
    if language not in _READERS:
        raise ValueError(f"values are read in {' and '.join(_READERS)}, not in {language!r}")
    bare = _NOT_READ.sub(lambda match: " " * len(match.group()), text)
    return tuple(joined(one_a_place(_READERS[language](bare), len(bare)), bare))


_READERS = {"ko": read_korean, "en": read_english}
LANGUAGES = tuple(_READERS)
"""The languages values are read in."""
