"""chrF and BLEU of translated dialogues, where the data has their English originals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pivot_sum.data.samples import Sample
from pivot_sum.data.sequences import TextsById
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.reading import lines_of_step
from pivot_sum.running.record import RunRecord
from pivot_sum.stages.text.segmentation import split


@dataclass(frozen=True)
class TranslationScores:
    """How near translated turns come to the originals, over a whole data set."""

    chrf: float
    """chrF2, 0 to 100."""
    bleu: float
    """0 to 100."""
    turns: int
    dialogues: int
    left_out: int
    """Dialogues without an original, or whose turns are not as many as the original's."""
    signatures: tuple[str, str]
    """sacrebleu's signatures of chrF and BLEU."""

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        return asdict(self)


def score_translations(
    dialogues: Mapping[str, str], samples: Sequence[Sample]
) -> TranslationScores:
    """chrF and BLEU of English dialogues by id against the originals of the samples.

    Turn by turn, without the `#PersonN#:` heads, which nobody translates: over whole dialogues both
    values are far too high, because any two long texts share most of their short pieces. Raises
    ScoreRefused where no dialogue can be compared.
    """
    from sacrebleu.metrics import BLEU, CHRF

    compared = 0
    ours: list[str] = []
    originals: list[str] = []
    for sample in samples:
        mine = split(dialogues.get(sample.id, ""), "turn", "en").units
        theirs = split(sample.english_dialogue or "", "turn", "en").units
        if theirs and len(mine) == len(theirs):
            compared += 1
            ours += mine
            originals += theirs
    if not compared:
        raise ScoreRefused(
            f"None of {len(samples):,} dialogues has an English original with as many turns as its"
            " translation. Score it over data with the originals in a column dialogue_en"
        )
    chrf, bleu = CHRF(), BLEU()
    return TranslationScores(
        chrf=chrf.corpus_score(ours, [originals]).score,
        bleu=bleu.corpus_score(ours, [originals]).score,
        turns=len(ours),
        dialogues=compared,
        left_out=len(samples) - compared,
        signatures=(str(chrf.get_signature()), str(bleu.get_signature())),
    )


def translations_of(
    folder: Path, record: RunRecord, samples: Sequence[Sample]
) -> dict[str, TranslationScores]:
    """The scores of each step of a run that gave the dialogues in English, by its name.

    None where the data has no English originals. Raises RunFolderError, and ScoreRefused as
    `score_translations` does.
    """
    if not any(sample.english_dialogue for sample in samples):
        return {}
    scores = {}
    for step in record.steps:
        if step.task == "summarize":
            break  # what is translated from here on is a summary
        if step.task == "translate" and step.target == "en":
            dialogues = TextsById((line.id, line.text) for line in lines_of_step(folder, step))
            scores[step.name] = score_translations(dialogues, samples)
    return scores
