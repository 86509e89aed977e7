"""Guards: checks of an answer against its source that need no model, named by the flags they raise.

docs/guards.md: what each catches, how often it is wrong, and why the thresholds are what they are.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from annotated_types import Ge, Gt

from pivot_sum.stages.base import Answer, Versioned, option
from pivot_sum.stages.fields import Conflicting
from pivot_sum.stages.guards.alignment import length_distance, misfit, size
from pivot_sum.stages.guards.foreign import in_wrong_script
from pivot_sum.stages.guards.notes import adds_notes
from pivot_sum.stages.guards.repetition import (
    RUN,
    copied,
    is_exclamation,
    repeated_words,
    stutters,
)
from pivot_sum.stages.guards.support import support
from pivot_sum.stages.guards.tokens import lost_tokens
from pivot_sum.stages.ledgers.versions import READER, ROLES
from pivot_sum.stages.text.placeholders import PLACEHOLDER, count
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.stages.text.segmentation import sentences

GuardName = Literal[
    "empty",
    "wrong script",
    "length",
    "repetition",
    "copy",
    "added note",
    "invented placeholder",
    "no counterpart",
    "changed number",
    "unsupported number",
    "swapped speakers",
]
_ONLY_FOR: dict[GuardName, str] = {
    "changed number": "translations",
    "unsupported number": "summaries",
    "swapped speakers": "summaries",
}
"""The guards that have to be named, and what each checks."""
GUARDS: tuple[GuardName, ...] = tuple(
    guard for guard in get_args(GuardName) if guard not in _ONLY_FOR
)
"""Those a stage has unless its recipe names others: a default is part of the cache key."""
_NUMBERS: tuple[GuardName, ...] = ("changed number", "unsupported number")
"""The guards that read values."""


def basic_flags(source: str, output: str, target: str) -> set[str]:
    """What can be wrong with the answer of any stage: nothing where there was something, or another
    script than promised."""
    found = set()
    if source.strip() and not output.strip():
        found.add("empty")
    if main_script(output) not in (None, target) and in_wrong_script(source, output, target):
        found.add("wrong script")
    return found


@dataclass(frozen=True, kw_only=True)
class Guards(Versioned, Conflicting):
    """The fields of a stage whose answers are checked."""

    guards: tuple[GuardName, ...] = option(
        GUARDS, "the checks every answer goes through; what they find is flagged"
    )
    max_copied: Annotated[float, Ge(0)] = option(
        0.8, "copy: largest share of an answer's words that may be word for word"
    )
    max_repeated: Annotated[int, Ge(0)] = option(
        3,
        "repetition: how many words in a row may repeat those just before them, beyond what the"
        " source does",
    )

    def conflicts(self) -> list[str]:
        """Guards that this stage never raises."""
        return super().conflicts() + [
            f"guards: {guard!r} is for {_ONLY_FOR[guard]} only; leave it out"
            for guard in self.guards
            if guard in self._never_raised
        ]

    @property
    def versions(self) -> dict[str, int]:
        """Those of the readers of numbers and roles, where answers depend on them."""
        values = {"values_reader": READER} if self._reads_values else {}
        roles = {"roles_reader": ROLES} if "swapped speakers" in self.guards else {}
        return super().versions | values | roles

    @property
    def _never_raised(self) -> tuple[GuardName, ...]:
        return ()

    @property
    def _reads_values(self) -> bool:
        return any(guard in _NUMBERS for guard in self.guards)

    def _found(
        self, source: str, output: str, target: str, faults: dict[GuardName, bool]
    ) -> list[str]:
        """All flags in the order of `GuardName`; `faults`: what each task checks its own way."""
        basics = basic_flags(source, output, target)
        if "empty" in basics:
            return ["empty"] if "empty" in self.guards else []
        faults |= {
            "empty": False,
            "wrong script": in_wrong_script(source, output, target),
            "repetition": (
                not is_exclamation(source, output)
                and (
                    repeated_words(output) > repeated_words(source) + self.max_repeated
                    or stutters(source, output)
                )
            ),
            "added note": adds_notes(source, output, target),
        }
        return [
            guard for guard in get_args(GuardName) if guard in self.guards and faults.get(guard)
        ]


@dataclass(frozen=True, kw_only=True)
class TranslationGuards(Guards):
    """The fields of a stage whose translations are checked."""

    max_length_factor: Annotated[float, Gt(1)] = option(
        2.0,
        "length: how many times as long as its source, or as short, a translation may be (a Hangul"
        " syllable counts 2)",
    )
    max_misfit: Annotated[float, Gt(0)] = option(
        2.0,
        "no counterpart: how badly the sentences of source and translation may match by length,"
        " question marks and words",
    )
    repair: tuple[Literal["numbers"], ...] = option(
        (),
        "what of a translation is put right where that is certain: numbers, a value that took the"
        " place of another one",
        identity="unless-default",
    )

    @property
    def _never_raised(self) -> tuple[GuardName, ...]:
        return ("unsupported number", "swapped speakers")

    @property
    def _reads_values(self) -> bool:
        return super()._reads_values or bool(self.repair)

    def flags_of(self, source: str, output: str, source_language: str, target: str) -> list[str]:
        """What is wrong with a translation; nothing where it passes."""
        # Here and below: the ledgers take a while to import, and a replay checks nothing.
        from pivot_sum.stages.ledgers.values_changes import changed

        return self._found(
            source,
            output,
            target,
            {
                "length": length_distance(source, output) > math.log(self.max_length_factor),
                # Names and titles may stay as they are; what stayed in the source's script did not.
                "copy": (
                    main_script(output) == source_language != target
                    and in_wrong_script(source, output, target)
                    and copied(output, source, 1) > self.max_copied
                ),
                "invented placeholder": (
                    bool(count(output) - count(source)) or _made_up(source, output)
                ),
                "no counterpart": not self._matches(source, output, source_language, target),
                "changed number": (
                    "changed number" in self.guards
                    and bool(changed(source, output, source_language, target))
                ),
            },
        )

    def with_repairs(
        self, source: str, answer: Answer, source_language: str, target: str
    ) -> Answer:
        """The answer with the repairs of `repair`, which its note counts; its flags are those of
        the new text."""
        if "numbers" not in self.repair:
            return answer
        from pivot_sum.stages.ledgers.values_repair import with_numbers_repaired

        text, places = with_numbers_repaired(source, answer.text, source_language, target)
        if not places:
            return answer
        others = [flag for flag in answer.note.get("flags", []) if flag not in get_args(GuardName)]
        flags = [*others, *self.flags_of(source, text, source_language, target)]
        note = answer.note.copy()
        note["repairs"] = {**note.get("repairs", {}), "numbers": places}
        note["flags"] = flags
        if not flags:
            del note["flags"]
        return Answer(text, note)

    def _matches(self, source: str, output: str, source_language: str, target: str) -> bool:
        turns = _turns(source)
        if turns or _turns(
            output
        ):  # A dialogue: among so many sentences one in a hundred that only seems lost is too many.
            return turns == _turns(output)
        return (
            not lost_tokens(source, output)
            and misfit(source, output, source_language, target) <= self.max_misfit
        )


@dataclass(frozen=True, kw_only=True)
class SummaryGuards(Guards):
    """The fields of a stage whose summaries are checked."""

    min_share: Annotated[float, Ge(0)] = option(
        0.05, "length: shortest summary, as a share of the dialogue's letters"
    )
    max_share: Annotated[float, Gt(0)] = option(
        0.6, "length: longest summary, as a share of the dialogue's letters"
    )
    min_support: Annotated[float, Ge(0)] = option(
        0.1,
        "no counterpart: smallest share of a summary sentence's content that has to occur in the"
        " dialogue",
    )

    @property
    def _never_raised(self) -> tuple[GuardName, ...]:
        return ("changed number",)

    def flags_of(self, dialogue: str, summary: str, language: str) -> list[str]:
        """What is wrong with a summary; nothing where it passes."""
        from pivot_sum.stages.ledgers.roles import swapped_speakers
        from pivot_sum.stages.ledgers.values_changes import unsupported

        whole, part = size(dialogue), size(summary)
        return self._found(
            dialogue,
            summary,
            language,
            {
                "length": (
                    not min(self.min_share * whole, _LONG_ENOUGH)
                    <= part
                    <= max(self.max_share * whole, _SHORT_ENOUGH)
                ),
                "copy": copied(summary, dialogue, RUN) > self.max_copied,
                "invented placeholder": (
                    bool(count(summary).keys() - count(dialogue).keys())
                    or _made_up(dialogue, summary)
                ),
                "no counterpart": any(
                    support(sentence, dialogue, language) < self.min_support
                    for sentence in sentences(summary, language)
                ),
                "unsupported number": (
                    "unsupported number" in self.guards
                    and bool(unsupported(summary, dialogue, language))
                ),
                "swapped speakers": (
                    "swapped speakers" in self.guards
                    and swapped_speakers(dialogue, summary, language)
                ),
            },
        )


_LONG_ENOUGH = 50
"""Letters no summary has to exceed, however long its dialogue."""
_SHORT_ENOUGH = 40
"""Letters any summary may have, however short its dialogue."""

_ANY_HASHED = re.compile(r"[#＃](?=[A-Za-z가-힣])[^#＃\n]{0,24}[^#＃\s][#＃](?![A-Za-z])")
_NUMBERED_PERSON = re.compile(
    r"\b(?:(?i:persons?|people)|(?:Persons?|People)[ ])[0-9]+"
    r"|(?:사람|인물)[ ]?[0-9]+(?=$|[^0-9가-힣]|(?:은|는|이|가|을|를|과|와|의|도|에게)(?![가-힣]))"
)
"""Somebody with a number for a name. A number that counts something has its unit behind it:
`두 사람 3시에`, `사람 2명`."""


def _made_up(source: str, output: str) -> bool:
    """Whether something that only looks like a placeholder (`#Mrs. Dawson#`, `Person3`) stands
    there, and not in the source."""
    known = source.casefold()
    text = PLACEHOLDER.sub(" ", output)
    found = [
        match.group().casefold()
        for pattern in (_ANY_HASHED, _NUMBERED_PERSON)
        for match in pattern.finditer(text)
    ]
    bare = PLACEHOLDER.sub(" ", source).casefold()
    return any(word not in (bare if "#" not in word else known) for word in found)


_HEAD = re.compile(rf"({PLACEHOLDER.pattern})\s*[:：]")


def _turns(text: str) -> list[str]:
    """Who speaks, turn by turn, where a text is a dialogue."""
    heads: list[str] = _HEAD.findall(text)
    return heads if len(heads) > 1 else []
