"""Speakers by name: `민수: 네` becomes `#Person1#: 네`, and `#Person1#은` in a summary becomes
`민수는` again.

Both are functions of the dialogue alone, so nothing has to travel through the steps between. Only
labels at line starts are speakers; a name called inside a turn stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from itertools import count as count_up
from typing import Literal, NamedTuple

from pivot_sum.stages.text.particles import with_particle
from pivot_sum.stages.text.placeholders import PLACEHOLDER

_CLOCK = (
    r"(?:(?:오전|오후|AM|PM)[ ]?)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?(?:[ ]?[AP]M)?"
)
_DATE = r"[0-9]{2,4}[-./년][ ]?[0-9]{1,2}[-./월][ ]?[0-9]{1,2}[일.]?"
_TIME = rf"[\[(<]?(?:{_DATE}[,T]?[ ]?)?{_CLOCK}[\])>]?"
_WORD = r"[^\W_][\w.·'’&/-]*"
_NAME = rf"{_WORD}(?:[ ]{_WORD}){{0,2}}(?:[ ]?[(\[（][^()\[\]（）:：#\n]{{1,20}}[)\]）])?"
_LABEL = re.compile(
    rf"^(?:{_TIME}[,]?[ ]?(?:-[ ])?)?(?P<name>{_NAME})(?:[ ]?{_TIME})?[ ]?"
    # 10:30, http:// and C:\ are no labels
    r"(?:(?<![0-9])[:：]|[:：](?![0-9]))(?![/\\])",
    re.IGNORECASE,
)
_HEAD = re.compile(r"(#Person[0-9]+#)[ ]*[:：]")
_PERSON = re.compile("#Person([0-9]+)#")
_IN_BRACKETS = re.compile(r"[ ]?[(\[（][^()\[\]（）]*[)\]）]$")

_HEADINGS = frozenset(
    {
        "시간", "일시", "날짜", "기간", "장소", "위치", "주소", "번호", "전화", "연락처",
        "이메일", "메일", "링크", "제목", "주제", "안건", "내용", "결론", "결과", "요약",
        "주의", "주의사항", "참고", "참고로", "비고", "메모", "추신", "가격", "금액", "요금",
        "비용", "합계", "총액", "수량", "이름", "성함", "나이", "성별", "직업", "생년월일",
        "참석자", "준비물", "예", "예시", "단", "즉", "정답", "이유", "방법", "목적", "문의",
        "공지", "알림", "마감", "ps", "p.s", "p.s.", "re", "fwd", "note", "notes", "time",
        "date", "place", "where", "when", "address", "phone", "tel", "email", "e-mail",
        "subject", "topic", "agenda", "price", "total", "name", "warning", "caution", "example",
        "link", "url", "http", "https", "ftp", "mailto",
    }
)  # fmt: skip
"""What stands in front of a colon and is nobody: a word alone, or the last of several."""
_HEADING_ENDS = ("시간", "일시", "날짜", "장소", "번호", "주소", "금액", "가격", "연락처", "이메일")
"""The same where it is written together with others (`전화번호`); no name ends so."""


class Speakers(NamedTuple):
    """A dialogue whose speakers are placeholders, how often each of these was a name, and the
    labels that may be speakers too and were left, as nothing makes it certain."""

    text: str
    written: Mapping[str, int]
    doubtful: tuple[str, ...] = ()


def name_speakers(text: str, speakers: Literal["auto"] | Collection[str]) -> Speakers:
    """Write the labels of speakers at line starts as `#PersonN#:`, numbered in the order in which
    they first speak; numbers that the text uses already are left to their owners. A time in front
    of a label, or behind it, goes with it.

    `auto` takes a label for a speaker where it stands in front of two turns or more, or where every
    line has a label (two different ones at least); headings (`시간:`, `주의:`) are none. Given as
    names, these alone are speakers, with or without what stands in brackets behind them.
    """
    lines = text.split("\n")
    labels = [label_of(line) for line in lines]
    known = _found(lines, labels) if speakers == "auto" else _given(labels, speakers)
    used = {int(number) for number in _PERSON.findall(text)}
    free = (number for number in count_up(1) if number not in used)
    numbers: dict[str, int] = {}
    written: Counter[str] = Counter()
    for place, label in enumerate(labels):
        person = known.get(label[0]) if label else None
        if label and person:
            number = numbers.get(person) or numbers.setdefault(person, next(free))
            lines[place] = f"#Person{number}#: {label[1].strip()}".rstrip()
            written[f"#Person{number}#"] += 1
    left = dict.fromkeys(label[0] for label in labels if label and label[0] not in known)
    doubtful = [name for name in left if speakers == "auto" and not _is_heading(name)]
    return Speakers("\n".join(lines), written, tuple(doubtful))


def speaker_names(text: str) -> list[str]:
    """The labels of a dialogue that `auto` takes for speakers, in the order in which they first
    speak."""
    lines = text.split("\n")
    return list(_found(lines, [label_of(line) for line in lines]))


def names_of(tidied: str, cleaned: str) -> dict[str, str]:
    """The name behind each `#PersonN#` that stands in the cleaned dialogue where the dialogue that
    was only tidied has a name; empty where their lines do not correspond.

    What stands in brackets behind a name is left out where no two are told apart by it.
    """
    before, after = tidied.split("\n"), cleaned.split("\n")
    names: dict[str, str] = {}
    if len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            head, label = _HEAD.match(new), label_of(old)
            if head and label:
                names.setdefault(head[1], label[0])
    bare = Counter(_IN_BRACKETS.sub("", name) for name in names.values())
    return {
        person: short if bare[short := _IN_BRACKETS.sub("", name)] == 1 else name
        for person, name in names.items()
    }


def with_names(text: str, names: Mapping[str, str]) -> tuple[str, dict[str, int]]:
    """Write placeholders as names, each with the form of its particle that the name asks for.
    Returns the text and how often each placeholder was written so."""
    written: Counter[str] = Counter()
    pieces, end = [], 0
    for found in PLACEHOLDER.finditer(text):
        if name := names.get(found.group()):
            named, length = with_particle(name, text[found.end() :])
            pieces += [text[end : found.start()], named]
            end = found.end() + length
            written[found.group()] += 1
    return "".join([*pieces, text[end:]]), dict(written)


def label_of(line: str) -> tuple[str, str] | None:
    """The label a line begins with, and what stands behind its colon."""
    found = _LABEL.match(line)
    if found is None or not any(letter.isalpha() for letter in found["name"]):
        return None
    return found["name"], line[found.end() :]


def _found(lines: list[str], labels: list[tuple[str, str] | None]) -> dict[str, str]:
    names = [label[0] for label in labels if label and not _is_heading(label[0])]
    heads = [head[1] for line in lines if (head := _HEAD.match(line))]
    filled = sum(bool(line.strip()) for line in lines)
    everywhere = len(names) + len(heads) == filled and len({*names, *heads}) > 1
    return {name: name for name, times in Counter(names).items() if times > 1 or everywhere}


def _given(labels: list[tuple[str, str] | None], speakers: Collection[str]) -> dict[str, str]:
    wanted = {" ".join(name.split()) for name in speakers}
    found = {}
    for name in {label[0] for label in labels if label}:
        bare = _IN_BRACKETS.sub("", name)
        if name in wanted or bare in wanted:
            found[name] = name if name in wanted else bare
    return found


def _is_heading(name: str) -> bool:
    bare = _IN_BRACKETS.sub("", name).casefold()
    return bare.split()[-1] in _HEADINGS or bare.endswith(_HEADING_ENDS)
