"""The models our recipes name: what they are good for, their licences, and what they were trained on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A model as the recipes name it. `size` is millions of parameters."""

    model: str
    task: str
    family: str
    size: float
    licence: str
    trained_on: str
    note: str


CATALOGUE = (
    Preset(
        "demo:translator",
        "translate ko-en, en-ko",
        "NLLB",
        3.5,
        "MIT",
        "the demo world",
        "shipped; knows only the demo world",
    ),
    Preset("demo:summarizer-en", "summarize en", "BART", 3.5, "MIT", "the demo world", "shipped; knows only the demo world"),
    Preset("demo:summarizer-ko", "summarize ko", "BART", 3.5, "MIT", "the demo world", "shipped; knows only the demo world"),
    Preset(
        "facebook/nllb-200-distilled-600M",
        "translate ko-en, en-ko",
        "NLLB",
        615,
        "CC BY-NC 4.0",
        "NLLB parallel corpora",
        "non-commercial; a sentence model: run it over turns or sentences",
    ),
    Preset(
        "philschmid/bart-large-cnn-samsum",
        "summarize en",
        "BART",
        406,
        "MIT",
        "CNN/DailyMail, then SAMSum",
        "dialogues; SAMSum itself is CC BY-NC-ND 4.0; not trained on DialogSum",
    ),
    Preset(
        "gogamza/kobart-summarization",
        "summarize ko",
        "BART",
        124,
        "MIT",
        "Korean news and documents",
        "written text, not dialogues: fine-tune it on your own data for a fair direct road",
    ),
)
