"""Every combination of oracles: the texts that come out when the data takes the place of some parts
of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pivot_sum.attribution.pipeline import Direct, Part, Pivot
from pivot_sum.attribution.shapley import Coalition
from pivot_sum.attribution.source import Source, english
from pivot_sum.cache import Cache
from pivot_sum.running.progress import step_progress
from pivot_sum.running.runner import Runner
from pivot_sum.stages.budget import Budget, Cost

Trace = dict[str, list[str]]
"""The texts of each step in their order, an oracle's under the step it stands for; the last ones
are what is scored."""

OWN: Coalition = frozenset()


@dataclass
class OracleRuns:
    """The parts that have an oracle, and what came out under every combination of oracles that can
    be had."""

    players: tuple[str, ...]
    steps: dict[str, tuple[str, ...]]
    oracles: dict[str, str]
    after: dict[str, str]
    """Which part has an oracle only where another is replaced already."""
    traces: dict[Coalition, Trace]
    what: dict[Coalition, str]
    same: dict[Coalition, tuple[Coalition, str]] = field(default_factory=dict)
    """Combinations that equal another by construction, and why."""
    round_trip: Trace | None = None
    notes: list[str] = field(default_factory=list)
    billed: Cost = field(default_factory=dict)


class OracleRunner:
    """Runs parts of a recipe over texts from the data, through the cache the run itself used."""

    def __init__(self, source: Source, cache: Cache, *, offline: bool, budget: Budget) -> None:
        self.source = source
        self.cache = cache
        self.offline = offline
        self.budget = budget

    def __call__(
        self, texts: Sequence[str], label: str, oracles: Sequence[str], *parts: Part
    ) -> Trace:
        """The texts of each step of the parts. `label` says what is run, `oracles` which steps the
        texts stand for."""
        samples = [
            replace(sample, dialogue=text, oracles=tuple(oracles))
            for sample, text in zip(self.source.samples, texts, strict=True)
        ]
        steps = [
            self.source.recipe.steps[position] for part in parts for position in part.positions
        ]
        labelled = [replace(step, name=f"{step.name}, {label}") for step in steps]
        runner = Runner(
            samples,
            self.cache,
            step_progress,
            offline=self.offline,
            budget=self.budget,
            sources=self.source.dialogues,
        )
        results = runner.run(labelled, range(len(labelled)))
        return {step.name: list(result.texts) for step, result in zip(steps, results, strict=True)}


def direct_oracles(source: Source, pipeline: Direct) -> OracleRuns:
    """The direct pipeline: one part, and its oracle is the reference."""
    name = pipeline.summarize.name
    return OracleRuns(
        players=(name,),
        steps={name: _names(source, pipeline.summarize)},
        oracles={name: "the Korean reference"},
        after={},
        traces={OWN: _own(source), frozenset({name}): {name: first_references(source)}},
        what={
            OWN: "the run as it is",
            frozenset({name}): "the first Korean reference: the ceiling",
        },
        notes=[
            "The direct pipeline is one summariser: nothing is to be shared out, the whole loss is"
            " its own."
        ],
    )


def pivot_oracles(source: Source, pipeline: Pivot, run_oracle: OracleRunner) -> OracleRuns:
    """The pivot: what has no oracle in the data is joined to the part behind it, or stood in for.

    Raises OracleMissing, and whatever running the steps raises.
    """
    dialogues = english(source.samples, "english_dialogue")
    summaries = english(source.samples, "english_summary")
    references = first_references(source)
    to_english, summarize, to_korean = pipeline.to_english, pipeline.summarize, pipeline.to_korean
    round_trip = run_oracle(
        references, "references, round trip", ["reference"], to_english, to_korean
    )
    notes = [
        "A right translation in other words than the reference's counts as lost in"
        f" {to_korean.name}: its loss is the most that a better translator could bring back."
    ]
    if summaries is None:
        summary = {
            summarize.name: round_trip[to_english.name],
            **_tail(round_trip, source, to_korean),
        }
        summary_oracle = f"the Korean reference in the English of {to_english.name}"
        notes.append(
            "The data has no English summaries: the Korean references, translated by"
            f" {to_english.name}, stand in for them. What that translation loses is counted with"
            f" {to_korean.name} in place of {summarize.name}."
        )
    else:
        summary = {
            summarize.name: summaries,
            **run_oracle(summaries, "English summaries", [summarize.name], to_korean),
        }
        summary_oracle = "the English reference summary"
    steps = {part.name: _names(source, part) for part in (to_english, summarize, to_korean)}
    ceiling = {to_korean.name: references}
    traces = {OWN: _own(source)}
    what = {OWN: "the run as it is"}
    same: dict[Coalition, tuple[Coalition, str]] = {}
    if dialogues is None:
        first = f"{to_english.name}..{summarize.name}"
        steps = {
            first: steps[to_english.name] + steps[summarize.name],
            to_korean.name: steps[to_korean.name],
        }
        oracles = {first: summary_oracle}
        notes.append(
            f"The data has no English dialogues: {to_english.name} and {summarize.name} cannot be"
            " told apart."
        )
    else:
        if unlike := sum(
            _turns(text) != _turns(sample.dialogue)
            for text, sample in zip(dialogues, source.samples, strict=True)
        ):
            notes.append(
                f"{unlike:,} of {len(dialogues):,} English originals have another number of turns"
                " than the Korean dialogue. Many would mean that they are those of other"
                " dialogues."
            )
        first = summarize.name
        by_dialogue = run_oracle(
            dialogues, "English originals", [to_english.name], summarize, to_korean
        )
        traces[frozenset({to_english.name})] = {to_english.name: dialogues, **by_dialogue}
        what[frozenset({to_english.name})] = (
            f"English originals through {summarize.name} and {to_korean.name}"
        )
        oracles = {to_english.name: "the English original of the dialogue", first: summary_oracle}
        why = (
            f"with an oracle summary nobody reads the dialogue, so whatever {to_english.name} did"
            f" is undone along with {first}"
        )
        same[frozenset({to_english.name, first})] = (frozenset({first}), why)
        same[frozenset(steps)] = (frozenset({first, to_korean.name}), why)
    oracles[to_korean.name] = "the Korean reference"
    traces |= {frozenset({first}): summary, frozenset({first, to_korean.name}): ceiling}
    what[frozenset({first})] = f"{summary_oracle.removeprefix('the ')} through {to_korean.name}"
    what[frozenset({first, to_korean.name})] = "the first Korean reference: the ceiling"
    return OracleRuns(
        players=tuple(steps),
        steps=steps,
        oracles=oracles,
        after={to_korean.name: first},
        traces=traces | {coalition: traces[equal] for coalition, (equal, _) in same.items()},
        what=what,
        same=same,
        round_trip=round_trip,
        notes=notes,
        billed=run_oracle.budget.spent,
    )


def first_references(source: Source) -> list[str]:
    """The reference that stands for the oracle of the last part: the first, whose English the
    data's English summary is."""
    return [sample.references[0] for sample in source.samples]


def _turns(dialogue: str) -> int:
    return sum(bool(line.strip()) for line in dialogue.splitlines())


def _own(source: Source) -> Trace:
    return {step.name: list(source.texts[step.name]) for step in source.recipe.steps}


def _names(source: Source, part: Part) -> tuple[str, ...]:
    return tuple(source.recipe.steps[position].name for position in part.positions)


def _tail(trace: Mapping[str, list[str]], source: Source, part: Part) -> Trace:
    return {name: trace[name] for name in _names(source, part)}
