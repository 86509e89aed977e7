"""What a step gave: texts, remarks and counts, gathered block by block."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast

from pivot_sum.cache import Row
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.verdicts import Verdict, remarks, verdict, verdict_remark
from pivot_sum.stages.base import Note
from pivot_sum.stages.engines.padding import Tokens
from pivot_sum.stages.seen import Seen, sees
from pivot_sum.stages.text.segmentation import Split, join

COUNTS = ("verdicts", "rungs", "retries", "repairs", "flags")
"""What is counted for each step."""


_NOTHING: Final[Counter[str]] = Counter()
"""Shared by all samples of which there is nothing to say."""


@dataclass
class Block:
    """What a step gave for some samples that follow one another."""

    texts: list[str]
    remarks: list[Counter[str]]
    """For each sample, what a reader should look at: verdicts other than kept, flags."""
    named: list[Counter[str]]
    """For each sample, the placeholders that became names."""
    ends: list[Verdict | None] | None = None
    """For each sample, what became of its dialogue's placeholders in the end; None where this is
    not the last step, or nothing but cleaning was run."""


class Texts(Protocol):
    """Where the texts of a step go, and where the next one takes them from."""

    @property
    def texts(self) -> Sequence[str]:
        """The texts of all blocks so far; to be read when the step is done."""
        ...

    def add(self, block: Block) -> None:
        """Take the next block."""
        ...


class InMemory:
    """Everything a step gave, in memory."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.remarks: list[Counter[str]] = []
        self.ends: list[Verdict | None] | None = None

    def add(self, block: Block) -> None:
        """As `Texts.add`."""
        self.texts += block.texts
        self.remarks += block.remarks
        if block.ends is not None:
            self.ends = [*(self.ends or ()), *block.ends]


@dataclass
class StepResult:
    """What a step gave: where its texts are, and the counts that go into `run.json` (over all
    texts, repeats included)."""

    name: str
    identity: dict[str, Any]
    given: Texts
    units: int = 0
    unique: int = 0
    cached: int = 0
    computed: int = 0
    seconds: float = 0.0
    billed: dict[str, float] | None = None
    """What a service billed for the texts that were computed, by unit; None for a stage nobody
    bills.
    """
    tokens: Tokens = field(default_factory=Tokens)
    """What local models read and wrote in this run, and how much of it was padding."""
    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in COUNTS}
    )
    end_counts: Counter[Verdict] | None = None
    """How often which verdict was given at the end of the run; None where this is not the last
    step, or nothing but cleaning was run."""

    @property
    def texts(self) -> Sequence[str]:
        """One text a sample."""
        return self.given.texts

    @property
    def remarks(self) -> list[Counter[str]]:
        """For each sample, the remarks, where what the step gave is in memory."""
        return self._in_memory.remarks

    @property
    def ends(self) -> list[Verdict | None] | None:
        """For each sample, the verdict at the end, where what the step gave is in memory."""
        return self._in_memory.ends

    @property
    def _in_memory(self) -> InMemory:
        if not isinstance(self.given, InMemory):
            raise TypeError("what this step gave is in the run folder")
        return self.given


class Distinct:
    """Counts different texts without keeping them, by their 64-bit hashes: among ten million, two
    share one, and the count is too low by one, with a probability of 3 in a million."""

    _PARTS = 256

    def __init__(self) -> None:
        self._hashes = [array("q") for _ in range(self._PARTS)]

    def add(self, texts: Iterable[str]) -> None:
        """Count texts, which may have been counted before."""
        parts, last = self._hashes, self._PARTS - 1
        for number in map(hash, texts):
            parts[number & last].append(number)

    def count(self) -> int:
        """How many different texts there were."""
        return sum(len(set(part)) for part in self._hashes)


def note_of(row: Row) -> Note:
    """The note of a stored answer. The cache types it as any JSON object; it was written from an
    answer's."""
    return cast(Note, row.note)


def collect(
    step: Step, splits: Sequence[Split], rows: Mapping[str, Row], result: StepResult
) -> Block:
    """The texts of some samples, put together from the rows of their units; what there is to count
    of them is added to the result."""
    counts = result.counts
    verdicts, rungs = counts["verdicts"], counts["rungs"]
    # Each unit is judged once, however often it occurs: the same small talk stands in many
    # dialogues.
    occurrences = Counter(unit for parts in splits for unit in parts.units)
    remarkable: dict[str, list[str]] = {}
    named: dict[str, Counter[str]] = {}
    packed = sees(step.stage) != "text"
    for unit, times in occurrences.items():
        row = rows[unit]
        note = note_of(row)
        given = Seen.unpacked(unit).text if packed else unit
        flags = remarks(given, row.output, note, step.stage.target)
        for flag in flags:
            counts["flags"][flag] += times
        found = verdict(step.stage.placeholders, given, row.output, note)
        if found:
            verdicts[found] += times
        if "rung" in note:
            rungs[note["rung"]] += times
        if "named" in note:
            named[unit] = Counter(note["named"])
        if "retry" in note:
            counts["retries"][note["retry"]] += times
        for repair, places in note.get("repairs", {}).items():
            counts["repairs"][repair] += places * times
        if found not in (None, "kept"):
            flags = [verdict_remark(found, note), *flags]
        if flags:
            remarkable[unit] = flags
    block = Block([], [], [])
    for parts in splits:
        block.texts.append(join(parts.frame, [rows[unit].output for unit in parts.units]))
        noticed = [remark for unit in parts.units for remark in remarkable.get(unit, ())]
        block.remarks.append(Counter(noticed) if noticed else _NOTHING)
        # A sum of counters leaves out what is below 0: there names became placeholders.
        names = [named[unit] for unit in parts.units if unit in named] if named else []
        block.named.append(sum(names, Counter()) if names else _NOTHING)
    result.units += occurrences.total()
    return block
