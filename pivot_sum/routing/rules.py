"""A rule with one threshold, learned from dialogues with references: who serves by default, and who
steps in where."""

from __future__ import annotations

import json
import logging
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from pivot_sum.errors import RuleRefused
from pivot_sum.routing.choosing import Choice
from pivot_sum.routing.judging import Judged
from pivot_sum.scoring import DEFAULT_TOKENIZER

log = logging.getLogger(__name__)

FORMAT: Final = 1
LEAST_ERRORS: Final = 3.0
"""A rule has to gain more than so many standard errors on what it is learned from: among hundreds
of thresholds some gain at random."""

FEATURES: Final[dict[str, Callable[[Judged, Judged], float]]] = {
    "flags": lambda default, other: len(default.flags) - len(other.flags),
    "consensus": lambda default, other: other.consensus - default.consensus,
    "support": lambda default, other: other.support - default.support,
    "length": lambda default, other: other.share - default.share,
    "share": lambda default, other: default.share,
    "agreement": lambda default, other: default.consensus,
}
"""What a threshold may be put on, for the default candidate and the one that may step in."""


@dataclass(frozen=True)
class Rule:
    """`default` serves, but `instead` where the feature is at or beyond the threshold. Without
    `instead`, `default` always."""

    candidates: tuple[str, ...]
    """The labels of the candidates it was learned from, in their order."""
    default: int
    instead: int | None = None
    feature: str = ""
    at_least: bool = True
    """Whether `instead` steps in at and above the threshold, or at and below."""
    threshold: float = 0.0
    tokenizer: str = DEFAULT_TOKENIZER
    metric: str = "rouge"
    """The metric it was learned with, by the name `load_metric` knows."""
    learned_from: str = ""
    """Fingerprint of the dialogues, so that scores on the same ones can be called flattering."""
    dialogues: int = 0

    def choose(self, judged: Sequence[Judged]) -> Choice:
        """The candidate that serves a dialogue."""
        if self.instead is None:
            return Choice(self.default, "default")
        value = FEATURES[self.feature](judged[self.default], judged[self.instead])
        steps_in = value >= self.threshold if self.at_least else value <= self.threshold
        return Choice(self.instead, self.feature) if steps_in else Choice(self.default, "default")

    def __str__(self) -> str:
        default = self.candidates[self.default]
        if self.instead is None:
            return f"{default} always"
        beyond = "at least" if self.at_least else "at most"
        return (
            f"{default}, but {self.candidates[self.instead]} where {self.feature} is {beyond}"
            f" {self.threshold:.4g}"
        )


def learn(
    judged: Sequence[Sequence[Judged]], finals: Sequence[Sequence[float]], labels: Sequence[str]
) -> Rule:
    """The rule that would have scored best. `finals` holds the score (0 to 100) of each candidate's
    summary by dialogue, in a fixed order of the dialogues. Who scores best alone is the default; of
    equals the first named.
    """
    places = range(len(labels))
    totals = [round(math.fsum(row[place] for row in finals), 9) for place in places]
    default = totals.index(max(totals))
    best, best_gain = Rule(tuple(labels), default), 0.0
    for instead in places:
        if instead == default:
            continue
        gains = [row[instead] - row[default] for row in finals]
        for name, feature in FEATURES.items():
            values = [feature(row[default], row[instead]) for row in judged]
            for at_least in (True, False):
                threshold, gain = _best_threshold(values, gains, at_least)
                if gain > best_gain and _telling(values, gains, at_least, threshold):
                    best = Rule(tuple(labels), default, instead, name, at_least, threshold)
                    best_gain = gain
    return best


def _best_threshold(
    values: Sequence[float], gains: Sequence[float], at_least: bool
) -> tuple[float, float]:
    """The threshold between two values beyond which the gains sum up to most, and that sum; all on
    one side is no threshold."""
    order = sorted(range(len(values)), key=lambda place: (values[place], place), reverse=at_least)
    best, best_gain = 0.0, -math.inf
    for here, following, gain in zip(
        order, order[1:], accumulate(gains[place] for place in order), strict=False
    ):
        if values[here] != values[following] and round(gain, 9) > best_gain:
            best, best_gain = (values[here] + values[following]) / 2, round(gain, 9)
    return best, best_gain


def _telling(
    values: Sequence[float], gains: Sequence[float], at_least: bool, threshold: float
) -> bool:
    """Whether the mean gain is more than `LEAST_ERRORS` standard errors above nothing."""
    gained = [
        gain if (value >= threshold if at_least else value <= threshold) else 0.0
        for value, gain in zip(values, gains, strict=True)
    ]
    return math.fsum(gained) / len(gained) > LEAST_ERRORS * statistics.stdev(gained) / math.sqrt(
        len(gained)
    )


def save_rule(rule: Rule, path: Path, measured: dict[str, Any]) -> None:
    """Write a rule as JSON to a file that does not exist yet, with what it was measured to gain.
    Raises `RuleRefused`."""
    text = json.dumps(
        {"pivot_sum_rule": FORMAT, **asdict(rule), "measured": measured},
        ensure_ascii=False,
        indent=2,
    )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text + "\n")
    except FileExistsError as error:
        raise RuleRefused(
            f"{path} exists, and no file is ever replaced; name a new one with --save."
        ) from error
    except OSError as error:
        raise RuleRefused(
            f"{path} cannot be written: {error.strerror}. Check the folder and the room on disk."
        ) from error


def load_rule(path: Path, labels: Sequence[str]) -> Rule:
    """A rule, for candidates with these labels: where they are those it was learned from, each is
    found by its label, else by its place, with a note on who stands for whom. Raises `RuleRefused`,
    also where only some labels are the same.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored.pop("pivot_sum_rule") != FORMAT:
            raise ValueError("of another version")
        stored.pop("measured", None)
        rule = Rule(**(stored | {"candidates": tuple(stored["candidates"])}))
        places = range(len(rule.candidates))
        switches = rule.instead is not None
        if rule.default not in places or (
            switches and (rule.instead not in places or rule.feature not in FEATURES)
        ):
            raise ValueError("names what it does not have")
        if not isinstance(rule.threshold, int | float):
            raise ValueError("a threshold that is no number")
    except OSError as error:
        raise RuleRefused(
            f"{path} cannot be read: {error.strerror}. `pivot-sum route A B --learn dev.csv --save"
            f" {path.name}` makes a rule."
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RuleRefused(
            f"{path} is not a rule; `pivot-sum route A B --learn dev.csv --save {path.name}` makes"
            " one."
        ) from error
    if len(rule.candidates) != len(labels):
        raise RuleRefused(
            f"{path} was learned from {len(rule.candidates)} candidates"
            f" ({', '.join(rule.candidates)}), not {len(labels)}. Name the same systems in the same"
            " order."
        )
    if same := [label for label in rule.candidates if label in labels]:
        if len(same) < len(labels):
            raise RuleRefused(
                f"{path} was learned from {', '.join(rule.candidates)}, of which only"
                f" {', '.join(same)} {'is' if len(same) == 1 else 'are'} among {', '.join(labels)}."
                " Name the same systems, or files with other names in the same order."
            )
    else:
        pairs = ", ".join(
            f"{old} -> {new}" for old, new in zip(rule.candidates, labels, strict=True)
        )
        log.warning("candidates of the rule are found by place: %s", pairs)
        return rule
    here = [labels.index(label) for label in rule.candidates]
    instead = None if rule.instead is None else here[rule.instead]
    return replace(rule, candidates=tuple(labels), default=here[rule.default], instead=instead)
