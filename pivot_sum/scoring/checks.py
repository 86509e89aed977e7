"""What is refused before anything is scored: scores that would mean nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from pivot_sum.data.samples import Sample, ids_of, references_of
from pivot_sum.data.sequences import texts_of
from pivot_sum.errors import ScoreRefused
from pivot_sum.scoring.tokenizers import DEFAULT_TOKENIZER, ENGLISH
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.wording import some

TOLERATED: Final = 0.1
"""The share of rows that may be in the wrong script and are counted; with more it is the wrong
file. One row alone never blocks the scores of the others."""

_MISSING: Final = frozenset(("nan", "none", "null", "na", "n/a", "<na>"))
"""What programs write where they have no value."""

_T = TypeVar("_T")
_LANGUAGES: Final = {"ko": "Korean", "en": "English", "other": "neither Korean nor English"}


def beginning(
    texts: Mapping[str, str], samples: Sequence[Sample], limit: int | None
) -> tuple[Mapping[str, str], Sequence[Sample]]:
    """The first `limit` samples, and the texts without those that belong to the samples behind
    them."""
    if limit is None:
        return texts, samples
    behind = {*ids_of(samples)[limit:]}
    return {id: text for id, text in texts.items() if id not in behind}, samples[:limit]


def paired(
    texts: Mapping[str, str], samples: Sequence[Sample], file: Path, data: Path
) -> tuple[Sequence[str], Sequence[tuple[str, ...]]]:
    """The texts in the order of the samples, and the references. `file` and `data` are what they
    were read from.

    Raises ScoreRefused, naming the ids, where the texts are not for exactly these samples or one
    has no reference.
    """
    ids = ids_of(samples)
    known = set(ids)
    missing = [id for id in ids if id not in texts]
    unknown = [id for id in texts if id not in known]
    if missing or unknown:
        problems = (
            [f"{len(missing):,} of {len(known):,} ids of {data} have no row in it: {some(missing)}"]
            if missing
            else []
        )
        problems += (
            [f"{len(unknown):,} of its {len(texts):,} ids are not in {data}: {some(unknown)}"]
            if unknown
            else []
        )
        raise ScoreRefused(
            f"{file} cannot be scored. "
            + ". ".join([*problems, "Name the data it was made from with --data"])
            + (
                ""
                if unknown
                else ", or the run folder, or --limit N, where it is of the beginning of that data"
            )
        )
    if bare := [sample.id for sample in samples if not sample.references]:
        raise ScoreRefused(
            f"{data} has no reference summary for {len(bare):,} of {len(samples):,} ids:"
            f" {some(bare)}. Name data that has them with --data; a test file has none"
        )
    return texts_of(ids, texts), references_of(samples)


def require_comparable(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    """Raises ScoreRefused where there is nothing to compare: no samples, unequal lengths, a sample
    without a reference."""
    rows = len(hypotheses)
    if not rows:
        raise ScoreRefused("There is nothing to score: no samples")
    if rows != len(references):
        raise ScoreRefused(
            f"{rows:,} hypotheses cannot be scored against the references of {len(references):,}"
            " samples"
        )
    if bare := sum(not known for known in references):
        raise ScoreRefused(
            f"{bare:,} of {rows:,} samples have no reference. Score against data with summaries"
        )


def require_language(references: Sequence[Sequence[str]], tokenizer: str) -> None:
    """Raises ScoreRefused where references are in a language that the tokenizer is not for."""
    wanted = "en" if tokenizer == ENGLISH else "ko"
    scripts = map(_script, references)
    foreign = [script for script in scripts if script and script != wanted]
    if foreign := list(_too_many(foreign, len(references))):
        instead = ENGLISH if wanted == "ko" else DEFAULT_TOKENIZER
        raise ScoreRefused(
            f"The references of {_share(foreign, len(references))} samples are"
            f" {_LANGUAGES[foreign[0]]}, and the tokenizer {tokenizer} is for"
            f" {_LANGUAGES[wanted]}. Check the data, or choose another: --tokenizer {instead}"
        )


def wrong_script(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> int:
    """How many hypotheses are in another script than their references; what is too short to tell is
    not.

    Raises ScoreRefused where they are too many.
    """
    pairs = zip(map(main_script, hypotheses), map(_script, references), strict=True)
    wrong = [(mine, theirs) for mine, theirs in pairs if mine and theirs and mine != theirs]
    if found := _too_many(wrong, len(hypotheses)):
        mine, theirs = found[0]
        raise ScoreRefused(
            f"{_share(found, len(hypotheses))} hypotheses are in another script than their"
            f" references: the first of them is {_LANGUAGES[mine]}, its reference"
            f" {_LANGUAGES[theirs]}. Check that it is the right file, or translate it first"
        )
    return len(wrong)


def wordless(hypotheses: Sequence[str]) -> int:
    """How many hypotheses hold text, but no letter and no digit: `...`, emoji."""
    return sum(bool(text.strip()) and not any(map(str.isalnum, text)) for text in hypotheses)


def named_missing(hypotheses: Sequence[str]) -> int:
    """How many hypotheses are nothing but a program's word for a missing value: `nan`, `None`."""
    return sum(text.strip().casefold() in _MISSING for text in hypotheses)


def _script(references: Sequence[str]) -> str | None:
    return main_script(" ".join(references))


def _too_many(wrong: Sequence[_T], rows: int) -> Sequence[_T]:
    """The wrong rows where they are too many, else none."""
    return wrong if len(wrong) == rows or len(wrong) > max(1, TOLERATED * rows) else ()


def _share(part: Collection[object], whole: int) -> str:
    return f"{len(part):,} of {whole:,} ({len(part) / whole:.0%})"
