"""What a comparison says, in sentences: who is better, by how much, whether it could be chance, and
against the baselines."""

from __future__ import annotations

from collections.abc import Iterator

from pivot_sum.comparison.compare import Comparison, Difference, Row
from pivot_sum.comparison.significance import Interval
from pivot_sum.scoring import Placeholders

FEW = 30
"""Fewer dialogues than this, and an interval from resampling them is too narrow to be trusted."""

FEWEST = 5
"""So many dialogues cannot show a difference: if one system wins in all of five, swapping the two
gives p = 2/32 at the least."""

_LEVEL = 0.005
"""In points: what is rounded to 0.00."""

_SOME = 0.005
"""The share of a run's texts that is rounded to 1 %."""


def conclusions(comparison: Comparison) -> list[str]:
    """The sentences a reader needs, the answer first."""
    return [
        *(_against_the_first(difference) for difference in comparison.differences),
        *_against_baselines(comparison),
        *_cautions(comparison),
    ]


def _against_the_first(difference: Difference) -> str:
    final, who, other = difference.final, difference.label, difference.against
    if not difference.wins and not difference.losses:
        return f"{who} and {other} score the same in every dialogue."
    chance = (
        "This is unlikely to be chance." if _significant(difference) else "This could be chance."
    )
    if abs(final.delta) < _LEVEL:
        where, chance = f"{who} is level with {other}", ""
    else:
        where = f"{who} is {abs(final.delta):.2f} points {_side(final)} {other}"
    tests = (
        f"; p = {final.p_bootstrap:.3f} by paired bootstrap, {final.p_randomisation:.3f} by"
        " approximate randomisation"
    )
    if difference.dialogues == 1:
        tests = ""
    sentence = f"{where} (final, {_interval(difference, final)}{tests}). {chance}".rstrip()
    raw = difference.raw
    if raw.delta * final.delta < 0 and min(abs(raw.delta), abs(final.delta)) >= _LEVEL:
        sentence += (
            f" With placeholders raw it is {abs(raw.delta):.2f} points {_side(raw)}"
            f" ({_interval(difference, raw)})."
        )
    return sentence


def _against_baselines(comparison: Comparison) -> Iterator[str]:
    """Over the strongest baseline, or under which; and where only the way to count placeholders
    puts a baseline in front."""
    lines = [row for row in comparison.rows if row.kind == "baseline"]
    beaten = []
    for system, over in zip(comparison.systems, comparison.over_baseline, strict=bool(lines)):
        if above := _not_beaten(system, lines, "whole"):
            yield (
                f"{_named([system], 'whole')} does not beat the baseline{'s' * (len(above) > 1)}"
                f" {_named(above, 'whole')}."
            )
        elif _significant(over):
            beaten.append((system, over))
        else:
            yield (
                f"{system.label} is {over.final.delta:.2f} points above the strongest baseline,"
                f" {over.against} ({_interval(over, over.final)}), but this could be chance."
            )
        if raw := [line for line in _not_beaten(system, lines, "raw") if line not in above]:
            yield (
                f"With placeholders raw, {_named([system], 'raw')} does not beat"
                f" {_named(raw, 'raw')}."
            )
    if beaten:
        [strongest] = [line for line in lines if line.label == beaten[0][1].against]
        by = ", ".join(
            f"{system.label} by {over.final.delta:.2f} ({interval(over.final)})"
            for system, over in beaten
        )
        yield (
            f"Above the strongest baseline, {_named([strongest], 'whole')}, which is unlikely to be"
            f" chance: {by}."
        )


def _cautions(comparison: Comparison) -> Iterator[str]:
    number = len(comparison.samples)
    if number <= FEWEST:
        yield (
            f"Only {number} dialogue{'s' * (number != 1)}: so few cannot show a difference,"
            " whatever the figures."
        )
    elif number < FEW:
        yield (
            f"Only {number} dialogues: intervals from so few are too narrow, take this as a first"
            " look."
        )
    if len(comparison.differences) > 1:
        yield "The p-values are not corrected for testing several contenders at once."
    for row in comparison.systems:
        if empty := row.scores["whole"].empty:
            yield f"{row.label} has {_summaries(empty)} without any text, scored 0."
        if wrong := row.scores["whole"].wrong_script:
            yield f"{row.label} has {_summaries(wrong)} in another script than the references."
    if longer := [
        f"{row.label} ({row.run_samples:,})"
        for row in comparison.systems
        if row.run_samples not in (None, number)
    ]:
        yield (
            "What the steps noticed, and what they took, is of the whole run, over more dialogues:"
            f" {', '.join(longer)}."
        )
    if cached := [
        f"{row.cached:.0%} of {row.label}"
        for row in comparison.systems
        if row.cached and row.cached >= _SOME
    ]:
        what = (
            "seconds and characters billed are"
            if any(row.billed is not None for row in comparison.systems)
            else "seconds are"
        )
        yield f"From the cache came {', '.join(cached)}: {what} not what computing it all takes."
    for name, reason in comparison.refused.items():
        yield f"The baseline {name} is left out: {reason}"


def interval(found: Interval) -> str:
    """`95 % CI -1.20 to 3.40`."""
    return f"95 % CI {found.low:.2f} to {found.high:.2f}"


def _interval(difference: Difference, found: Interval) -> str:
    """The interval, where there is more than one dialogue to draw from."""
    return interval(found) if difference.dialogues > 1 else "no interval from one dialogue"


def _significant(difference: Difference) -> bool:
    return difference.final.significant and difference.dialogues > FEWEST


def _summaries(number: int) -> str:
    return f"{number:,} summar{'y' if number == 1 else 'ies'}"


def _side(found: Interval) -> str:
    return "above" if found.delta > 0 else "below"


def _not_beaten(system: Row, lines: list[Row], way: Placeholders) -> list[Row]:
    return [line for line in lines if line.scores[way].final >= system.scores[way].final]


def _named(rows: list[Row], way: Placeholders) -> str:
    return ", ".join(f"{row.label} ({row.scores[way].final:.2f})" for row in rows)
