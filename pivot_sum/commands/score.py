"""`pivot-sum score`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pivot_sum.commands.completion import answers
from pivot_sum.commands.options import JsonOption, LimitOption
from pivot_sum.commands.output import options, print_json, print_table
from pivot_sum.commands.scoring_options import (
    CometOption,
    MetricsOption,
    OverReferencesOption,
    TokenizerOption,
)
from pivot_sum.comparison.systems import load_system, samples_for
from pivot_sum.data.files import DEMO_DIALOGUES, data_path
from pivot_sum.data.samples import Sample, SampleFile, dialogues_of, on_disk
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.reading import read_predictions
from pivot_sum.scoring import (
    DEFAULT_METRICS,
    DEFAULT_TOKENIZER,
    WAYS,
    Scores,
    load_metrics,
    measure,
)
from pivot_sum.scoring.checks import beginning, named_missing, paired, wordless
from pivot_sum.scoring.metrics import label
from pivot_sum.scoring.tokenizers import ENGLISH
from pivot_sum.scoring.translation import TranslationScores, translations_of
from pivot_sum.scoring.translation_quality import TranslationQuality, quality_of
from pivot_sum.wording import number

if TYPE_CHECKING:
    from pivot_sum.scoring.comet import Comet


def score(
    file: Annotated[
        Path,
        typer.Argument(
            help="A predictions file (CSV, TSV, JSONL, Parquet: fname,summary) or a run folder.",
            autocompletion=answers,
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
    limit: LimitOption = None,
    metric: MetricsOption = None,
    tokenizer: TokenizerOption = DEFAULT_TOKENIZER,
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
    over_references: OverReferencesOption = "mean",
    comet: CometOption = None,
    json: JsonOption = False,
) -> None:
    """Score any predictions file against reference summaries: ROUGE-1, -2 and -L F1 or another
    metric, with the signature of how it was done."""
    if placeholders is None:
        # rouge_score's own tokenizer gives `#Person1#` as one token; English is to be as it says
        placeholders = "raw" if tokenizer == ENGLISH else "both"
    metrics = load_metrics(
        metric or DEFAULT_METRICS,
        tokenizer=tokenizer,
        over_references=over_references,
        ways=WAYS if placeholders == "both" else (placeholders,),
    )
    judge = _comet(comet, file) if comet is not None else None
    texts, samples, source, translations, quality = _read(file, data, limit, judge)
    hypotheses, references = paired(texts, samples, file, source)
    sources = dialogues_of(samples)
    scores = {
        key: measure(metric, hypotheses, references, sources) for key, metric in metrics.items()
    }
    if json:
        print_json(
            {
                "file": str(file),
                "data": str(source),
                "wordless": wordless(hypotheses),
                "named_missing": named_missing(hypotheses),
                "scores": {key: found.as_json() for key, found in scores.items()},
                "translations": {step: found.as_json() for step, found in translations.items()},
                **(
                    {"comet": {step: found.as_json() for step, found in quality.items()}}
                    if comet
                    else {}
                ),
            }
        )
    else:
        _print(scores, translations, hypotheses)
        _print_quality(quality)
        same = options(
            data=(data, None),
            limit=(limit, None),
            metric=(metric or [], []),
            tokenizer=(tokenizer, DEFAULT_TOKENIZER),
            over_references=(over_references, "mean"),
        )
        again = shlex.join(["pivot-sum", "compare", str(file), "OTHER", *same])
        print(
            f"\nnext:\n  {again}    # with intervals, and the baselines that any summary has to"
            " beat"
        )


def _comet(model: str, file: Path) -> Comet:
    if not file.is_dir():
        raise ScoreRefused(
            f"--comet scores the steps of a run that translate, and {file} is no run folder. Name"
            " the folder of the run"
        )
    from pivot_sum.scoring.comet import Comet

    return Comet(model)


def _read(
    file: Path, data: str | None, limit: int | None, comet: Comet | None
) -> tuple[
    Mapping[str, str],
    Sequence[Sample],
    Path,
    dict[str, TranslationScores],
    dict[str, TranslationQuality],
]:
    """The summaries by id, the samples they belong to and the file of these, and how well a run
    translated."""
    if not file.is_dir():
        source = data_path(data or DEMO_DIALOGUES)
        samples = on_disk(SampleFile(source))
        return *beginning(read_predictions(file), samples, limit), source, {}, {}
    run = load_system(str(file))
    assert run.folder and run.record
    texts, samples = beginning(run.texts, samples_for([run], data), limit)
    return (
        texts,
        samples,
        data_path(data or run.record.data.file),
        translations_of(run.folder, run.record, samples),
        quality_of(run.folder, run.record, samples, comet) if comet else {},
    )


def _print(
    scores: Mapping[str, Scores],
    translations: Mapping[str, TranslationScores],
    hypotheses: Sequence[str],
) -> None:
    one = next(iter(scores.values()))
    rows: list[tuple[object, ...]]
    title = f"scores of {number(one.samples, 'summary', 'summaries')}"
    rouge = {way: scores[way] for way in WAYS if way in scores}
    if rouge:
        parts = next(iter(rouge.values())).means
        columns = [label(part) for part in parts]
        rows = [
            (way, *(f"{found.means[part]:.2f}" for part in parts)) for way, found in rouge.items()
        ]
        print_table(f"{title} (F1 × 100)", ("placeholders", *columns), rows, right=columns)
    if others := [found for key, found in scores.items() if key not in rouge]:
        rows = [
            (label(part), f"{value:.2f}") for found in others for part, value in found.means.items()
        ]
        print_table("" if rouge else f"{title} (0 to 100)", ("metric", "score"), rows, ("score",))
    print(
        f"\nempty (each scores 0): {one.empty:,}; in another script than their reference:"
        f" {one.wrong_script:,}"
    )
    if without := wordless(hypotheses):
        print(
            "without any word (only punctuation, emoji or the like), scored as they are:"
            f" {without:,}"
        )
    if missing := named_missing(hypotheses):
        print(
            f"only `nan`, `None` or the like, scored as words: {missing:,}. Look whether a summary"
            " is missing there"
        )
    for found in scores.values():
        print(f"signature: {found.signature}")
    if translations:
        columns = ["chrF", "BLEU", "turns", "left out"]
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


def _print_quality(quality: Mapping[str, TranslationQuality]) -> None:
    """What a COMET model says of each step that translates."""
    if not quality:
        return
    columns = ["COMET", "texts", "left out", "cut"]
    rows = [
        (
            name,
            f"{found.comet:.2f}",
            f"{found.units:,}",
            f"{found.left_out:,}",
            f"{found.cut:,}",
            "English originals" if found.references else "none",
        )
        for name, found in quality.items()
    ]
    print()
    print_table(
        "translations by COMET (turn by turn; summaries whole)",
        ("step", *columns, "references"),
        rows,
        right=columns,
    )
    for signature in dict.fromkeys(found.signature for found in quality.values()):
        print(f"signature: {signature}")
