"""Faults that models and services have been seen to make, put into correct answers on purpose."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import sentences, split


class Pair(NamedTuple):
    """A correct answer and what it answers."""

    source: str
    output: str
    source_language: str
    target: str
    task: str


Fault = Callable[[Pair, Pair, random.Random], str | None]
"""The faulty answer to the first pair, with the second to take from; None where this fault does not
apply."""

REMARKS = {
    "en": (
        "Note: {}", "(Note: this is informal.) {}", "{} [Translator's note: unclear]",
        "Translation: {}", "{} (a polite form)",
        "Here is the translation: {}", "{} ※ informal",
    ),
    "ko": (
        "{} ※ 구어체입니다.", "참고: {}", "{} (역자 주: 불분명함)", "번역: {}", "{} [원문 그대로]",
        "다음은 번역입니다: {}",
        "{} (정중한 표현)",
    ),
}  # fmt: skip
INVENTED = ("#Person8#", "#person9#", "#Mrs. Dawson#", "#Location#", "Person7", "#People6#")


def whole_in_source_script(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The model answered in the wrong language."""
    return OTHER_LANGUAGE.get(pair) or None


def one_sentence_in_other_script(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """One sentence was left untranslated."""
    wrong = OTHER_LANGUAGE.get(other)
    parts = sentences(pair.output, pair.target)
    if not wrong or len(parts) < 2:
        return None
    parts[rng.randrange(len(parts))] = rng.choice(
        sentences(wrong, "en" if pair.target == "ko" else "ko")
    )
    return " ".join(parts)


def one_word_in_other_script(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """One word was left untranslated."""
    wrong = OTHER_LANGUAGE.get(pair) or ""
    words = [word.strip(".,?!\"'") for word in PLACEHOLDER.sub(" ", wrong).split()]
    fitting = [
        word
        for word in words
        if word.isalpha() and (word.islower() if pair.target == "ko" else True) and len(word) > 1
    ]
    here = pair.output.split()
    if not fitting or len(here) < 3:
        return None
    here[rng.randrange(len(here))] = rng.choice(fitting)
    return " ".join(here)


def breaks_off(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The answer stops after its first words, a tenth of what it should be."""
    words = pair.output.split()
    return " ".join(words[: len(words) // 10]) if len(words) >= 20 else None


def goes_on(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The answer goes on with something else, until it is as long as a summary never is, or three
    times as long."""
    more = pair.output
    while len(more) < (3 * len(pair.output) + 40 if pair.task == "translate" else len(pair.source)):
        more += " " + rng.choice(POOL[pair.task, pair.source_language, pair.target]).output
    return more


def repeats_last_word(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The decoder is stuck on a word."""
    return pair.output.rstrip(".?!") + f" {pair.output.split()[-1].rstrip('.?!')}" * rng.randint(
        6, 30
    )


def repeats_last_words(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The decoder is stuck on three words."""
    words = pair.output.split()
    return " ".join([*words, *words[-3:] * rng.randint(3, 10)]) if len(words) >= 3 else None


def repeats_sentence(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The last sentence comes three times."""
    last = sentences(pair.output, pair.target)[-1:]
    return " ".join([pair.output, *last * 2]) if last and len(last[0].split()) >= 3 else None


def stutters(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The decoder is stuck inside a word."""
    return pair.output + ("하하" if pair.target == "ko" else "ha") * rng.randint(8, 40)


def copies_source(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The translator gave its input back, the summariser the first turns."""
    if pair.task == "translate":
        return pair.source
    turns = split(pair.source, "turn", pair.source_language).units
    return " ".join(turns[: max(1, len(turns) // 4)])


def copies_turns_with_heads(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The summariser gave two turns of the dialogue back, as they stand there."""
    lines = pair.source.splitlines()
    start = rng.randrange(max(1, len(lines) - 1))
    return " ".join(lines[start : start + 2]) if pair.task == "summarize" else None


def adds_note(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """A remark of the translator's own."""
    return rng.choice(REMARKS[pair.target]).format(pair.output)


def invents_placeholder(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """A placeholder, or what looks like one, that the source does not have."""
    words = pair.output.split()
    words.insert(rng.randrange(len(words) + 1), rng.choice(INVENTED))
    return " ".join(words)


def drops_sentence(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """One of two or more sentences of a turn is gone."""
    parts = sentences(pair.output, pair.target)
    if pair.task != "translate" or len(parts) < 2:
        return None
    del parts[rng.randrange(len(parts))]
    return " ".join(parts)


def adds_sentence(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """A sentence of another answer is in this one: hallucinated."""
    parts = sentences(pair.output, pair.target)
    parts.insert(
        rng.randrange(len(parts) + 1),
        rng.choice(sentences(other.output, pair.target) or [""]),
    )
    return " ".join(parts)


def drops_turn(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """A turn of a dialogue translated as a whole is gone."""
    lines = pair.output.splitlines()
    if len(lines) < 3 or pair.task != "translate":
        return None
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


def another_answer(pair: Pair, other: Pair, rng: random.Random) -> str | None:
    """The answer to another text: an off-by-one in a batch."""
    return (
        other.output
        if PLACEHOLDER.sub("", other.output) != PLACEHOLDER.sub("", pair.output)
        else None
    )


FAULTS: tuple[tuple[str, Fault, str], ...] = (
    ("whole answer in the source's language", whole_in_source_script, "wrong script"),
    ("one sentence left in the source's language", one_sentence_in_other_script, "wrong script"),
    ("one word left in the source's language", one_word_in_other_script, "wrong script"),
    ("breaks off after a tenth", breaks_off, "length"),
    ("goes on with something else", goes_on, "length"),
    ("stuck on a word", repeats_last_word, "repetition"),
    ("stuck on three words", repeats_last_words, "repetition"),
    ("last sentence three times", repeats_sentence, "repetition"),
    ("stuck inside a word", stutters, "repetition"),
    ("copy of the source", copies_source, "copy"),
    ("two turns copied", copies_turns_with_heads, "copy"),
    ("added note", adds_note, "added note"),
    ("invented placeholder", invents_placeholder, "invented placeholder"),
    ("a turn missing", drops_turn, "no counterpart"),
    ("a sentence missing", drops_sentence, "no counterpart"),
    ("a sentence too many", adds_sentence, "no counterpart"),
    ("the answer to another text", another_answer, "no counterpart"),
)
"""What each fault is called, what makes it, and the guard that is meant for it."""

OTHER_LANGUAGE: dict[Pair, str] = {}
"""The answer in the wrong language, for each pair that has one."""
POOL: dict[tuple[str, str, str], list[Pair]] = {}
