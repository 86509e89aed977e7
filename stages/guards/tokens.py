"""What no translation changes: web and e-mail addresses, handles, hashtags, telephone numbers and
codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from pivot_sum.stages.text.placeholders import PLACEHOLDER

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_+-]|\.(?=[A-Za-z0-9_]))*"
_MAILBOX = r"[A-Za-z0-9_](?:[A-Za-z0-9_+-]|\.(?=[A-Za-z0-9_])){0,63}+"
_PART = "[A-Za-z0-9-]{1,63}+"
"""Before the `@` and between dots nothing is longer than 64 characters (RFC 5321, 1035). Both are
possessive: what has to follow cannot be part of them, so with less of them nothing fits either."""
_ENDINGS = "com|net|org|edu|gov|info|biz|io|co|kr|uk|us|jp|cn|de|fr|eu|tv|me|app|dev|ai"

ADDRESS = re.compile(
    rf"(?P<web>(?:https?://|www\.)[!-~]*[A-Za-z0-9/_=-]|\bwww\. ?{_NAME}(?:\. [a-z]+)*)"
    rf"|(?P<mail>{_MAILBOX}@{_NAME}|(?<![A-Za-z0-9])@{_NAME})"
    rf"|(?P<domain>\b{_PART}(?:\.{_PART}){{0,20}}\.(?:{_ENDINGS})(?![A-Za-z0-9])"
    r"(?:/[!-~]*[A-Za-z0-9/_=-])?)"
    rf"|(?P<file>\b{_PART}(?:[_.]{_PART}){{0,20}}_[A-Za-z0-9-]+(?:\.[A-Za-z0-9]+)?)"
)
"""Web and e-mail addresses, handles (`@minji_cooks`) and names of files with an underscore."""

HASHTAG = re.compile(r"(?<![\w#＃])[#＃][^\W_]\w+(?![\w#＃])")
"""`#맛집`. Its word may be translated."""

_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]+-?[0-9]{3,}[A-Z]*(?![A-Za-z0-9])")
_TELEPHONE = re.compile(r"(?<![0-9-])(?:[0-9]{2,4}[-. ])?[0-9]{3,4}[-. ][0-9]{4}(?![0-9-])")


Kind = Literal["url", "email", "hashtag", "code"]
"""What can be kept from a translator: web addresses; e-mail addresses and handles; hashtags; codes
(`KE907`) and names of files with an underscore."""


class Token(NamedTuple):
    """What no translation changes, and where it stands."""

    start: int
    end: int
    kind: Kind


def tokens(text: str) -> Iterator[Token]:
    """The addresses, hashtags and codes of a text outside its placeholders. Some may overlap."""
    text = PLACEHOLDER.sub(lambda match: " " * len(match.group()), text)
    for match in ADDRESS.finditer(text):
        yield Token(*match.span(), _KINDS[match.lastgroup or ""])
    for pattern, kind in _OTHER_KINDS:
        for match in pattern.finditer(text):
            yield Token(*match.span(), kind)


_KINDS: dict[str, Kind] = {"web": "url", "domain": "url", "mail": "email", "file": "code"}
_OTHER_KINDS: tuple[tuple[re.Pattern[str], Kind], ...] = ((HASHTAG, "hashtag"), (_CODE, "code"))


def without_tokens(text: str) -> str:
    """The text without placeholders, addresses and hashtags."""
    return HASHTAG.sub(" ", ADDRESS.sub(" ", PLACEHOLDER.sub(" ", text)))


def lost_tokens(source: str, output: str) -> int:
    """How many addresses, hashtags, telephone numbers and codes of a source its translation does
    not have."""
    if _HINTS.isdisjoint(source):
        return 0
    lost = _exact(source) - _exact(output)
    tags = len(HASHTAG.findall(PLACEHOLDER.sub(" ", source)))
    return len(lost) + max(0, tags - len(_HASH.findall(PLACEHOLDER.sub(" ", output))))


_HASH = re.compile("[#＃]")
_HINTS = frozenset("@#._/0123456789")


@lru_cache(1024)  # a source is held against one answer after another
def _exact(text: str) -> frozenset[str]:
    """What has to come back letter by letter, each once; only the digits of a telephone number."""
    text = PLACEHOLDER.sub(" ", text)
    found = {
        match.group().casefold().replace(" ", "")
        for pattern in (ADDRESS, _CODE)
        for match in pattern.finditer(text)
    }
    numbers = {re.sub("[^0-9]", "", match) for match in _TELEPHONE.findall(text)}
    return frozenset(found | numbers)
