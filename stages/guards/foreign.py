"""Whether words of an answer are in a writing system that its language does not use for them.

Korean is written with Latin names, abbreviations, units and signs, English with an occasional
foreign word in quotation marks. So a word counts by what it is and by what stands beside it: one
that only looks unusual counts in a run of several, an ordinary word that was left as it is counts
alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from pivot_sum.stages.guards.lexicon import is_ordinary
from pivot_sum.stages.guards.tokens import without_tokens
from pivot_sum.stages.text.scripts import HANGUL, LATIN, main_script

_RUN = 2
"""So many words in a row that may each be right are no longer names or signs."""
_ABBREVIATION = 3
"""Letters. A longer word in capitals may be an ordinary word in capitals."""
_SHORT = 5
"""Letters. A longer word in small letters is hardly a sign, a unit or a term (`kg`, `wifi`)."""
_MOST_QUOTED = 3

_WORD = re.compile(
    rf"(?P<ko>[{HANGUL}]+)|(?P<en>[{LATIN}](?:[{LATIN}0-9]|['’/&-](?=[{LATIN}0-9]))*)"
    rf"|(?P<other>[^\W\d_{HANGUL}{LATIN}]+)|(?P<digits>[0-9]+[{LATIN}]*)"
)
_QUOTED = re.compile(r"[\"'‘“«「『《(（\[][^\"'’”»」』》)）\]]{1,40}[\"'’”»」』》)）\]]")


_NAME = re.compile(rf"(?<=[\w,;'’)&-] )[A-Z][{LATIN}'’-]*|\b[A-Z][{LATIN}'’-]*(?= (?!I\b)[A-Z])")
"""A word with a capital that does not begin a sentence, or stands before another (`New York`)."""


class _Is(Enum):
    AT_HOME = 0  # in the language's own script, or a number
    A_NAME = 1  # or an abbreviation, a sign, a code: right in any script
    UNUSUAL = 2  # may be right where it stands alone
    LEFT = 3  # an ordinary word that was not translated


class _Known(NamedTuple):
    """What a source says about words that come back as they are."""

    kept: frozenset[str]  # may stay: not in the source's own script, or in the same language
    names: frozenset[str]  # have a capital within a sentence


@lru_cache(maxsize=1024)
def in_wrong_script(source: str, output: str, target: str) -> bool:
    """Whether words are left in another script than the target language's, beyond names,
    abbreviations, units, addresses, words in quotation marks or brackets, and beyond what the
    source itself holds as foreign."""
    if target == "en" and output.isascii():
        return False
    known = _known(source, target)
    run: list[_Is] = []
    for kind in (*_judged(_unquoted(without_tokens(output), target), known, target), _Is.AT_HOME):
        if kind is not _Is.AT_HOME:
            run.append(kind)
            continue
        if _untranslated(run):
            return True
        run = []
    return False


def _untranslated(run: list[_Is]) -> bool:
    # `The Lord of the Rings`: what stands between the words of a name belongs to it.
    if run and run[0] is run[-1] is _Is.A_NAME and 2 * run.count(_Is.A_NAME) >= len(run):
        return False
    return _Is.LEFT in run or run.count(_Is.UNUSUAL) >= _RUN


def _judged(text: str, known: _Known, target: str) -> Iterator[_Is]:
    for match in _WORD.finditer(text):
        script, word = match.lastgroup, match.group()
        if script in (target, "digits"):
            yield _Is.AT_HOME
        elif word.casefold() in known.kept:
            yield _Is.A_NAME
        elif script == "en":
            yield _latin(word, known)
        else:
            yield _Is.A_NAME if script == "other" and _is_sign(word) else _Is.LEFT


def _latin(word: str, known: _Known) -> _Is:
    """What a Latin word in a Korean text is."""
    if len(word) == 1 or re.search(r"[0-9/&]|\b[A-Za-z]-|[a-z][A-Z]", word):
        return _Is.A_NAME
    ordinary = all(map(is_ordinary, word.split("-")))
    if word.casefold() in known.names:
        return _Is.A_NAME
    if ordinary and not (word.isupper() and len(word) <= _ABBREVIATION):
        return _Is.LEFT
    if not word.islower():
        return _Is.A_NAME
    return _Is.UNUSUAL if len(word) <= _SHORT or "-" in word else _Is.LEFT


def _is_sign(word: str) -> bool:
    """Whether it is a single letter of an alphabet (α, Ω): a sign in any language."""
    return len(word) == 1 and unicodedata.category(word) in ("Lu", "Ll")


def _known(source: str, target: str) -> _Known:
    own = main_script(source)
    words = [(match.lastgroup, match.group()) for match in _WORD.finditer(source)]
    kept = {word.casefold() for script, word in words if own == target or (own and script != own)}
    names = {match.casefold() for match in _NAME.findall(source)}
    return _Known(frozenset(kept), frozenset(names))


def _unquoted(text: str, target: str) -> str:
    """The text without foreign words in quotation marks or brackets, a few at most: these are
    mentioned, not used."""

    def kept(match: re.Match[str]) -> str:
        words = [found.lastgroup for found in _WORD.finditer(match.group())]
        mentioned = words and target not in words and len(words) <= _MOST_QUOTED
        return " " if mentioned else match.group()

    shorter = _QUOTED.sub(kept, text)
    # Where nothing else is left, the answer is what stands in quotation marks.
    return shorter if any(map(str.isalpha, shorter)) else text
