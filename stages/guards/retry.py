"""What happens to an answer the guards flagged: it is asked for again in other ways, all flagged
texts of a batch together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from pivot_sum.stages.base import Answer, Note

Attempt = Callable[[Sequence[str]], Mapping[str, Answer]]
"""Answers by text. A text the attempt can do nothing new for may be missing."""

FIRST = "first"
"""The attempt every text goes through. An answer it gave says nothing about attempts."""


def escalated(
    texts: Sequence[str],
    attempts: Mapping[str, Attempt],
    flags_of: Callable[[str, str], list[str]],
    losses_of: Callable[[str, str], int] = lambda text, answer: 0,
) -> dict[str, Answer]:
    """The answer to each text: of the first attempt that raises no flag, else of the one with the
    fewest flags among those that lost the least.

    `losses_of` counts what an answer lost that no other merit makes up for: the addresses and codes
    of its source.

    Flags go into the note, and where a later attempt gave the answer, its name, as `retry`. Each
    attempt gets, in one call, the texts all earlier ones left flagged. The first has to answer
    every text.
    """
    best: dict[str, tuple[list[str], Answer]] = {}
    worth: dict[str, tuple[int, int]] = {}
    waiting = list(texts)
    for name, attempt in attempts.items():
        answers = attempt(waiting) if waiting else {}
        for text, answer in answers.items():
            flags = flags_of(text, answer.text)
            faults = (losses_of(text, answer.text), len(flags))
            if text not in best or faults < worth[text]:
                worth[text] = faults
                best[text] = (
                    flags,
                    answer
                    if name == FIRST
                    else Answer(answer.text, {**answer.note, "retry": name}),
                )
        waiting = [text for text in waiting if best[text][0]]
    return {text: _flagged(answer, flags) for text, (flags, answer) in best.items()}


def merged_flags(answers: Iterable[Answer]) -> list[str]:
    """The flags of all answers a text is made of, each once."""
    return sorted({flag for answer in answers for flag in answer.note.get("flags", [])})


def merged_repairs(answers: Iterable[Answer]) -> dict[str, int]:
    """The repairs of all answers a text is made of, added up by kind."""
    repairs: Counter[str] = Counter()
    for answer in answers:
        repairs.update(answer.note.get("repairs", {}))
    return dict(repairs)


def _flagged(answer: Answer, flags: list[str]) -> Answer:
    note: Note = {**answer.note}
    if flags:
        note["flags"] = [*note.get("flags", []), *flags]
    return Answer(answer.text, note)
