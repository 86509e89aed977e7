"""The demo world's grammar: reads `grammar/*.yaml` and samples dialogues from it, Korean and
English side by side.

Some slot combinations of every scenario are held out: no training dialogue is ever made from them.
Which ones is fixed by a hash of the combination itself, so it depends neither on a random seed nor
on the order of sampling.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import yaml

from pivot_sum.stages.text.particles import final_consonant

GRAMMAR_DIR = Path(__file__).parent / "grammar"
HELD_OUT_SHARE = 12
"""One slot combination in this many is held out."""

Pair = tuple[str, str]
"""A Korean text and its English translation."""
Combination = tuple[Pair, ...]
"""One value for each of a scenario's slots, in the order of `Scenario.slot_names`."""

_FIELD = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\b[ap]\.m\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)\s+"
)
_LATIN_READ_ALOUD = {"L": "엘", "M": "엠", "N": "엔", "R": "알"}
"""The letters whose Korean names end in a consonant."""
_PARTICLES = {
    "은": "는", "이": "가", "을": "를", "과": "와", "으로": "로", "이나": "나", "이라": "라",
    "이에요": "예요",
}  # fmt: skip


class GrammarError(ValueError):
    """A grammar file breaks its own rules. The message names the scenario and the text."""


def with_particle(word: str, particle: str) -> str:
    """`word` followed by the form of `particle` (given as after a consonant) that its last sound
    asks for.

    Digits and placeholders are read aloud: `#Person1#은` (일), `#Person2#는` (이). Raises
    `GrammarError` for a particle that has no two forms.
    """
    if particle not in _PARTICLES:
        raise GrammarError(
            f"'{particle}' is no particle with two forms; use one of {', '.join(_PARTICLES)}"
        )
    last = word.rstrip("#")[-1].upper()
    sound = _LATIN_READ_ALOUD.get(last, last)
    final = final_consonant(sound) if sound.isdecimal() or "가" <= sound <= "힣" else ""
    closed = final != "" and not (particle == "으로" and final == "ㄹ")
    return word + (particle if closed else _PARTICLES[particle])


def fields(text: str) -> list[str]:
    """The names between braces in a pattern, in order, speakers (one capital letter) included."""
    return [match.group(1) for match in _FIELD.finditer(text)]


def fill(text: str, values: Mapping[str, str]) -> str:
    """A pattern with its fields filled in, particles chosen, and English put right at the seams."""

    def value(match: re.Match[str]) -> str:
        word = values[match.group(1)]
        return with_particle(word, match.group(2)) if match.group(2) else word

    filled = re.sub(
        r"(?<!\.)\.\.(?!\.)", ".", _FIELD.sub(value, text)
    )  # "at 9 a.m.." at the end of a sentence
    return filled[0].upper() + filled[1:] if text.startswith("{") else filled


def sentences(korean: str, english: str) -> tuple[Pair, ...]:
    """The sentences of two patterns that translate each other, one by one. Raises `GrammarError`
    for unequal counts."""
    left, right = _SENTENCE_END.split(korean.strip()), _SENTENCE_END.split(english.strip())
    if len(left) != len(right):
        raise GrammarError(f"{len(left)} sentences against {len(right)}: '{korean}' / '{english}'")
    return tuple(zip(left, right, strict=True))


def joined(pairs: Sequence[Pair]) -> Pair:
    """Sentence pairs put together to one text in each language."""
    return " ".join(korean for korean, _ in pairs), " ".join(english for _, english in pairs)


@dataclass(frozen=True)
class Turn:
    """One turn of a scenario: the speaker's letter, and its `ways`, each a tuple of sentence
    patterns."""

    speaker: str
    optional: bool
    ways: tuple[tuple[Pair, ...], ...]


@dataclass(frozen=True)
class Dialogue:
    """A sampled dialogue: `turns` are (speaker's number, sentence pairs)."""

    topic: str
    combination: Combination
    turns: tuple[tuple[int, tuple[Pair, ...]], ...]
    summary: tuple[Pair, ...]
    summaries: tuple[str, ...]
    must_name: tuple[Pair, ...]
    """Slot values and people the summary has to name."""

    def text(self) -> Pair:
        """The dialogue in Korean and in English, one `#PersonN#: …` line a turn."""
        lines = [(number, joined(pairs)) for number, pairs in self.turns]
        return (
            "\n".join(f"#Person{number}#: {korean}" for number, (korean, _) in lines),
            "\n".join(f"#Person{number}#: {english}" for number, (_, english) in lines),
        )


@dataclass(frozen=True)
class Scenario:
    """A scenario (or, with no slots and one way a turn, a hand-written dialogue)."""

    name: str
    slots: Mapping[str, tuple[Pair, ...]]
    turns: tuple[Turn, ...]
    summary: tuple[Pair, ...]
    summaries: tuple[str, ...]

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """The speakers' letters, in the order of their first turn, optional ones included."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))

    @cached_property
    def slot_names(self) -> tuple[str, ...]:
        """The slots this scenario uses, sorted."""
        patterns = [pair for turn in self.turns for way in turn.ways for pair in way] + list(
            self.summary
        )
        texts = [text for pair in patterns for text in pair] + list(self.summaries)
        return tuple(sorted({name for text in texts for name in fields(text)} - set(self.speakers)))

    def held_out(self, combination: Combination) -> bool:
        """Whether training never sees these slot values together. A scenario without slots has
        nothing to hold out."""
        key = "|".join([self.name, *(english for _, english in combination)])
        digest = hashlib.sha256(key.encode()).digest()
        return bool(combination) and int.from_bytes(digest[:4]) % HELD_OUT_SHARE == 0

    def draw(self, rng: Random, *, held_out: bool = False) -> Combination:
        """A combination for training, or one that training never sees.

        Two slots of one kind (`time1`, `time2`) never share a value.
        """
        kinds = [self._kind(name) for name in self.slot_names]
        while True:
            values = tuple(rng.choice(self.slots[kind]) for kind in kinds)
            distinct = len(set(zip(kinds, values, strict=True))) == len(values)
            if distinct and self.held_out(values) == held_out:
                return values

    def dialogue(self, combination: Combination, rng: Random) -> Dialogue:
        """A dialogue with these slot values; its ways and optional turns are drawn from `rng`."""
        turns = [turn for turn in self.turns if not turn.optional or rng.random() < 0.5]
        numbers = {
            letter: n
            for n, letter in enumerate(dict.fromkeys(turn.speaker for turn in turns), start=1)
        }
        values = self._values(combination, numbers)
        said = tuple(
            (numbers[turn.speaker], _filled(rng.choice(turn.ways), values)) for turn in turns
        )
        named = dict.fromkeys(name for pair in self.summary for name in fields(pair[0]))
        return Dialogue(
            topic=self.name,
            combination=combination,
            turns=said,
            summary=_filled(self.summary, values),
            summaries=tuple(fill(text, values[0]) for text in self.summaries),
            must_name=tuple((values[0][name], values[1][name]) for name in named),
        )

    def summarised(self, combination: Combination, numbers: Mapping[str, int]) -> tuple[Pair, ...]:
        """The summary alone, its speakers numbered at will: what a translator has to know beyond
        two speakers."""
        return _filled(self.summary, self._values(combination, numbers))

    def _kind(self, name: str) -> str:
        kind = name if name in self.slots else name.rstrip("0123456789")
        if kind not in self.slots:
            raise GrammarError(
                f"scenario '{self.name}' uses the slot '{name}', which no file defines for it"
            )
        return kind

    def _values(
        self, combination: Combination, numbers: Mapping[str, int]
    ) -> tuple[dict[str, str], dict[str, str]]:
        people = {letter: f"#Person{number}#" for letter, number in numbers.items()}
        korean = {name: value[0] for name, value in zip(self.slot_names, combination, strict=True)}
        english = {name: value[1] for name, value in zip(self.slot_names, combination, strict=True)}
        return korean | people, english | people


def load(folder: Path = GRAMMAR_DIR) -> list[Scenario]:
    """All scenarios and hand-written dialogues of a folder of grammar files. Raises
    `GrammarError`.
    """
    shared = _slots(yaml.safe_load((folder / "shared.yaml").read_text(encoding="utf-8")))
    found: list[Scenario] = []
    for path in sorted(folder.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        slots = shared | _slots(content)
        for number, item in enumerate(
            content.get("scenarios", []) + content.get("dialogues", []), start=1
        ):
            item.setdefault("name", f"{path.stem}-{number}")
            found.append(_scenario(item, slots))
    names = [scenario.name for scenario in found]
    if len(set(names)) < len(names):
        raise GrammarError(
            f"two scenarios share a name: {sorted({n for n in names if names.count(n) > 1})}"
        )
    return found


def held_out_dialogues(scenarios: Sequence[Scenario], *, each: int, seed: int) -> list[Dialogue]:
    """`each` dialogues of every scenario that has slots, each from a held-out combination of its
    own."""
    rng = Random(seed)
    found: list[Dialogue] = []
    for scenario in scenarios:
        chosen: set[Combination] = set()
        while scenario.slot_names and len(chosen) < each:
            combination = scenario.draw(rng, held_out=True)
            if combination not in chosen:
                chosen.add(combination)
                found.append(scenario.dialogue(combination, rng))
    return found


def row(dialogue: Dialogue, number: int) -> dict[str, str]:
    """A dialogue as a row of the shipped data file."""
    korean, english = dialogue.text()
    references = {f"summary{n}": text for n, text in enumerate(dialogue.summaries, start=1)}
    originals = {"dialogue_en": english, "summary_en": joined(dialogue.summary)[1]}
    return {
        "fname": f"demo_{number}",
        "dialogue": korean,
        **references,
        "topic": dialogue.topic,
        **originals,
    }


def _filled(
    pairs: Sequence[Pair], values: tuple[Mapping[str, str], Mapping[str, str]]
) -> tuple[Pair, ...]:
    return tuple((fill(korean, values[0]), fill(english, values[1])) for korean, english in pairs)


def _slots(content: Mapping[str, Any]) -> dict[str, tuple[Pair, ...]]:
    slots = content.get("slots") or {}
    return {
        name: tuple((str(korean), str(english)) for korean, english in values)
        for name, values in slots.items()
    }


def _scenario(item: Mapping[str, Any], slots: Mapping[str, tuple[Pair, ...]]) -> Scenario:
    try:
        turns = []
        for turn in item["turns"]:
            ((key, ways),) = turn.items()
            patterns = tuple(
                sentences(*way) for way in ([ways] if isinstance(ways[0], str) else ways)
            )
            turns.append(Turn(speaker=key.rstrip("?"), optional=key.endswith("?"), ways=patterns))
        korean = tuple(item["summary"]["ko"])
        summary = sentences(korean[0], item["summary"]["en"])
    except GrammarError as error:
        raise GrammarError(f"scenario '{item['name']}': {error}") from error
    return Scenario(item["name"], slots, tuple(turns), summary, korean)
