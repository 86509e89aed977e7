"""Which texts can be written and read again."""

from __future__ import annotations

import re

_NO_CHARACTER = re.compile("[\ud800-\udfff]")


def unwritable(text: str) -> str:
    r"""What a text holds that files of texts cannot carry: half a character, as JSON's `\ud800` can
    be, which UTF-8 has no bytes for, or a NUL, by which everybody knows a file that is no text.
    Empty where it holds neither."""
    if half := _NO_CHARACTER.search(text):
        return f"half a character ({half.group()!r})"
    return "a NUL character ('\\0')" if "\0" in text else ""
