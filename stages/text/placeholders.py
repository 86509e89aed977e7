"""Placeholders: the masks a data set puts in place of people and private facts (`#Person1#`,
`#PhoneNumber#`).

They must come through every stage unharmed. In one public attempt 441 of 499 English summaries held
damaged ones (`#person2#`, `#People1#`): what is certainly a known placeholder is repaired here,
anything else is left to be seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache

PRIVATE_FACTS = (
    "PhoneNumber",
    "Address",
    "DateOfBirth",
    "PassportNumber",
    "SSN",
    "CardNumber",
    "CarNumber",
    "Email",
)
"""DialogSum's words for private facts."""

_KNOWN = f"(?:Person[0-9]+|{'|'.join(PRIVATE_FACTS)})#"

PLACEHOLDER = re.compile(rf"#(?:{_KNOWN}|[A-Z][A-Za-z]*[0-9]*#(?!{_KNOWN}))")
"""A well-formed placeholder: a capitalised Latin word, perhaps with a number, between two `#`;
never across spaces.

Two that share a `#` are read from the left, but the `#` of a known one is never taken by an unknown
one: `#I#Person4#` holds `#Person4#` alone, `#Person1#Person2#` holds `#Person1#`. This is the only
reader of placeholders: whoever looks for them uses it, or puts its pattern into a larger one.
"""

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
"""Characters nobody sees that editors and web pages leave inside words."""

_HASH = f"[#＃][{ZERO_WIDTH}]*"
_MOST_HASHES = 16
"""More of them in a row are a line that somebody drew, and not looked through from each of them."""
_LONGEST_NAME = 40
"""Of a placeholder with more characters no damaged form is looked for."""
_LONGEST_PATTERN = 20_000
"""Where the pattern of all names is longer (of some 150 words that have nothing in common, not of
ten thousand that differ in their numbers), none of their damaged forms is looked for: compiling
it would take over a second."""
_GAP = rf"[ \t\u00a0\u3000{ZERO_WIDTH}]*"
_TRANSLATED_PERSON = ("People", "Persons", "사람", "인물")
"""What translators make of `Person` in `#Person1#`. Read back only between two `#`, where nothing
else is meant."""


def find(text: str) -> list[str]:
    """The well-formed placeholders of a text, in order, with repeats."""
    return PLACEHOLDER.findall(text)


def count(text: str) -> Counter[str]:
    """How often each well-formed placeholder occurs in a text."""
    return Counter(find(text))


def repair_placeholders(text: str, known: Collection[str]) -> tuple[str, int]:
    """Repair damaged forms of `known` placeholders where the reading is certain.

    Certain are: other case, whitespace or zero-width characters inside, doubled or full-width `#`,
    one `#` missing. Unknown placeholders, words without any `#`, and a `#` with a space behind it
    and none to close it stay as they are, as do forms of very long names and of hundreds of
    different words. Returns the text and how many placeholders were repaired; an exact text is
    returned unchanged.
    """
    known = frozenset(known)
    if not known or _is_exact(text, known):
        return text, 0
    pattern, forms = _reader(tuple(sorted(known)))
    repaired = 0

    def put_right(match: re.Match[str]) -> str:
        nonlocal repaired
        found = match.group()
        if found in known:
            return found
        right = forms.get(_plain(found))
        if right is None:
            return found
        repaired += 1
        return right

    before = None
    while text != before:  # one repaired can show where the next ends
        before, text = text, pattern.sub(put_right, text)
    return text, repaired


def _is_exact(text: str, known: frozenset[str]) -> bool:
    """Whether every `#` of a text belongs to a known placeholder as it should be: nothing can be
    damaged, and no pattern need be made."""
    rest = PLACEHOLDER.sub("", text) if known.issuperset(find(text)) else text
    return "#" not in rest and "＃" not in rest


def _plain(form: str) -> str:
    """A form without hashes, whitespace, zero-width characters, case and digit width: what damage
    does not change."""
    bare = re.sub(rf"[#＃\s{ZERO_WIDTH}]", "", form)
    return unicodedata.normalize("NFKC", bare).casefold()


@lru_cache(maxsize=1024)
def _reader(known: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern that finds every form of the known placeholders, and what each plain form
    stands for."""
    bare = [placeholder.strip("#") for placeholder in known]
    names = [name for name in bare if len(name) <= _LONGEST_NAME]
    forms = Counter(_plain(name) for name in names)
    meaning = {
        _plain(name): f"#{name}#" for name in names if forms[_plain(name)] == 1
    }  # else: not certain
    translated = []
    for name in names:
        if number := re.fullmatch("Person([0-9]+)", name):
            for word in _TRANSLATED_PERSON:
                if (form := _plain(word + number[1])) not in meaning:
                    meaning[form] = f"#{name}#"
                    translated.append(word + number[1])
    end = "(?![A-Za-z0-9])"
    own = f"{_any_of(names)}{end}"
    if not names or len(own) > _LONGEST_PATTERN:
        return re.compile("(?!)"), {}
    every = f"{_any_of([*names, *translated])}{end}"
    # With one `#` missing, a word without a number may be an everyday word (`address#`): its case
    # has to be right.
    numbered = [name for name in names if name[-1].isdigit()]
    worded = [f"(?-i:{name})" for name in _longest_first(names) if not name[-1].isdigit()]
    alone = f"(?:{'|'.join(([_any_of(numbered)] if numbered else []) + worded)}){end}"
    # Several `#` are one opened twice, unless the first closes a word in front.
    several = rf"(?:{_HASH}){{1,{_MOST_HASHES}}}+"
    opening = rf"(?:(?<![A-Za-z0-9]){several}|{_HASH})"
    pattern = "|".join(
        (
            # exact, unless a surplus `#` follows that belongs to no other
            rf"(?-i:{PLACEHOLDER.pattern})(?!(?:{_HASH})++(?!{own}|[A-Za-z]))",
            # two-sided; the closing `#` is not the opening one of the next
            rf"{opening}{_GAP}{every}(?:[{ZERO_WIDTH}]*(?:{_HASH})+(?!{own}|[A-Za-z])|{_GAP}{_HASH}(?!{_GAP}{own}))",
            # one-sided
            rf"(?:{opening}{alone}|(?<![A-Za-z0-9]){alone}(?:(?:{_HASH})++{end}|{_HASH}(?={_HASH}{own})))",
        )
    )
    return re.compile(pattern, re.IGNORECASE), meaning


Spelling = tuple[tuple[str, str], ...]
"""A name's characters, each with a pattern of what may stand in front of it."""


def _any_of(names: Collection[str]) -> str:
    """A pattern for any of the names, with whitespace between their words and zero-width characters
    anywhere inside, the longest first. What names begin with is in it once, so a dialogue of a
    thousand speakers has a short one."""
    return f"(?:{_joined([_spelling(name) for name in _longest_first(names)])})"


def _spelling(name: str) -> Spelling:
    parts = re.findall(r"[A-Z][a-z]*|[a-z]+|[0-9]+|[가-힣]+", name)
    return tuple(
        ("" if not first + place else f"[{ZERO_WIDTH}]*" if place else _GAP, character)
        for first, part in enumerate(parts)
        for place, character in enumerate(part)
    )


def _joined(spellings: Iterable[Spelling]) -> str:
    """A pattern for any of these spellings; one that another begins with is tried behind it."""
    behind: dict[tuple[str, str], list[Spelling]] = defaultdict(list)
    ends = False
    for spelling in spellings:
        if spelling:
            behind[spelling[0]].append(spelling[1:])
        else:
            ends = True
    alike: dict[tuple[str, str], str] = defaultdict(str)
    for (before, character), rests in behind.items():
        alike[before, _joined(rests)] += _either_width(character)
    branches = [f"{before}[{characters}]{rest}" for (before, rest), characters in alike.items()]
    if len(branches) + ends < 2:
        return "".join(branches)
    return f"(?:{'|'.join(branches)}){'?' if ends else ''}"


def _either_width(character: str) -> str:
    return character + chr(ord(character) + 0xFEE0) if character.isascii() else character


def _longest_first(names: Collection[str]) -> list[str]:
    return sorted(names, key=lambda name: (-len(name), name))
