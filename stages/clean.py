"""The stage `clean`: repairs what real dialogue files get wrong, where it is certain what was
meant.

Every kind of damage here was found in a file somebody worked with: line ends of Windows inside
cells, zero-width characters, `##Person1#`, `#PErson2#`, `#사람1#`, whole dialogues on one line.
What is not certain (a lone `#` key: `#키를 눌러`) stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge
from pydantic import BeforeValidator, StringConstraints

from pivot_sum.stages.base import (
    Annotating,
    Answer,
    Note,
    OneLanguage,
    PlaceholderPolicy,
    Task,
    option,
)
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.text.names import name_speakers
from pivot_sum.stages.text.placeholders import (
    PLACEHOLDER,
    PRIVATE_FACTS,
    ZERO_WIDTH,
    repair_placeholders,
)
from pivot_sum.stages.text.repairs import Rule, repaired, replacing
from pivot_sum.stages.text.segmentation import Over

KNOWN_PLACEHOLDERS = frozenset(f"#{word}#" for word in PRIVATE_FACTS)
"""DialogSum's placeholders for private facts; those for people are known by their numbers."""

_SPEAKER = re.compile(r"(?:persons?|people|사람|인물)\s*([0-9０-９]{1,2})", re.IGNORECASE)


def _repaired(text: str) -> tuple[str, int]:
    numbers = {unicodedata.normalize("NFKC", number) for number in _SPEAKER.findall(text)}
    return repair_placeholders(
        text, KNOWN_PLACEHOLDERS | {f"#Person{number}#" for number in numbers}
    )


def _composed(text: str) -> tuple[str, int]:
    composed = unicodedata.normalize("NFC", text)
    return composed, int(composed != text)


def _label(head: re.Match[str]) -> str:
    return f"{head[1]}: " if head[2] else f"{head[1]}:"


_RULES: tuple[Rule, ...] = (
    replacing("line ends", "\r\n?|\u2028|\u2029", "\n"),
    # a zero-width joiner in front of a pictograph belongs to it
    replacing(
        "invisible characters", f"(?!\u200d[\u2600-\u27bf\U0001f000-\U0001faff])[{ZERO_WIDTH}]", ""
    ),
    (
        "decomposed letters",
        _composed,
    ),  # macOS writes file contents of some programs as separate jamo
    replacing("odd spaces", "[\u00a0\u2007\u202f\u3000]", " "),
    ("placeholders", _repaired),
    replacing(
        "labels without #",
        r"^[ \t]*(?:[Pp]erson|사람)[ ]?([0-9]{1,2})#?[ ]?(?=[:：])",
        r"#Person\1#",
    ),
    replacing(
        "stray # before a label", rf"^[#＃ \t]*[#＃][ \t]+(?={PLACEHOLDER.pattern}\s*[:：])", ""
    ),
    replacing(
        "turns on one line", r"(?<=[^\s(\[{\"'“‘「『])[ \t]*(?=#Person[0-9]+#[ \t]*[:：])", "\n"
    ),
    replacing("spaces around lines", r"^[ \t]+|(?<![ \t])[ \t]+$", ""),
    replacing(
        "labels", rf"^({PLACEHOLDER.pattern})(?!:(?: \S|$))[ \t]*[:：][ \t]*(?=(\S?))", _label
    ),
    replacing("blank lines", r"\A\n+|\n+\Z|(?<=\n)\n+", ""),
)


_SHORT_FORMS = {
    "ㅇㅇ": "응",
    "ㄴㄴ": "아니",
    "ㅇㅋ": "오케이",
    "ㄱㅅ": "감사",
    "ㅊㅋ": "축하",
    "ㅈㅅ": "죄송",
    "ㄷㄷ": "놀람",
}


def _written_out(kind: str, jamo: str, words: str | dict[str, str]) -> Rule:
    """A rule that writes bare jamo as a word, with a space where it would stick to another."""

    def word(match: re.Match[str]) -> str:
        before = " " if match.start() and not match.string[match.start() - 1].isspace() else ""
        behind = " " if match.string[match.end() : match.end() + 1].isalnum() else ""
        return before + (words if isinstance(words, str) else words[match.group()]) + behind

    return replacing(kind, jamo, word)


_COLLOQUIAL_RULES: tuple[Rule, ...] = (
    _written_out("laughter", "[ㅋㅎ]+", "웃음"),
    _written_out("tears", "[ㅠㅜ]+", "슬픔"),
    _written_out(
        "short forms", f"(?<![ㄱ-ㅣ])(?:{'|'.join(_SHORT_FORMS)})(?![ㄱ-ㅣ])", _SHORT_FORMS
    ),
)


BY_NAME = "speakers by name"
"""The repair that writes names of speakers as placeholders."""

DOUBTFUL = "speaker in doubt"
"""The flag of a dialogue with a label that stands before one turn only: a speaker, or a heading."""


def _as_names(value: Any) -> Any:
    """One name is a list of one; `off`, which YAML reads as false, is a list of none."""
    if value is False:
        return ()
    return (value,) if isinstance(value, str) and value != "auto" else value


_Name = Annotated[str, StringConstraints(pattern=r"^[^\s#:：][^#:：\n]*$")]
SpeakerNames = Annotated[Literal["auto"] | tuple[_Name, ...], BeforeValidator(_as_names)]


@dataclass(frozen=True, kw_only=True)
class Clean(OneLanguage, Annotating, CheckedFields):
    """Repairs dialogues where it is certain what was meant, and counts every repair."""

    name: ClassVar[str] = "clean"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "clean"
    placeholders: ClassVar[PlaceholderPolicy] = "repair"

    language: Literal["ko", "en"] = option("ko", "language of the texts")
    colloquial: bool = option(
        False, "write laughter, tears and short forms in bare jamo (ㅋㅋ, ㅠㅠ, ㅇㅇ) as words"
    )
    speakers: SpeakerNames = option(
        (),
        "who speaks in lines that begin with `NAME:`, which become `#PersonN#:`; auto finds the"
        " names, [] (or off) leaves all as they are",
        identity="unless-default",
    )
    batch_size: Annotated[int, Ge(1)] = option(256, "texts handed over at once", identity=False)

    def mistakes(self, over: Over) -> list[str]:
        """Speakers are known by the whole dialogue."""
        if not self.speakers or over == "dialogue":
            return []
        return [f"speakers: names are found over the whole dialogue, not over {over}"]

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The repaired texts, each with what was repaired."""
        rules = (*_RULES, *_COLLOQUIAL_RULES) if self.colloquial else _RULES
        return [self._answer(text, rules) for text in texts]

    def _answer(self, text: str, rules: Sequence[Rule]) -> Answer:
        note = Note()
        before: dict[str, int] = {}
        if self.speakers:
            # Before jamo are written as words, which could change a name.
            text, before = repaired(text, _RULES)
            text, written, doubtful = name_speakers(text, self.speakers)
            if written:
                before[BY_NAME] = sum(written.values())
                note["named"] = {person: -times for person, times in written.items()}
            if doubtful:
                note["flags"] = [DOUBTFUL]
        text, counts = repaired(text, rules)
        if counts := dict(Counter(before) + Counter(counts)):
            note["repairs"] = counts
        return Answer(text, note)
