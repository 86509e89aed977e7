"""How well the demo models know their world: chrF, exact matches, placeholders, and what the
summaries leave out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from sacrebleu.metrics.chrf import CHRF
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from pivot_sum.demo.grammar import Dialogue, joined
from pivot_sum.demo_training.models import ENGLISH, KOREAN

BATCH = 32
_PLACEHOLDER = re.compile(r"#\w+#")


class Writer:
    """A saved demo model, ready to generate with beam 4. `target` is the language forced upon a
    translator."""

    def __init__(self, folder: Path, source: str = "", target: str = "") -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.options: dict[str, Any] = {
            "num_beams": 4,
            "early_stopping": False,
            "max_new_tokens": 120,
        }
        if target:
            self.tokenizer.src_lang = source
            self.options["forced_bos_token_id"] = self.tokenizer.convert_tokens_to_ids(target)

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> list[str]:
        """The model's answers, one for one. Equal texts are asked once."""
        unique = sorted(set(texts), key=len)
        answers: dict[str, str] = {}
        for start in range(0, len(unique), BATCH):
            batch = unique[start : start + BATCH]
            inputs = self.tokenizer(batch, padding=True, return_tensors="pt")
            ids = self.model.generate(
                input_ids=inputs.input_ids, attention_mask=inputs.attention_mask, **self.options
            )
            answers |= zip(
                batch, self.tokenizer.batch_decode(ids, skip_special_tokens=True), strict=True
            )
        return [answers[text] for text in texts]


def evaluate(models: Path, held_out: Sequence[Dialogue]) -> dict[str, Any]:
    """What is measured over the held-out dialogues; `rows` says for each dialogue what its
    summaries left out."""
    to_english = Writer(models / "translator", KOREAN, ENGLISH)
    to_korean = Writer(models / "translator", ENGLISH, KOREAN)
    summarize_en, summarize_ko = Writer(models / "summarizer-en"), Writer(models / "summarizer-ko")

    turns = list(dict.fromkeys(joined(turn) for dialogue in held_out for _, turn in dialogue.turns))
    korean, english = [pair[0] for pair in turns], [pair[1] for pair in turns]
    into_english, into_korean = to_english(korean), to_korean(english)
    measured: dict[str, Any] = {
        "turns ko-en": _compared(into_english, english) | _kept(korean, into_english),
        "turns en-ko": _compared(into_korean, korean) | _kept(english, into_korean),
    }

    texts = [dialogue.text() for dialogue in held_out]
    summaries = [joined(dialogue.summary) for dialogue in held_out]
    gold = [[pair[side] for pair in summaries] for side in (0, 1)]
    back = to_korean(gold[1])
    measured["summaries en-ko"] = _compared(back, gold[0]) | _kept(gold[1], back)

    pivot_turns = dict(zip(korean, into_english, strict=True))
    pivots = [
        "\n".join(
            f"#Person{number}#: {pivot_turns[joined(turn)[0]]}" for number, turn in dialogue.turns
        )
        for dialogue in held_out
    ]
    chain_en = summarize_en(pivots)
    written = {
        "summarizer-en": (summarize_en([text[1] for text in texts]), 1),
        "summarizer-ko": (summarize_ko([text[0] for text in texts]), 0),
        "chain": (to_korean(chain_en), 0),
    }
    rows: list[dict[str, Any]] = [
        {"fname": f"demo_{n}", "topic": d.topic} for n, d in enumerate(held_out)
    ]
    for name, (answers, side) in written.items():
        missing = [
            _missing(answer, dialogue, side)
            for answer, dialogue in zip(answers, held_out, strict=True)
        ]
        measured[name] = _compared(answers, gold[side]) | {
            "complete": sum(not gone for gone in missing)
        }
        for entry, answer, expected, gone in zip(rows, answers, gold[side], missing, strict=True):
            entry[name] = {"exact": answer == expected, "missing": gone}
            if answer != expected:
                entry[name]["text"] = answer
    return measured | {"rows": rows}


def _compared(answers: Sequence[str], expected: Sequence[str]) -> dict[str, Any]:
    exact = sum(answer == right for answer, right in zip(answers, expected, strict=True))
    chrf = CHRF().corpus_score(list(answers), [list(expected)]).score
    return {"n": len(answers), "chrf": round(chrf, 2), "exact": exact}


def _kept(sources: Sequence[str], answers: Sequence[str]) -> dict[str, int]:
    """Of the texts that hold placeholders, how many give back exactly the same ones."""
    found = [
        [sorted(_PLACEHOLDER.findall(text)) for text in pair]
        for pair in zip(sources, answers, strict=True)
    ]
    having = [(before, after) for before, after in found if before]
    return {
        "with_placeholders": len(having),
        "placeholders_kept": sum(before == after for before, after in having),
    }


def _missing(summary: str, dialogue: Dialogue, side: int) -> list[str]:
    """Slot values and people of the reference that the summary does not name."""
    return [
        value[side] for value in dialogue.must_name if value[side].lower() not in summary.lower()
    ]
