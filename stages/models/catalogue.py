"""The models our recipes name, and a few worth trying in their place: licences, training data, what
they are good for.

Only what is certain stands here; for the rest the model's own card is named. Models fine-tuned on
DialogSum are banned in the competition on its Korean translation, because its test set is made from
that corpus.
"""

from __future__ import annotations

from dataclasses import dataclass

SEE_CARD = "not stated: see its model card"


@dataclass(frozen=True)
class Preset:
    """A model as the recipes name it. `size` is millions of parameters; `dialogsum` whether it was
    fine-tuned on that corpus (None: not known).
    """

    model: str
    task: str
    family: str
    size: float
    licence: str
    trained_on: str
    dialogsum: bool | None
    good_for: str


RESTRICTED = {
    "hunyuan-mt": (
        "its licence (Tencent Hunyuan Community License) does not apply in South Korea, the"
        " European Union and the United Kingdom: from there it gives you no right to use the model"
    ),
}
"""What somebody has to know before a model is used, by a part of its name in lower case."""


def restriction(model: str) -> str:
    """What somebody has to know before this model is used; empty where we know of nothing."""
    return next((said for part, said in RESTRICTED.items() if part in model.lower()), "")


BOTH_WAYS = "translate ko-en, en-ko"
DEMO = ("MIT", "the demo world", False, "a first run; knows only the demo world")

CATALOGUE = (
    Preset("demo:translator", BOTH_WAYS, "NLLB-200", 3.5, *DEMO),
    Preset("demo:summarizer-en", "summarize en", "BART", 3.5, *DEMO),
    Preset("demo:summarizer-ko", "summarize ko", "BART", 3.5, *DEMO),
    Preset(
        "facebook/nllb-200-distilled-600M",
        BOTH_WAYS,
        "NLLB-200",
        615,
        "CC BY-NC 4.0",
        "NLLB parallel corpora",
        False,
        "turns or sentences, 202 languages; not for commercial use",
    ),
    Preset(
        "facebook/nllb-200-3.3B",
        BOTH_WAYS,
        "NLLB-200",
        3345,
        "CC BY-NC 4.0",
        "NLLB parallel corpora",
        False,
        "as above, larger: on a GPU; not for commercial use",
    ),
    Preset(
        "facebook/mbart-large-50-many-to-many-mmt",
        BOTH_WAYS,
        "mBART-50",
        611,
        SEE_CARD,
        "text in 50 languages, then ML50 parallel corpora",
        False,
        "sentences, 50 languages",
    ),
    Preset(
        "facebook/m2m100_418M",
        BOTH_WAYS,
        "M2M-100",
        484,
        "MIT",
        "CCMatrix, CCAligned",
        False,
        "sentences, 100 languages",
    ),
    Preset(
        "google/madlad400-3b-mt",
        BOTH_WAYS,
        "MADLAD-400 (T5)",
        2940,
        "Apache 2.0",
        "MADLAD-400 and parallel corpora",
        False,
        "sentences, over 400 languages, commercial use; on a GPU",
    ),
    Preset(
        "Helsinki-NLP/opus-mt-ko-en",
        "translate ko-en",
        "OPUS-MT (Marian)",
        78,
        "Apache 2.0",
        "OPUS parallel corpora",
        False,
        "sentences, small and quick, commercial use",
    ),
    Preset(
        "Helsinki-NLP/opus-mt-tc-big-en-ko",
        "translate en-ko",
        "OPUS-MT (Marian)",
        209,
        "CC BY 4.0",
        "OPUS parallel corpora (Tatoeba Challenge)",
        False,
        "sentences, commercial use",
    ),
    Preset(
        "philschmid/bart-large-cnn-samsum",
        "summarize en",
        "BART",
        406,
        "MIT",
        "CNN/DailyMail, then SAMSum",
        False,
        "chats and dialogues (SAMSum itself is CC BY-NC-ND 4.0)",
    ),
    Preset(
        "facebook/bart-large-cnn",
        "summarize en",
        "BART",
        406,
        "MIT",
        "CNN/DailyMail",
        False,
        "news, not dialogues",
    ),
    Preset(
        "philschmid/flan-t5-base-samsum",
        "summarize en",
        "T5",
        248,
        "Apache 2.0",
        "the FLAN tasks, then SAMSum",
        None,
        "chats and dialogues; prefix 'summarize: ' (SAMSum itself is CC BY-NC-ND 4.0)",
    ),
    Preset(
        "google/pegasus-cnn_dailymail",
        "summarize en",
        "Pegasus",
        569,
        SEE_CARD,
        "C4 and HugeNews, then CNN/DailyMail",
        False,
        "news, not dialogues",
    ),
    Preset(
        "knkarthick/MEETING_SUMMARY",
        "summarize en",
        "BART",
        406,
        "Apache 2.0",
        "XSum, SAMSum, DialogSum, AMI and others",
        True,
        "dialogues and meetings, outside the competition only",
    ),
    Preset(
        "gogamza/kobart-summarization",
        "summarize ko",
        "BART (KoBART)",
        124,
        "MIT",
        "Korean news",
        False,
        "written text; fine-tune it on dialogues for a fair direct pipeline",
    ),
    Preset(
        "eenzeenee/t5-base-korean-summarization",
        "summarize ko",
        "T5",
        275,
        SEE_CARD,
        "AI Hub: papers, books, reports",
        False,
        "written text, prefix 'summarize: '; fine-tune it on dialogues for a fair direct pipeline",
    ),
    Preset(
        "csebuetnlp/mT5_multilingual_XLSum",
        "summarize ko, en",
        "T5 (mT5)",
        582,
        "CC BY-NC-SA 4.0",
        "XL-Sum (BBC news)",
        False,
        "news, one sentence; not for commercial use",
    ),
    Preset(
        "mskayacioglu/mbart50-xlsum",
        "summarize ko, en",
        "mBART-50",
        611,
        SEE_CARD,
        "ML50 parallel corpora, then XL-Sum (BBC news)",
        False,
        "news",
    ),
)
