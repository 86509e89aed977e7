"""Masks: other ways to write placeholders while a model reads them.

A mask is a bijection on the text: `unmask` builds the same table from the source again, so no side
table travels. No sentinel occurs in the text already, none is the beginning of another, and a mask
that cannot be taken off again exactly is not put on (`mask` answers None, and that rung of the
ladder is skipped).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple, Protocol

from pivot_sum.stages.text.placeholders import PLACEHOLDER, find, repair_placeholders


class Mask(Protocol):
    """One way to write the placeholders of a text."""

    @property
    def name(self) -> str: ...

    def mask(self, text: str) -> str | None:
        """The text with every placeholder rewritten; None where this mask cannot be used."""
        ...

    def unmask(self, output: str, source: str) -> str | None:
        """The output with what is certainly a sentinel of the masked `source` turned back into its
        placeholder.

        Changed case and whitespace inside a sentinel are tolerated; nothing is guessed, so the
        caller has to compare the placeholders. None where `mask(source)` is None.
        """
        ...


class AsIs:
    """No mask: the placeholders stay, and damage that is certain to be such is repaired on the way
    back."""

    name = "as-is"

    def mask(self, text: str) -> str | None:
        return text

    def unmask(self, output: str, source: str) -> str | None:
        return repair_placeholders(output, find(source))[0]


class Sentinel(NamedTuple):
    """What stands for a placeholder while a model reads the text, and how it may come back (a
    pattern)."""

    text: str
    back: str


@dataclass(frozen=True)
class Sentinels:
    """A mask that gives each distinct placeholder, by first occurrence, the first sentinel that is
    free."""

    name: str
    candidates: Callable[[str, int], Iterable[Sentinel]]
    """The sentinels to try for a placeholder, best first, given it and the most digits any
    placeholder has."""
    begin: str
    """What every sentinel begins with: a pattern that takes no character."""

    def mask(self, text: str) -> str | None:
        masked = self._masked(text)
        return None if masked is None else masked[0]

    def unmask(self, output: str, source: str) -> str | None:
        masked = self._masked(source)
        return None if masked is None else self._restored(output, masked[1])

    def _masked(self, text: str) -> tuple[str, dict[str, Sentinel]] | None:
        """The masked text and its table; None where the mask could not be taken off again."""
        table = self._table(text)
        if table is None:
            return None
        masked = PLACEHOLDER.sub(lambda match: table[match.group()].text, text)
        return (masked, table) if self._restored(masked, table) == text else None

    def _restored(self, output: str, table: dict[str, Sentinel]) -> str:
        """An output with its sentinels turned back into the placeholders of the table."""
        if not table:  # nothing was masked
            return output
        placeholders = list(table)
        back = "|".join(f"({sentinel.back})" for sentinel in table.values())
        return re.sub(
            f"{self.begin}(?:{back})",  # most characters begin none, however many there are
            lambda match: placeholders[(match.lastindex or 1) - 1],
            output,
            flags=re.IGNORECASE,
        )

    def _table(self, text: str) -> dict[str, Sentinel] | None:
        """Each placeholder's sentinel; None where none is left for one of them."""
        placeholders = list(dict.fromkeys(find(text)))
        if len(placeholders) > _MOST:
            return None
        digits = max(
            (len(re.sub("[^0-9]", "", placeholder)) for placeholder in placeholders), default=0
        )
        rest = PLACEHOLDER.sub(" ", text).casefold()
        stands_in_rest = cache(partial(_stands_in, rest))  # most masks try the same for each
        table: dict[str, Sentinel] = {}
        for placeholder in placeholders:
            for candidate in self.candidates(placeholder, digits):
                if not _overlaps(candidate, table) and not stands_in_rest(candidate):
                    table[placeholder] = candidate
                    break
            else:
                return None
        return table


def _stands_in(rest: str, candidate: Sentinel) -> bool:
    """Whether a sentinel occurs in the text, in any form it may come back in."""
    return candidate.text.casefold() in rest or bool(re.search(candidate.back, rest, re.IGNORECASE))


def _overlaps(candidate: Sentinel, table: dict[str, Sentinel]) -> bool:
    """Whether a sentinel holds one given already, or is in one."""
    mine = candidate.text.casefold()
    return any(
        mine in other.text.casefold() or other.text.casefold() in mine for other in table.values()
    )


_NO_LATIN_BEFORE = "(?<![A-Za-z0-9#])"
_NO_LATIN_AFTER = "(?![A-Za-z0-9])"
_MOST = 99
"""More distinct placeholders than this in one text cannot be masked; the ladder then cuts."""

_RARE_NAMES = (
    ("Zelda", "젤다"),
    ("Quentin", "쿠엔틴|퀜틴"),
    ("Matilda", "마틸다"),
    ("Rufus", "루퍼스|루푸스"),
    ("Ingrid", "잉그리드"),
    ("Boris", "보리스"),
    ("Yolanda", "욜란다"),
    ("Igor", "이고르"),
    ("Ursula", "우르술라|어슐라"),
    ("Conrad", "콘래드|콘라드"),
    ("Odette", "오데트"),
    ("Dmitri", "드미트리"),
    ("Beatrix", "베아트릭스"),
    ("Gideon", "기드온"),
    ("Tabitha", "타비사|타비타"),
    ("Fergus", "퍼거스"),
)
"""First names every translator knows and few dialogues hold, with how they are written in
Korean.
"""


def _words(placeholder: str, digits: int) -> Iterator[Sentinel]:
    """The placeholder's own word: `Person1`. Numbers are padded to one width, so that 1 does not
    begin 10."""
    parts = re.fullmatch("#([A-Za-z]+)([0-9]*)#", placeholder)
    assert parts is not None  # `find` gives nothing else
    word, number = parts.groups()
    if number:
        yield _numbered_word(word, number.zfill(digits))
    # without a number `phone number` may be meant as such: only the exact form is certain
    else:
        yield Sentinel(word, f"(?-i:{_NO_LATIN_BEFORE}{word}{_NO_LATIN_AFTER})")
    for other in range(1, _MOST + 1):
        yield _numbered_word(word, f"{other:0{max(digits, 1)}d}")


def _numbered_word(word: str, number: str) -> Sentinel:
    return Sentinel(word + number, rf"{_NO_LATIN_BEFORE}{word}\s?{number}{_NO_LATIN_AFTER}")


def _names(placeholder: str, digits: int) -> Iterator[Sentinel]:
    for latin, hangul in _RARE_NAMES:
        yield Sentinel(latin, f"{_NO_LATIN_BEFORE}{latin}{_NO_LATIN_AFTER}|{hangul}")


def _xml(placeholder: str, digits: int) -> Iterator[Sentinel]:
    for n in range(1, _MOST + 1):
        yield Sentinel(f'<x id="{n}"/>', rf'<\s*x\s+id\s*=\s*"?\s*{n}\s*"?\s*/?\s*>')


def _brackets(placeholder: str, digits: int) -> Iterator[Sentinel]:
    for n in range(1, _MOST + 1):
        yield Sentinel(f"⟦{n}⟧", rf"⟦\s*{n}\s*⟧")


def _underscores(placeholder: str, digits: int) -> Iterator[Sentinel]:
    for n in range(1, _MOST + 1):
        yield Sentinel(f"__P{n}__", rf"_\s?_\s*P\s?{n}\s*_\s?_")


def _numbers(placeholder: str, digits: int) -> Iterator[Sentinel]:
    for n in range(7301, 7301 + _MOST):
        thousands, rest = divmod(n, 1000)
        yield Sentinel(str(n), rf"(?<![0-9])(?<![0-9][.,]){thousands}[, ]?{rest:03d}(?![.,]?[0-9])")


_MASKS: dict[str, Mask] = {
    mask.name: mask
    for mask in (
        AsIs(),
        Sentinels("word", _words, f"{_NO_LATIN_BEFORE}(?=[A-Z])"),
        Sentinels("name", _names, "(?=[A-Z가-힣])"),
        Sentinels("xml", _xml, "(?=<)"),
        Sentinels("bracket", _brackets, "(?=⟦)"),
        Sentinels("underscore", _underscores, "(?=_)"),
        Sentinels("number", _numbers, "(?=7)"),
    )
}


_LEFTOVER = re.compile(
    r"(?P<hash>[#＃])|(?P<bracket>[⟦⟧])|(?P<xml><\s*/?\s*x\b)|(?P<underscore>__\s?P|P\s?[0-9]+\s?__)",
    re.IGNORECASE,
)


def leftovers(text: str) -> Counter[str]:
    """How many pieces of sentinels, or of placeholders, a text holds beside its well-formed
    placeholders, by kind.

    A model that says a sentinel twice, once broken (`⟦1⟧, ⟦1`), leaves pieces that nobody should
    read.
    """
    return Counter(str(match.lastgroup) for match in _LEFTOVER.finditer(PLACEHOLDER.sub(" ", text)))


def mask_from_name(name: str) -> Mask:
    """The mask of that name. Raises ValueError, naming the known ones, where there is none."""
    if name not in _MASKS:
        raise ValueError(f"there is no mask {name!r}; known masks: {', '.join(_MASKS)}")
    return _MASKS[name]
