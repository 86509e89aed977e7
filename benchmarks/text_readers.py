"""What looks at a text that a user, a data file or a model gave: everything that
benchmarks/patterns.py times."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pivot_sum.data.overlap import dialogue_hash
from pivot_sum.eda.facts import _changed_lines
from pivot_sum.html.marks import difference, marked, turns
from pivot_sum.scoring.subsequence import longest_common
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.guards.alignment import misfit
from pivot_sum.stages.guards.checks import SummaryGuards, TranslationGuards
from pivot_sum.stages.guards.repetition import copied, repeated_words
from pivot_sum.stages.guards.support import support
from pivot_sum.stages.ledgers.name_alignment import misspelt, name_ledger
from pivot_sum.stages.ledgers.roles import swapped_speakers
from pivot_sum.stages.ledgers.values_changes import changed, unsupported
from pivot_sum.stages.ledgers.values_reading import read_values
from pivot_sum.stages.ledgers.values_repair import with_numbers_repaired
from pivot_sum.stages.placeholders.ladder import through_ladder
from pivot_sum.stages.placeholders.masks import _MASKS, leftovers, mask_from_name
from pivot_sum.stages.placeholders.protection import Protection
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.services.chat_dressing import Question, undressed
from pivot_sum.stages.services.chat_refusals import instead_of_an_answer
from pivot_sum.stages.text.chunking import split_to_fit
from pivot_sum.stages.text.glossary import Terms
from pivot_sum.stages.text.names import name_speakers, names_of, with_names
from pivot_sum.stages.text.particles import fix_particles, with_particle
from pivot_sum.stages.text.placeholders import count, find, repair_placeholders
from pivot_sum.stages.text.remarks import headings
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.stages.text.segmentation import join, split
from pivot_sum.stages.text.speakers import with_labels
from pivot_sum.submission.cells import dialogue, examine
from pivot_sum.training.augment_filter import damaged
from pivot_sum.training.augment_words import Operation, WordChange

Reader = Callable[[str], object]

KOREAN = (
    "#Person1#: 안녕하세요, 도슨 씨. 세 시에 3,000원을 드릴게요.\n#Person2#: 네, #Email#로 주세요."
)
ENGLISH = (
    "#Person1#: Hello, Mr. Dawson. I will give you 3,000 won at three.\n#Person2#: Yes, to #Email#."
)
"""The other text, where something looks at two."""


def readers() -> Mapping[str, Reader]:
    """Everything, by name."""
    return {
        "clean": lambda text: Clean()([text]),
        "polish": lambda text: Polish()([text]),
        "count": count,
        "repair_placeholders": lambda text: repair_placeholders(text, ("#Person1#", "#Email#")),
        "repair_placeholders, own": lambda text: repair_placeholders(f"{text}#a#", find(text)),
        "fix_particles": fix_particles,
        "with_particle": lambda text: with_particle(text, text),
        "main_script": main_script,
        "headings": headings,
        "name_speakers": lambda text: name_speakers(text, "auto"),
        "names_of": lambda text: names_of(text, name_speakers(text, "auto").text),
        "with_names": lambda text: with_names(text, dict.fromkeys(find(text), "민준")),
        "ladder": lambda text: through_ladder([text], list, ["as-is", "word", "xml"]),
        "leftovers": leftovers,
        "repeated_words": repeated_words,
        "copied": lambda text: copied(text, text, 5),
        "examine": lambda text: examine(text, dialogue(KOREAN)),
        "examine, dialogue": lambda text: examine(KOREAN, dialogue(text)),
        "marked": marked,
        "turns": turns,
        "difference": lambda text: difference(text[: len(text) // 2], f".{text[1::2]},"),
        "difference, other text": lambda text: difference(text, f"{text[7:]} {KOREAN} {text}"),
        "changed lines": lambda text: _changed_lines(text, f"{text[7:]}\n{KOREAN}\n{text}"),
        "dialogue_hash": dialogue_hash,
        "swapped_speakers, dialogue": lambda text: swapped_speakers(text, KOREAN, "ko"),
        "swapped_speakers, summary": lambda text: swapped_speakers(KOREAN, text, "ko"),
        "swapped_speakers, both": lambda text: swapped_speakers(text, text, "ko"),
        "name_ledger": _names,
        "longest_common": lambda text: longest_common(text, text[::-1]),
        **_masks(),
        **_protection(),
        **_chat(),
        **_augmentation(),
        **_of_language("ko", "en", KOREAN, ENGLISH),
        **_of_language("en", "ko", ENGLISH, KOREAN),
    }


def _names(text: str) -> None:
    misspelt(name_ledger(["Dawson", "Tom"], text, text), text, KOREAN)
    misspelt(name_ledger(["Dawson", "Tom"], KOREAN, ENGLISH), KOREAN, text)


def _masks() -> dict[str, Reader]:
    found: dict[str, Reader] = {}
    for name in _MASKS:
        mask = mask_from_name(name)
        found[f"mask {name}"] = mask.mask
        found[f"unmask {name}"] = lambda text, mask=mask: mask.unmask(text, KOREAN)  # type: ignore[misc]  # mypy cannot infer lambdas with defaults
        found[f"unmask {name}, own"] = lambda text, mask=mask: mask.unmask(f"{text}#", text)  # type: ignore[misc]  # as above
    return found


def _protection() -> dict[str, Reader]:
    kinds = ("url", "email", "number")
    protection = Protection(kinds, "ko", {"도슨": "Dawson", "a": "b"})
    hidden = protection.hide("http://a.kr/b, 도슨")
    return {
        "protection": lambda text: protection.hide(text).back(text),
        "protection, answer": lambda text: (hidden.back(text), hidden.lost(text)),
        "glossary": lambda text: list(Terms({"도슨": "Dawson", "a": "b"}).found_in(text)),
    }


def _chat() -> dict[str, Reader]:
    asked = Question(KOREAN, "translate", "en", f"Translate:\n{KOREAN}")

    def about(text: str) -> Question:
        return Question(text, "summarize", "ko", f"Summarise:\n{text}")

    return {
        "undressed": lambda text: undressed(text, asked),
        "undressed, source": lambda text: undressed(f"번역: {KOREAN}", about(text)),
        "undressed, both": lambda text: undressed(text, about(text)),
        "instead_of_an_answer": lambda text: instead_of_an_answer(text, asked),
    }


def _augmentation() -> dict[str, Reader]:
    ways: tuple[Operation, ...] = ("swap", "deletion", "synonyms")
    synonyms = {"도슨": "도순", "가": "나", "가 나": "다"}
    changes = {way: WordChange(way, 0.5, 1, synonyms=synonyms) for way in ways}
    return {
        **{way: lambda text, change=change: change(text, "1") for way, change in changes.items()},  # type: ignore[misc]  # mypy cannot infer lambdas with defaults
        "damaged": lambda text: damaged(text, f" {text}"),
    }


def _of_language(language: str, other: str, own: str, foreign: str) -> dict[str, Reader]:
    guards, summaries = TranslationGuards(), SummaryGuards()
    return {
        f"{name}, {language}": reader
        for name, reader in {
            "split turn": lambda text: _joined(text, "turn", language),
            "split sentence": lambda text: _joined(text, "sentence", language),
            "split_to_fit": lambda text: split_to_fit(text, 400, len, language),
            "names as labels": lambda text: with_labels(text, "name", language),
            "letters as labels": lambda text: with_labels(text, "letter", language),
            "read_values": lambda text: read_values(text, language),
            "unsupported": lambda text: unsupported(text, text, language),
            "changed": lambda text: changed(text, foreign, language, other),
            "numbers repaired": lambda text: with_numbers_repaired(foreign, text, other, language),
            "misfit": lambda text: misfit(text, text, language, other),
            "guards, source": lambda text: guards.flags_of(text, foreign, language, other),
            "guards, output": lambda text: guards.flags_of(foreign, text, other, language),
            "guards, both": lambda text: guards.flags_of(text, text, language, other),
            "summary guards": lambda text: summaries.flags_of(own, text, language),
            "summary guards, dialogue": lambda text: summaries.flags_of(text, own, language),
            "support": lambda text: support(text, text, language),
        }.items()
    }


def _joined(text: str, over: str, language: str) -> str:
    parts = split(text, over, language)  # type: ignore[arg-type]  # the two that are named above
    return join(parts.frame, parts.units)
