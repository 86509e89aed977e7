"""What an attribution found: figures for people and programs, and the texts behind them, which are
no predictions."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.files import write_whole
from pivot_sum.running.folder import writing
from pivot_sum.scoring import Scores

RESULT = "attribution.json"
TEXTS = "attribution-texts.jsonl"


class Estimate(NamedTuple):
    """A mean over the dialogues in points (0 to 100) with its 95 % confidence interval."""

    mean: float
    low: float
    high: float


def estimates(columns: Sequence[Sequence[float]], resamples: int, seed: int) -> list[Estimate]:
    """The mean of each column, and the middle 95 % of its means over resampled rows (Efron and
    Tibshirani 1993, An introduction to the bootstrap, chapter 13). All columns see the same
    resamples, so what adds up in the rows adds up in every one.
    """
    import numpy as np

    rows = len(columns[0])
    values = np.column_stack(columns)
    draw = np.random.default_rng(seed)
    means = np.array(
        [values[draw.integers(rows, size=rows)].mean(axis=0) for _ in range(resamples)]
    )
    low, high = np.quantile(means, (0.025, 0.975), axis=0)
    return [
        Estimate(math.fsum(column) / rows, float(a), float(b))
        for column, a, b in zip(columns, low, high, strict=True)
    ]


@dataclass(frozen=True)
class StageLoss:
    """What a part of the recipe lost, in points (0 to 100)."""

    name: str
    steps: tuple[str, ...]
    """The part's steps: the one it is named after and those that tidy up around it."""
    oracle: str
    """What took its place, in words."""
    loss: float
    """What it loses where the parts before it are perfect: what its oracle adds in the order of the
    recipe."""
    low: float
    high: float
    shapley: Estimate
    """What its oracle adds on average over `Attribution.orders`."""
    by_order: tuple[float, ...]
    """What its oracle adds in each of them."""
    dialogues: int
    """In how many dialogues something was lost here."""
    worst: str
    """The id of the dialogue that lost most here."""

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "name": self.name,
            "steps": list(self.steps),
            "oracle": self.oracle,
            "loss": self.loss,
            "low": self.low,
            "high": self.high,
            "shapley": self.shapley._asdict(),
            "by_order": list(self.by_order),
            "dialogues": self.dialogues,
            "worst": self.worst,
        }


@dataclass(frozen=True)
class Combination:
    """Oracles in the places of some parts, and what the text that came out then scores."""

    oracles: tuple[str, ...]
    what: str
    """Which text is scored, or why this is no combination of its own."""
    scores: Scores | None = None
    final: Estimate | None = None
    same_as: tuple[str, ...] | None = None
    """The oracles of the combination that this one equals by construction."""

    def as_json(self) -> dict[str, Any]:
        """As a JSON object; without figures where the combination cannot be had."""
        described: dict[str, Any] = {
            "oracles": list(self.oracles),
            "what": self.what,
            "feasible": self.scores is not None,
        }
        if self.same_as is not None:
            described["same_as"] = list(self.same_as)
        if self.scores is not None and self.final is not None:
            described |= {**self.scores.as_json(), "low": self.final.low, "high": self.final.high}
        return described


@dataclass(frozen=True)
class Attribution:
    """Where the points of a run went. The stages' losses add up to `loss`, which is the ceiling
    less what the run scored."""

    run: Mapping[str, Any]
    """Which run: recipe, start, and the data it was scored against."""
    samples: int
    seed: int
    resamples: int
    actual: Estimate
    ceiling: Estimate
    loss: Estimate
    stages: tuple[StageLoss, ...]
    orders: tuple[tuple[str, ...], ...]
    combinations: tuple[Combination, ...]
    signature: str
    diagnostics: Mapping[str, Any]
    notes: tuple[str, ...]
    dialogues: tuple[Mapping[str, Any], ...]
    """One for each dialogue: its loss by stage, and the texts of every combination."""
    billed: int
    """Characters services billed for this attribution."""

    def as_json(self) -> dict[str, Any]:
        """All but the texts, as a JSON object. It says nothing of when or where, so the same gives
        the same bytes."""
        return {
            "run": dict(self.run),
            "samples": self.samples,
            "signature": self.signature,
            "seed": self.seed,
            "resamples": self.resamples,
            "actual": self.actual._asdict(),
            "ceiling": self.ceiling._asdict(),
            "loss": self.loss._asdict(),
            "stages": [stage.as_json() for stage in self.stages],
            "orders": [list(order) for order in self.orders],
            "combinations": [combination.as_json() for combination in self.combinations],
            "diagnostics": dict(self.diagnostics),
            "notes": list(self.notes),
        }

    def write(self, folder: Path) -> None:
        """Write the figures and the texts into a folder. No predictions file can come of them: the
        texts stand under the names of their steps, and each line says that an oracle had a part in
        it. Raises `RunFolderError`.
        """
        lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.dialogues)
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / TEXTS, lines)
            write_whole(
                folder / RESULT, json.dumps(self.as_json(), ensure_ascii=False, indent=2) + "\n"
            )
