"""What a comparison found, in sentences: who is better, by how much, whether that is significant,
and how the baselines stand."""

from __future__ import annotations

from collections.abc import Iterator

from pivot_sum.comparison.compare import Comparison, Difference, Row
from pivot_sum.comparison.disagreement import sentences
from pivot_sum.comparison.significance import Interval
from pivot_sum.scoring.metrics import label
from pivot_sum.wording import number

FEW = 30
"""Fewer dialogues than this, and an interval from resampling them is too narrow to be trusted."""

FEWEST = 5
"""So many dialogues cannot show a difference: if one system wins in all of five, swapping the two
gives p = 2/32 at the least."""

_LEVEL = 0.005
"""In points: what is rounded to 0.00."""

_SOME = 0.005
"""The share of a run's texts that is rounded to 1 %."""


def findings(comparison: Comparison) -> list[str]:
    """The sentences a reader needs, the answer first."""
    return [
        *(_against_the_first(comparison, difference) for difference in comparison.differences),
        *sentences(comparison.disagreements, testable=len(comparison.samples) > FEWEST),
        *_against_baselines(comparison),
        *_seen_in_training(comparison),
        *_cautions(comparison),
    ]


def _against_the_first(comparison: Comparison, difference: Difference) -> str:
    final, who, other = difference.final, difference.label, difference.against
    if not difference.wins and not difference.losses:
        return f"{who} and {other} score the same in every dialogue."
    if abs(final.delta) < _LEVEL:
        where, verdict = f"{who} is level with {other}", ""
    else:
        where = f"{who} is {abs(final.delta):.2f} points {_side(final)} {other}"
        verdict = (
            " The difference is significant at the 5 % level."
            if _significant(difference)
            else " The difference is not significant at the 5 % level."
        )
    tests = (
        f"; p = {final.p_bootstrap:.3f} by paired bootstrap, {final.p_randomisation:.3f} by"
        " approximate randomisation"
    )
    if difference.dialogues == 1:
        tests = ""
    sentence = (
        f"{where} ({label(difference.headline)}, {_interval(difference, final)}{tests}).{verdict}"
    )
    raw = difference.others.get("raw")
    if raw and raw.delta * final.delta < 0 and min(abs(raw.delta), abs(final.delta)) >= _LEVEL:
        sentence += (
            f" {_by(comparison, 'raw')} it is {abs(raw.delta):.2f} points {_side(raw)}"
            f" ({_interval(difference, raw)})."
        )
    return sentence


def _against_baselines(comparison: Comparison) -> Iterator[str]:
    """Over the strongest baseline, or under which; and where only another metric puts a baseline in
    front."""
    lines = [row for row in comparison.rows if row.kind == "baseline"]
    first, *others = comparison.scores
    beaten = []
    for system, over in zip(comparison.systems, comparison.over_baseline, strict=bool(lines)):
        if above := _not_beaten(system, lines, first):
            yield (
                f"{_named([system], first)} does not beat the baseline{'s' * (len(above) > 1)}"
                f" {_named(above, first)}."
            )
        elif _significant(over):
            beaten.append((system, over))
        else:
            yield (
                f"{system.label} is {over.final.delta:.2f} points above the strongest baseline,"
                f" {over.against} ({_interval(over, over.final)}), which is not significant at the"
                " 5 % level."
            )
        for key in others:
            if ahead := [line for line in _not_beaten(system, lines, key) if line not in above]:
                yield (
                    f"{_by(comparison, key)}, {_named([system], key)} does not beat"
                    f" {_named(ahead, key)}."
                )
    if beaten:
        [strongest] = [line for line in lines if line.label == beaten[0][1].against]
        by = ", ".join(
            f"{system.label} by {over.final.delta:.2f} ({interval(over.final)})"
            for system, over in beaten
        )
        yield (
            f"Significantly above the strongest baseline, {_named([strongest], first)}, at the 5 %"
            f" level: {by}."
        )


def _seen_in_training(comparison: Comparison) -> Iterator[str]:
    of_all = f"of the {number(len(comparison.samples), 'dialogue')} scored here"
    for row in comparison.systems:
        for seen in row.seen:
            if seen.trained:
                yield (
                    f"{row.label} was trained on {seen.trained:,} {of_all} (step {seen.step}, model"
                    f" {seen.model}): its score says little about dialogues it has not seen."
                )
            if seen.chosen:
                yield (
                    f"{row.label} was chosen by its score on {seen.chosen:,} {of_all}, as the best"
                    f" of its training (step {seen.step}, model {seen.model}): its score flatters"
                    " it a little."
                )


def _cautions(comparison: Comparison) -> Iterator[str]:
    dialogues = len(comparison.samples)
    if dialogues <= FEWEST:
        yield (
            f"Only {number(dialogues, 'dialogue')}: so few cannot show a difference, whatever the"
            " scores."
        )
    elif dialogues < FEW:
        yield (
            f"Only {dialogues} dialogues: intervals from so few are too narrow, take this as a"
            " first look."
        )
    if len(comparison.differences) > 1:
        yield "The p-values are not corrected for testing several systems at once."
    for row in comparison.systems:
        if empty := row.deciding.empty:
            yield f"{row.label} has {_summaries(empty)} without any text, scored 0."
        if wrong := row.deciding.wrong_script:
            yield f"{row.label} has {_summaries(wrong)} in another script than the references."
    if longer := [
        f"{row.label} ({row.run_samples:,})"
        for row in comparison.systems
        if row.run_samples not in (None, dialogues)
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
            "seconds and what was billed are"
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


def _summaries(count: int) -> str:
    return number(count, "summary", "summaries")


def _side(found: Interval) -> str:
    return "above" if found.delta > 0 else "below"


def _by(comparison: Comparison, key: str) -> str:
    """`By chrF`; ROUGE a second time is told apart by its placeholders."""
    return (
        "With placeholders raw" if key == "raw" else f"By {label(comparison.scores[key].headline)}"
    )


def _not_beaten(system: Row, lines: list[Row], key: str) -> list[Row]:
    return [line for line in lines if line.scores[key].final >= system.scores[key].final]


def _named(rows: list[Row], key: str) -> str:
    return ", ".join(f"{row.label} ({row.scores[key].final:.2f})" for row in rows)
