"""What an attribution found: numbers for people and programs, and the texts behind them, which are
no predictions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pivot_sum.attribution.by_kind import ByKind
from pivot_sum.comparison.significance import Estimate
from pivot_sum.files import write_whole
from pivot_sum.running.writing import writing
from pivot_sum.scoring import Scores
from pivot_sum.stages.budget import Cost

RESULT = "attribution.json"
TEXTS = "attribution-texts.jsonl"


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
        """As a JSON object; without numbers where the combination cannot be had."""
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
    """What each stage of a run lost. The stages' losses add up to `loss`, which is the ceiling
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
    metric: str
    """The name of the metric whose points these are."""
    headline: str
    """The part of it that decides; how its values are called in `scores` and in the texts."""
    signature: str
    diagnostics: Mapping[str, Any]
    notes: tuple[str, ...]
    dialogues: tuple[Mapping[str, Any], ...]
    """One for each dialogue: its loss by stage, the texts of every combination, and its names,
    numbers and placeholders."""
    by_kind: ByKind
    """The loss by step and kind of item."""
    billed: Cost
    """What services billed for this attribution, by unit."""
    clusters: int | None = None
    """Into how many clusters the dialogues fall, which are drawn as a whole; None where the data
    names none."""

    def as_json(self) -> dict[str, Any]:
        """All but the texts, as a JSON object. It says nothing of when or where, so the same gives
        the same bytes."""
        return {
            "run": dict(self.run),
            "samples": self.samples,
            "metric": self.metric,
            "headline": self.headline,
            "signature": self.signature,
            "seed": self.seed,
            "resamples": self.resamples,
            "clusters": self.clusters,
            "actual": self.actual._asdict(),
            "ceiling": self.ceiling._asdict(),
            "loss": self.loss._asdict(),
            "stages": [stage.as_json() for stage in self.stages],
            "orders": [list(order) for order in self.orders],
            "combinations": [combination.as_json() for combination in self.combinations],
            "diagnostics": dict(self.diagnostics),
            "notes": list(self.notes),
            "by_kind": self.by_kind.as_json(),
        }

    def write(self, folder: Path) -> None:
        """Write the numbers and the texts into a folder. No predictions file can come of them: the
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
