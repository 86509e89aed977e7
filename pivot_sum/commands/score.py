"""`pivot-sum score`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from pivot_sum.commands.completion import systems
from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import options, print_json, print_table
from pivot_sum.comparison.systems import contender, samples_for
from pivot_sum.data.files import DEMO_DIALOGUES, data_path
from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.running.reading import read_predictions
from pivot_sum.scoring import (
    DEFAULT_TOKENIZER,
    TOKENIZERS,
    OverReferences,
    Placeholders,
    Scorer,
    Scores,
    load_tokenizer,
)
from pivot_sum.scoring.checks import named_missing, paired, wordless
from pivot_sum.scoring.tokenizers import ENGLISH
from pivot_sum.scoring.translation import TranslationScores, translations_of
from pivot_sum.wording import number

WAYS: tuple[Placeholders, ...] = get_args(Placeholders)


def score(
    file: Annotated[
        Path,
        typer.Argument(
            help="A predictions file (CSV, TSV, JSONL, Parquet: fname,summary) or a run folder.",
            autocompletion=systems,
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help=(
                "The references: CSV, TSV, JSONL or Parquet; default: the run's own file, or the"
                " demo's."
            ),
        ),
    ] = None,
    tokenizer: Annotated[
        str, typer.Option("--tokenizer", help=f"What cuts the texts: {', '.join(TOKENIZERS)}.")
    ] = DEFAULT_TOKENIZER,
    placeholders: Annotated[
        Literal["whole", "raw", "both"] | None,
        typer.Option(
            "--placeholders",
            help=(
                "As one token each, or as text; default: both, for English raw as rouge_score"
                " has it."
            ),
        ),
    ] = None,
    over_references: Annotated[
        OverReferences,
        typer.Option(
            "--over-references",
            "--over",
            help="What becomes of the figures against several references.",
        ),
    ] = "mean",
    json: JsonOption = False,
) -> None:
    """Score any predictions file against reference summaries: ROUGE-1, -2 and -L F1, with the
    signature of how it was done."""
    texts, samples, source, translations = _read(file, data)
    hypotheses, references = paired(texts, samples, file, source)
    cutter = load_tokenizer(tokenizer)
    if (
        placeholders is None
        # rouge_score's own tokenizer gives `#Person1#` as one token, and English is to be as it
        # says
    ):
        placeholders = "raw" if tokenizer == ENGLISH else "both"
    ways = WAYS if placeholders == "both" else (placeholders,)
    scores = {
        way: Scorer(cutter, way, over_references).score(hypotheses, references) for way in ways
    }
    if json:
        print_json(
            {
                "file": str(file),
                "data": str(source),
                "wordless": wordless(hypotheses),
                "named_missing": named_missing(hypotheses),
                "scores": {way: found.as_json() for way, found in scores.items()},
                "translations": {step: found.as_json() for step, found in translations.items()},
            }
        )
    else:
        _print(scores, translations, hypotheses)
        same = options(
            data=(data, None),
            tokenizer=(tokenizer, DEFAULT_TOKENIZER),
            over_references=(over_references, "mean"),
        )
        again = shlex.join(["pivot-sum", "compare", str(file), "OTHER", *same])
        print(
            f"\nnext:\n  {again}    # with intervals, and the baselines that any summary has to"
            " beat"
        )


def _read(
    file: Path, data: str | None
) -> tuple[Mapping[str, str], list[Sample], Path, dict[str, TranslationScores]]:
    """The summaries by id, the samples they belong to and the file of these, and how well a run
    translated."""
    if not file.is_dir():
        source = data_path(data or DEMO_DIALOGUES)
        return read_predictions(file), read_samples(source), source, {}
    run = contender(str(file))
    assert run.folder and run.record
    samples = samples_for([run], data)
    return (
        run.texts,
        samples,
        data_path(data or run.record.data.file),
        translations_of(run.folder, run.record, samples),
    )


def _print(
    scores: Mapping[Placeholders, Scores],
    translations: Mapping[str, TranslationScores],
    hypotheses: Sequence[str],
) -> None:
    one = next(iter(scores.values()))
    rows: list[tuple[object, ...]]
    columns = ("R1", "R2", "RL", "final")
    rows = [
        (way, *(f"{100 * value:.2f}" for value in found.mean), f"{found.final:.2f}")
        for way, found in scores.items()
    ]
    title = f"scores of {number(len(one.rows), 'summary', 'summaries')} (F1 × 100)"
    print_table(title, ("placeholders", *columns), rows, right=columns)
    print(
        f"\nempty (each scores 0): {one.empty:,}; in another script than their reference:"
        f" {one.wrong_script:,}"
    )
    if without := wordless(hypotheses):
        print(f"without any word (only marks, emoji or the like), scored as they are: {without:,}")
    if missing := named_missing(hypotheses):
        print(
            f"only `nan`, `None` or the like, scored as words: {missing:,}. Look whether a summary"
            " is missing there"
        )
    for found in scores.values():
        print(f"signature: {found.signature}")
    if translations:
        columns = ("chrF", "BLEU", "turns", "left out")
        rows = [
            (name, f"{found.chrf:.2f}", f"{found.bleu:.2f}", found.turns, found.left_out)
            for name, found in translations.items()
        ]
        print()
        print_table(
            "translation into English against the originals",
            ("step", *columns),
            rows,
            right=columns,
        )
        for name, signature in zip(
            ("chrF", "BLEU"), next(iter(translations.values())).signatures, strict=True
        ):
            print(f"signature: {name}|{signature}")
