"""Routing from beginning to end: open the candidates, judge their summaries, choose, measure,
write."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from pivot_sum import __version__
from pivot_sum.comparison.labels import naming
from pivot_sum.comparison.significance import SEED
from pivot_sum.comparison.systems import System, load_system, samples_for
from pivot_sum.data.predictions import write_predictions
from pivot_sum.data.samples import Sample, file_sha256
from pivot_sum.errors import NotComparable, RunFolderError
from pivot_sum.files import write_whole
from pivot_sum.routing.choosing import Choice, Method, choose
from pivot_sum.routing.judging import Judged, judge
from pivot_sum.routing.measuring import FOLDS, Evaluated, evaluate
from pivot_sum.routing.rules import Rule, learn, load_rule
from pivot_sum.running.reading import predictions_file
from pivot_sum.scoring import (
    DEFAULT_METRICS,
    DEFAULT_TOKENIZER,
    Metric,
    Rouge,
    Scores,
    load_metric,
    measure,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Routed:
    """Which candidate serves which dialogue. `evaluated` is None where the data has no
    references.
    """

    candidates: tuple[System, ...]
    paths: tuple[Path, ...]
    """The predictions file of each candidate."""
    samples: tuple[Sample, ...]
    judged: tuple[tuple[Judged, ...], ...]
    choices: tuple[Choice, ...]
    method: str
    rule: Rule | None
    tokenizer: str
    """What ROUGE counted, with its version; empty under another metric."""
    metric: str
    """What likeness was measured in."""
    evaluated: Evaluated | None
    flattered: bool
    """Whether the rule was learned from these very dialogues."""

    @property
    def labels(self) -> list[str]:
        return [candidate.label for candidate in self.candidates]

    @property
    def served(self) -> dict[str, int]:
        """How many dialogues each candidate serves."""
        counts = Counter(choice.candidate for choice in self.choices)
        return {label: counts[place] for place, label in enumerate(self.labels)}

    @property
    def reasons(self) -> dict[str, int]:
        """How often each criterion decided."""
        return dict(Counter(choice.why for choice in self.choices).most_common())

    def as_json(self) -> dict[str, Any]:
        """The record of every choice, without the texts."""
        return {
            "pivot_sum": __version__,
            "candidates": [
                {"label": candidate.label, "file": str(path), "sha256": file_sha256(path)}
                for candidate, path in zip(self.candidates, self.paths, strict=True)
            ],
            "method": self.method,
            "rule": None if self.rule is None else str(self.rule),
            "tokenizer": self.tokenizer,
            "metric": self.metric,
            "served": self.served,
            "reasons": self.reasons,
            "evaluated": None if self.evaluated is None else self.evaluated.as_json(),
            "dialogues": [
                {
                    "id": sample.id,
                    "candidate": self.labels[choice.candidate],
                    "why": choice.why,
                    "consensus": [round(judged.consensus, 4) for judged in row],
                    "flags": [list(judged.flags) for judged in row],
                }
                for sample, choice, row in zip(self.samples, self.choices, self.judged, strict=True)
            ],
        }


def route(
    names: Sequence[str],
    data: str | None = None,
    method: Method = "mbr",
    rule: Path | None = None,
    tokenizer: str = DEFAULT_TOKENIZER,
    metric: str = DEFAULT_METRICS[0],
    seed: int = SEED,
) -> Routed:
    """Choose a candidate for each dialogue, by a rule where one is given, else by the method. Where
    the data has references it is measured what every way of choosing gains. Raises NotComparable,
    RuleRefused, MetricInvalid, TokenizerMissing and the data errors.
    """
    candidates, paths, samples = _opened(names, data)
    labels = [candidate.label for candidate in candidates]
    learned = None if rule is None else load_rule(rule, labels)
    if learned is not None:
        tokenizer, metric = learned.tokenizer, learned.metric
    asked = load_metric(metric, tokenizer=tokenizer)
    judged = judge(candidates, samples, asked)
    evaluated = None
    if all(sample.references for sample in samples):
        order, scores = _scored(candidates, samples, asked)
        ordered = [samples[place] for place in order]
        evaluated = evaluate(
            [judged[place] for place in order], scores, ordered, labels, rule=learned, seed=seed
        )
    return Routed(
        candidates=tuple(candidates),
        paths=tuple(paths),
        samples=tuple(samples),
        judged=tuple(judged),
        choices=tuple(
            choose(row, method) if learned is None else learned.choose(row) for row in judged
        ),
        method=method if learned is None else "learned",
        rule=learned,
        tokenizer=f"{asked.tokenizer.name}-{asked.tokenizer.version}"
        if isinstance(asked, Rouge)
        else "",
        metric=asked.name,
        evaluated=evaluated,
        flattered=learned is not None and learned.learned_from == _fingerprint(samples),
    )


def learn_route(
    names: Sequence[str],
    data: str,
    tokenizer: str = DEFAULT_TOKENIZER,
    metric: str = DEFAULT_METRICS[0],
    folds: int = FOLDS,
    seed: int = SEED,
) -> tuple[Rule, Evaluated]:
    """The rule learned from all dialogues of a data file with references, and what such a rule
    gains on others, by cross-validation. Raises NotComparable, ScoreRefused, MetricInvalid,
    TokenizerMissing and the data errors.
    """
    asked = load_metric(metric, tokenizer=tokenizer)
    candidates, _, samples = _opened(names, data)
    labels = [candidate.label for candidate in candidates]
    order, scores = _scored(candidates, samples, asked)
    ordered = [samples[place] for place in order]
    judged = judge(candidates, ordered, asked)
    evaluated = evaluate(judged, scores, ordered, labels, folds=folds, seed=seed)
    finals = [[candidate.finals[place] for candidate in scores] for place in range(len(ordered))]
    rule = learn(judged, finals, labels)
    return (
        replace(
            rule,
            tokenizer=tokenizer,
            metric=metric,
            learned_from=_fingerprint(samples),
            dialogues=len(samples),
        ),
        evaluated,
    )


def write_routed(routed: Routed, path: Path) -> Path:
    """Write the chosen summaries as predictions, and beside them the record of the choices; gives
    its path.

    Raises `RunFolderError` where either exists or cannot be written.
    """
    record = require_new(path)
    texts = (
        row[choice.candidate].text
        for row, choice in zip(routed.judged, routed.choices, strict=True)
    )
    ids = (sample.id for sample in routed.samples)
    write_predictions(
        path, ((id_, " ".join(text.split())) for id_, text in zip(ids, texts, strict=True))
    )
    try:
        write_whole(record, json.dumps(routed.as_json(), ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        raise RunFolderError(
            f"{record} cannot be written: {error.strerror}. Check the folder and the room on disk."
        ) from error
    return record


def require_new(path: Path) -> Path:
    """Where the record of the choices goes that are written to `path`. Raises `RunFolderError`
    where either file exists."""
    record = path.with_suffix(".json")
    if record == path:
        raise RunFolderError(
            f"--out {path}: predictions are CSV; the record of the choices is written beside them"
            " as .json."
        )
    for file in (path, record):
        if file.exists():
            raise RunFolderError(
                f"{file} exists, and no file is ever replaced; name a new one with --out."
            )
    return record


def _opened(
    names: Sequence[str], data: str | None
) -> tuple[list[System], list[Path], Sequence[Sample]]:
    if len(names) < 2:
        raise NotComparable(
            "choosing needs at least two candidates; name run folders or predictions files."
        )
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise NotComparable(f"{', '.join(twice)} is named more than once; its vote counts once.")
    for name in names:
        if not Path(name).exists() and not Path(name).suffix:
            raise NotComparable(
                f"there is no run folder {name}; run a recipe first: pivot-sum run RECIPE --out"
                f" {name}"
            )
    candidates = [load_system(name) for name in names]
    if len({candidate.label for candidate in candidates}) < len(names):
        candidates = [
            replace(candidate, label=name)
            for candidate, name in zip(candidates, names, strict=True)
        ]
    samples = samples_for(candidates, data)
    for one, other in combinations(candidates, 2):
        if all(one.texts[sample.id] == other.texts[sample.id] for sample in samples):
            log.warning(
                "%s and %s say the same about every dialogue: together they have two votes",
                one.label,
                other.label,
            )
    return candidates, [predictions_file(Path(name)) for name in names], samples


def _scored(
    candidates: Sequence[System], samples: Sequence[Sample], metric: Metric
) -> tuple[list[int], list[Scores]]:
    """The order of the samples by id, so that the order of a file changes no score, and each
    candidate's scores in it."""
    order = sorted(range(len(samples)), key=lambda place: samples[place].id)
    references = [samples[place].references for place in order]
    sources = [samples[place].dialogue for place in order]
    scores = []
    for candidate in candidates:
        with naming(candidate.label):
            texts = [candidate.texts[samples[place].id] for place in order]
            scores.append(measure(metric, texts, references, sources))
    return order, scores


def _fingerprint(samples: Sequence[Sample]) -> str:
    """What tells one set of dialogues from another, whatever their order and ids."""
    return hashlib.sha256(
        "\0".join(sorted(sample.dialogue for sample in samples)).encode()
    ).hexdigest()
