"""A model that knows the demo dialogues by heart: translates their turns and summaries, and
summarises them, by table. `server.answer = chatdemo.answer`.

What is not in the tables is answered with `UNKNOWN`, so that a test sees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from chatanswers import Messages, items, numbered

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.demo.grammar import GrammarError, sentences

UNKNOWN = "This text is not one of the demo."
TRANSLATE, SUMMARIZE = "translat|번역", "summar|요약"


class Tables(NamedTuple):
    """The answer to each text, by task; `corrected` by Korean dialogue."""

    translated: dict[str, str]
    summarized: dict[str, str]
    corrected: dict[str, str]


@cache
def tables() -> Tables:
    """Turns with and without speaker, sentences, whole dialogues, and summaries."""
    found = Tables({}, {}, {})
    for line in DEMO_FILE.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        korean, english = sample["dialogue"], sample["dialogue_en"]
        found.summarized[korean] = found.corrected[korean] = sample["summary1"]
        found.summarized[english] = sample["summary_en"]
        pairs = [(korean, english), (sample["summary1"], sample["summary_en"])]
        for turns in zip(korean.split("\n"), english.split("\n"), strict=True):
            said = tuple(turn.partition(": ")[2] for turn in turns)
            pairs += [turns, (said[0], said[1])]
        for left, right in pairs:
            _add(found.translated, left, right)
            if "\n" not in left:
                for one, other in _sentences(left, right):
                    _add(found.translated, one, other)
    return found


def _add(table: dict[str, str], korean: str, english: str) -> None:
    table.setdefault(korean, english)
    table.setdefault(english, korean)


def _sentences(korean: str, english: str) -> tuple[tuple[str, str], ...]:
    try:
        return sentences(korean, english)
    except GrammarError:
        return ()


def answer(messages: Messages, body: Mapping[str, Any]) -> str:
    """What the model says. The task is the one the prompt names first; a prompt that shows a
    Korean dialogue beside a summary, or a text that is no demo text, wants the right summary."""
    return "\n".join(numbered(number, _one(messages, text)) for number, text in items(messages))


def _one(messages: Messages, text: str) -> str:
    known = tables()
    prompt = str(messages[-1]["content"])
    dialogue = next((dialogue for dialogue in known.corrected if dialogue in prompt), text)
    asks_to_rewrite = "요약문:" in prompt or text not in known.translated | known.summarized
    if dialogue != text and asks_to_rewrite:
        return known.corrected.get(dialogue, UNKNOWN)
    named = re.search(f"{TRANSLATE}|({SUMMARIZE})", _instructions(messages, text), re.IGNORECASE)
    table = known.summarized if named and named[1] else known.translated
    return table.get(text, UNKNOWN)


def _instructions(messages: Messages, text: str) -> str:
    return "\n".join(str(message["content"]) for message in messages).replace(text, "")
