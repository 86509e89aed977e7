"""What a comparison found, in sentences: who is better, by how much, whether that is significant,
and how the baselines stand."""

from __future__ import annotations

from collections.abc import Iterator

from pivot_sum.comparison.compare import Comparison, Row
from pivot_sum.comparison.differences import Difference
from pivot_sum.comparison.disagreement import sentences
from pivot_sum.comparison.significance import FEW, FEWEST, Interval
from pivot_sum.scoring.metrics import label
from pivot_sum.wording import number

_LEVEL = 0.005
"""In points: what is rounded to 0.00."""

_SOME = 0.005
"""The share of a run's texts that is rounded to 1 %."""


def findings(comparison: Comparison) -> list[str]:
    """The sentences a reader needs, the answer first."""
    return [
        *(_against_the_first(comparison, difference) for difference in comparison.differences),
        *sentences(comparison.disagreements, testable=comparison.drawn > FEWEST),
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
            if difference.significant
            else " The difference is not significant at the 5 % level" + _why(difference) + "."
        )
    bootstrap, randomisation = final.p_bootstrap, final.p_randomisation
    holm = ""
    if final.p_bootstrap_holm is not None and final.p_randomisation_holm is not None:
        bootstrap, randomisation = final.p_bootstrap_holm, final.p_randomisation_holm
        holm = f", corrected for {len(comparison.differences)} tests"
    tests = (
        f"; p = {bootstrap:.3f} by paired bootstrap, {randomisation:.3f} by approximate"
        f" randomisation{holm}"
    )
    if difference.drawn == 1:
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


def _why(difference: Difference) -> str:
    """Why a difference whose interval does not hold zero is not significant all the same."""
    if difference.final.low <= 0 <= difference.final.high:
        return ""
    if difference.drawn <= FEWEST:
        return ": there are too few to draw from"
    return ": the interval leaves 0 out, but both p-values have to be below 0.05"


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
        elif over.significant:
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
    unit = "dialogue" if comparison.clusters is None else "cluster"
    if comparison.drawn <= FEWEST:
        yield (
            f"Only {number(comparison.drawn, unit)}: so few cannot show a difference, whatever the"
            " scores."
        )
    elif comparison.drawn < FEW:
        yield (
            f"Only {number(comparison.drawn, unit)}: intervals from so few are too narrow, take"
            " this as a first look."
        )
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


def detectable(comparison: Comparison, difference: Difference) -> Iterator[str]:
    """How large the difference is beside its spread, and how small a one so many dialogues can
    show; nothing where nothing varies."""
    found = difference.effect
    if found is None:
        return
    yield f"effect size of {label(difference.headline)} (Cohen's d_z): {found.d_z:+.2f}"
    said = (
        f"detectable: with {drawn(comparison)} and this spread, a true difference of"
        f" {found.detectable:.2f} points is found about 3 times in 4, a smaller one less often"
    )
    observed = abs(difference.final.delta)
    if found.dialogues_needed is not None and _LEVEL <= observed < found.detectable:
        needed = round(found.dialogues_needed, 2 - len(str(found.dialogues_needed)))
        said += f"; one of {observed:.2f} takes about {needed:,} dialogues"
    yield said


def drawn(comparison: Comparison) -> str:
    """`96 dialogues`, or `96 dialogues in 32 clusters`."""
    dialogues = number(len(comparison.samples), "dialogue")
    if comparison.clusters is None:
        return dialogues
    return f"{dialogues} in {number(comparison.clusters, 'cluster')}"


def interval(found: Interval) -> str:
    """`95 % CI -1.20 to 3.40`."""
    return f"95 % CI {found.low:.2f} to {found.high:.2f}"


def _interval(difference: Difference, found: Interval) -> str:
    """The interval, where there is more than one dialogue or cluster to draw from."""
    if difference.drawn > 1:
        return interval(found)
    return f"no interval from one {'dialogue' if difference.dialogues == 1 else 'cluster'}"


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
