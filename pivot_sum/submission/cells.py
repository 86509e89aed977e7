"""One summary: what is certainly meant otherwise, and what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pivot_sum.stages.clean import Clean
from pivot_sum.stages.guards.checks import SummaryGuards
from pivot_sum.stages.text.placeholders import PLACEHOLDER, ZERO_WIDTH, find, repair_placeholders
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.submission.kinds import Problem

SHOWN = 40
"""Characters of a text that a message shows."""


class Dialogue(NamedTuple):
    """A dialogue of the test set: its text, repaired by the stage `clean`, and the placeholders a
    summary of it may name."""

    text: str
    known: frozenset[str]


def dialogue(text: str) -> Dialogue:
    """What a summary of this dialogue is held against. Damaged placeholders of the dialogue count
    as what they stand for."""
    cleaned = Clean()([text])[0]
    return Dialogue(str(cleaned), frozenset(find(text)) | frozenset(find(cleaned)))


def examine(text: str, about: Dialogue) -> tuple[str, list[Problem]]:
    """The summary with everything certain put right, and all that is, or was, wrong with it (rows
    and ids left open)."""
    problems, before = [], None
    while text != before:  # one repair can uncover another
        before = text
        for kind, repair in _REPAIRS:
            if (now := repair(text, about)) != text:
                problems.append(Problem(kind, _change(text, now), certain=True))
                text = now
    if fault := _no_summary(text):
        return text, [*problems, fault]
    return text, [*problems, *_faults(text, about)]


_JAMO = re.compile("[\u1100-\u1112][\u1161-\u1175]")
_BREAK = re.compile(
    r"[^\S\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*"
)
_INVISIBLE = re.compile(
    f"(?!\u200d[\u2600-\u27bf\U0001f000-\U0001faff])[{ZERO_WIDTH}\x00-\x08\x0e-\x1b\x1f\x7f]"
)
_QUOTED = re.compile(r"""(["'])((?:(?!\1).)+)\1|“([^“”]+)”|‘([^‘’]+)’""")


def _unquoted(text: str, _: Dialogue) -> str:
    match = _QUOTED.fullmatch(text)
    return next(group for group in match.groups()[1:] if group) if match else text


_REPAIRS: tuple[tuple[str, Callable[[str, Dialogue], str]], ...] = (
    (
        "decomposed letters",
        lambda text, _: unicodedata.normalize("NFC", text) if _JAMO.search(text) else text,
    ),
    ("line break", lambda text, _: _BREAK.sub(" ", text) if _BREAK.search(text.strip()) else text),
    ("invisible characters", lambda text, _: _INVISIBLE.sub("", text)),
    ("spaces", lambda text, _: text.strip()),
    ("quotes", _unquoted),
    ("damaged placeholder", lambda text, about: repair_placeholders(text, about.known)[0]),
)
"""What is certain, in the order in which it is put right."""

_NO_VALUE = frozenset(
    {
        "none",
        "nan",
        "null",
        "na",
        "n/a",
        "#n/a",
        "<na>",
        "nat",
        "nil",
        "undefined",
        "-nan",
        "inf",
        "[]",
        "{}",
    }
)
_FAILED = "(?:실패|오류|에러|불가|error|fail(?:ed|ure)?)"
_FAILURE = re.compile(
    rf"[\[【<][^\[\]【】<>]{{0,20}}{_FAILED}[^\[\]【】<>]{{0,20}}[\]】>]|^[(（][^)）]{{0,20}}{_FAILED}[^)）]{{0,20}}[)）]\W*$"
    r"|^(?:번역|요약|생성|처리|변환|응답|호출)\s?(?:실패|오류|에러|불가)\W*(?:$|[:：])"
    r"|^(?:error|exception|failed|failure)\s*(?:$|[:：])|Traceback \(most|rate ?limit|quota"
    r" exceeded|out of memory"
    r"|^(?:죄송(?:합니다|하지만|해요)|I'm sorry|I cannot|As an AI)",
    re.IGNORECASE,
)
_LIST = re.compile(r"""\[\s*["'].*["']\s*\]|\{\s*["'].*\}""")
_MODEL_TOKEN = re.compile(
    r"</?s>|<(?:pad|unk|bos|eos|usr|sys|mask|extra_id_[0-9]+)>|\[(?:CLS|SEP|PAD|UNK|MASK|BOS|EOS)\]|<\|[^|>]*\|>|▁"
    r"|(?<![A-Za-z])(?:kor_Hang|eng_Latn|ko_KR|en_XX)(?![A-Za-z])|<x id=|⟦[0-9]+⟧"
)
_FORMULA = re.compile(r"[=+\-@＝＋－＠]")
_HASHED = re.compile(r"[#＃]+[ \t]*[A-Za-z가-힣][^#＃]{0,25}[#＃]+|[#＃]+\w*")
_NUMBERED_PERSON = re.compile(
    r"(?<![A-Za-z])(?:person|people|persons|speaker)\s?[0-9]+|(?:사람|인물|화자)\s?[0-9]+(?!\s?[0-9가-힣]*명)",
    re.IGNORECASE,
)
_HANGUL = re.compile("[가-힣]")


def _no_summary(text: str) -> Problem | None:
    """What is no summary at all: nothing more need be said about it."""
    if not text:
        return Problem("empty", "no summary")
    if text.casefold() in _NO_VALUE:
        return Problem("not a value", text)
    if match := _FAILURE.search(text):
        return Problem("failure", short(match.group()))
    return None


def _faults(text: str, about: Dialogue) -> Iterator[Problem]:
    if main_script(text) not in (None, "ko") or not _HANGUL.search(PLACEHOLDER.sub("", text)):
        yield Problem("not korean", short(text))
    if _FORMULA.match(text):
        yield Problem("formula", short(text))
    if _LIST.fullmatch(text):
        yield Problem("list", short(text))
    if match := _MODEL_TOKEN.search(text):
        yield Problem("model token", match.group())
    if "\ufffd" in text:
        yield Problem("broken character", short(text))
    bare, source = PLACEHOLDER.sub(" ", text), PLACEHOLDER.sub(" ", about.text)
    found = [
        match.group() for pattern in (_HASHED, _NUMBERED_PERSON) for match in pattern.finditer(bare)
    ]
    if malformed := [word for word in found if word.strip() not in source]:
        yield Problem("malformed placeholder", f"{', '.join(malformed)}{_has(about)}")
    if unknown := sorted(set(find(text)) - about.known):
        yield Problem("unknown placeholder", f"{', '.join(unknown)}{_has(about)}")
    if len(re.findall(rf"{PLACEHOLDER.pattern}\s*[:：]", text)) > 1:
        yield Problem("turns", short(text))
    flags = _guards().flags_of(about.text, text, "ko")
    if "length" in flags:
        yield Problem("length", f"{len(text):,} characters for a dialogue of {len(about.text):,}")
    if doubts := [flag for flag in flags if flag in _DOUBTS]:
        yield Problem("doubtful", ", ".join(doubts))


_DOUBTS = ("wrong script", "repetition", "copy", "added note", "no counterpart")
"""Guards whose flags no check of this file covers."""


@lru_cache(maxsize=1)
def _guards() -> SummaryGuards:
    return SummaryGuards()


def _has(about: Dialogue) -> str:
    return f" (the dialogue has {', '.join(sorted(about.known)) or 'none'})"


def _change(before: str, now: str) -> str:
    """Before and after, from a little in front of the first difference."""
    shorter = min(len(before), len(now))
    same = next((place for place in range(shorter) if before[place] != now[place]), shorter)
    start = max(0, same - 8)
    return f"{short(before[start:])} -> {short(now[start:])}"


def short(text: str) -> str:
    """A text as messages show it: in quotes, its beginning only."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
