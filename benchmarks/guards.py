"""How many faults the guards catch and how often they are wrong: `python benchmarks/guards.py
[--data FILE]`.

Takes correct translations and summaries (the shipped held-out dialogues, or an aligned JSONL file),
puts one fault of each kind into each, and counts. Prints the tables of docs/guards.md in Markdown.
Needs no model.

FILE holds one JSON object a line: `dialogue_ko` (or `dialogue`), `dialogue_en`, the summaries
`summary_ko` (or `summary1`, `summary2`, ...) and `summaries_en` (or `summary_en`). Dialogues whose
turns do not correspond are left out.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.stages.guards.checks import GUARDS, SummaryGuards, TranslationGuards
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


def guards_of(pair: Pair) -> list[str]:
    """The flags of a pair, under the defaults."""
    if pair.task == "translate":
        return TranslationGuards().flags_of(
            pair.source, pair.output, pair.source_language, pair.target
        )
    return SummaryGuards().flags_of(pair.source, pair.output, pair.target)


# What is put in. Every fault is one a model or a service has been seen to make.


def whole_in_source_script(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The model answered in the wrong language."""
    return OTHER_LANGUAGE.get(pair) or None


def one_sentence_in_other_script(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """One sentence was left untranslated."""
    wrong = OTHER_LANGUAGE.get(other)
    parts = sentences(pair.output, pair.target)
    if not wrong or len(parts) < 2:
        return None
    parts[chance.randrange(len(parts))] = chance.choice(
        sentences(wrong, "en" if pair.target == "ko" else "ko")
    )
    return " ".join(parts)


def one_word_in_other_script(pair: Pair, other: Pair, chance: random.Random) -> str | None:
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
    here[chance.randrange(len(here))] = chance.choice(fitting)
    return " ".join(here)


def breaks_off(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The answer stops after its first words, a tenth of what it should be."""
    words = pair.output.split()
    return " ".join(words[: len(words) // 10]) if len(words) >= 20 else None


def goes_on(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The answer goes on with something else, until it is as long as a summary never is, or three
    times as long."""
    more = pair.output
    while len(more) < (3 * len(pair.output) + 40 if pair.task == "translate" else len(pair.source)):
        more += " " + chance.choice(POOL[pair.task, pair.source_language, pair.target]).output
    return more


def repeats_last_word(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The decoder is stuck on a word."""
    return pair.output.rstrip(".?!") + f" {pair.output.split()[-1].rstrip('.?!')}" * chance.randint(
        6, 30
    )


def repeats_last_words(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The decoder is stuck on three words."""
    words = pair.output.split()
    return " ".join([*words, *words[-3:] * chance.randint(3, 10)]) if len(words) >= 3 else None


def repeats_sentence(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The last sentence comes three times."""
    last = sentences(pair.output, pair.target)[-1:]
    return " ".join([pair.output, *last * 2]) if last and len(last[0].split()) >= 3 else None


def stutters(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The decoder is stuck inside a word."""
    return pair.output + ("하하" if pair.target == "ko" else "ha") * chance.randint(8, 40)


def copies_source(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The translator gave its input back, the summariser the first turns."""
    if pair.task == "translate":
        return pair.source
    turns = split(pair.source, "turn", pair.source_language).units
    return " ".join(turns[: max(1, len(turns) // 4)])


def copies_turns_with_heads(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """The summariser gave two turns of the dialogue back, as they stand there."""
    lines = pair.source.splitlines()
    start = chance.randrange(max(1, len(lines) - 1))
    return " ".join(lines[start : start + 2]) if pair.task == "summarize" else None


def adds_note(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """A remark of the translator's own."""
    return chance.choice(REMARKS[pair.target]).format(pair.output)


def invents_placeholder(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """A placeholder, or what looks like one, that the source does not have."""
    words = pair.output.split()
    words.insert(chance.randrange(len(words) + 1), chance.choice(INVENTED))
    return " ".join(words)


def drops_sentence(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """One of two or more sentences of a turn is gone."""
    parts = sentences(pair.output, pair.target)
    if pair.task != "translate" or len(parts) < 2:
        return None
    del parts[chance.randrange(len(parts))]
    return " ".join(parts)


def adds_sentence(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """A sentence of another answer is in this one: hallucinated."""
    parts = sentences(pair.output, pair.target)
    parts.insert(
        chance.randrange(len(parts) + 1),
        chance.choice(sentences(other.output, pair.target) or [""]),
    )
    return " ".join(parts)


def drops_turn(pair: Pair, other: Pair, chance: random.Random) -> str | None:
    """A turn of a dialogue translated as a whole is gone."""
    lines = pair.output.splitlines()
    if len(lines) < 3 or pair.task != "translate":
        return None
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def another_answer(pair: Pair, other: Pair, chance: random.Random) -> str | None:
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


def read_pairs(file: Path) -> list[Pair]:
    """Translations of turns and of whole dialogues in both directions, and summaries in both
    languages; each once."""
    pairs: dict[Pair, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        korean, english = row.get("dialogue_ko", row.get("dialogue")), row["dialogue_en"]
        turns = [split(korean, "turn", "ko").units, split(english, "turn", "en").units]
        if len(turns[0]) == len(turns[1]):
            for ko, en in [
                *zip(*turns, strict=True),
                ("\n".join(korean.splitlines()), "\n".join(english.splitlines())),
            ]:
                pairs |= {
                    Pair(ko, en, "ko", "en", "translate"): ko,
                    Pair(en, ko, "en", "ko", "translate"): en,
                }
        summaries_ko = [
            value
            for key, value in sorted(row.items())
            if key.startswith("summary") and not key.endswith("_en")
        ]
        summaries_en = row.get("summaries_en") or [row["summary_en"]]
        for summary in summaries_ko:
            pairs[Pair(korean, summary, "ko", "ko", "summarize")] = summaries_en[0]
        for summary in summaries_en:
            pairs[Pair(english, summary, "en", "en", "summarize")] = summaries_ko[0]
    OTHER_LANGUAGE.update(pairs)
    return list(pairs)


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def print_tables(pairs: Sequence[Pair], seed: int) -> None:
    """False alarms, and what is caught, for each of the four kinds of answer."""
    kinds = {
        ("translate", "ko", "en"): "ko → en",
        ("translate", "en", "ko"): "en → ko",
        ("summarize", "en", "en"): "summary en",
        ("summarize", "ko", "ko"): "summary ko",
    }
    for pair in pairs:
        POOL.setdefault((pair.task, pair.source_language, pair.target), []).append(pair)
    alarms: dict[object, Counter[str]] = {kind: Counter() for kind in kinds}
    for kind in kinds:
        for pair in POOL[kind]:
            flags = guards_of(pair)
            alarms[kind].update([*flags, "any"] if flags else [])
    print(
        "| false alarms of | "
        + " | ".join(f"{kinds[kind]} ({len(POOL[kind]):,})" for kind in kinds)
        + " |"
    )
    print("|---|" + "---|" * len(kinds))
    for name in (*GUARDS, "any"):
        shown = "any guard" if name == "any" else name
        print(
            f"| {shown} | "
            + " | ".join(percent(alarms[kind][name], len(POOL[kind])) for kind in kinds)
            + " |"
        )
    print(
        "\n| fault | guard meant | injected | "
        + " | ".join(kinds.values())
        + " | all | by the guard meant |"
    )
    print("|---|---|---|" + "---|" * (len(kinds) + 2))
    totals: Counter[str] = Counter()
    for label, fault, guard in FAULTS:
        chance = random.Random(f"{seed} {label}")
        injected: Counter[object] = Counter()
        caught: Counter[object] = Counter()
        for kind in kinds:
            for pair in POOL[kind]:
                if ("\n" in pair.output) != (fault is drops_turn):
                    continue  # whole dialogues are there for that one
                faulty = fault(pair, chance.choice(POOL[kind]), chance)
                if faulty is None or faulty == pair.output or not faulty.strip():
                    continue
                flags = guards_of(pair._replace(output=faulty))
                injected[kind] += 1
                caught[kind] += bool(flags)
                caught["meant"] += guard in flags
        whole, found = injected.total(), sum(caught[kind] for kind in kinds)
        totals.update(injected=whole, caught=found)
        cells = " | ".join(percent(caught[kind], injected[kind]) for kind in kinds)
        print(
            f"| {label} | {guard} | {whole:,} | {cells} | {percent(found, whole)} |"
            f" {percent(caught['meant'], whole)} |"
        )
    print(
        f"\nAll faults: {totals['caught']:,} of {totals['injected']:,} caught,"
        f" {percent(totals['caught'], totals['injected'])} %."
    )


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--data",
        type=Path,
        default=DEMO_FILE,
        help="aligned JSONL (default: the shipped held-out dialogues)",
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}; {options.data.name}, seed {options.seed}; "
        "caught and false alarms in percent.\n"
    )
    print_tables(read_pairs(options.data), options.seed)


if __name__ == "__main__":
    main(sys.argv[1:])
