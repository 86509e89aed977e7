"""What became of each text: a verdict on its placeholders, and remarks on anything else a reader
should know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pivot_sum.stages.answer import CUT, PLAIN
from pivot_sum.stages.base import Note, PlaceholderPolicy, Stage
from pivot_sum.stages.guards.checks import basic_flags
from pivot_sum.stages.text.placeholders import find
from pivot_sum.stages.text.scripts import main_script

Verdict = Literal["kept", "repaired", "lost", "invented"]

INVENTED = "invented placeholder"
"""The guard that finds what the verdict calls invented."""

UNSUPPORTED = "unsupported number"
"""The guard that finds values of a summary that its dialogue does not hold, and the remark of views
that look for them where no guard did."""

SWAPPED = "swapped speakers"
"""The same for summaries that say of one speaker what the other one does in the dialogue."""

NATURAL_RUNGS = (PLAIN, "as-is")
"""Rungs of the placeholder ladder that needed no protection."""

REPAIRED, REPAIRED_BY_CUT = "placeholder repaired", "placeholder repaired by a cut"
"""Remarks on the verdict `repaired`; what was cut wants a look."""


def verdict(policy: PlaceholderPolicy, source: str, output: str, note: Note) -> Verdict | None:
    """What happened to the placeholders of one text; None where neither side has any.

    `invented` outranks `lost` outranks `repaired`. A stage that may `select` placeholders (a
    summariser) has lost them when none of a text's placeholders is left; one that may `repair` them
    may add some, if its note says it repaired. What is a name on one side on purpose counts as
    the placeholder there. What a guard found invented is so, even where it only looks like a
    placeholder.
    """
    if INVENTED in note.get("flags", ()):
        return "invented"
    if "#" not in source and "#" not in output:
        return None
    held, given = find(source), find(output)
    named = note.get("named")
    if not (held or given or named):
        return None
    # Where a stage only has to keep placeholders, its repairs are of something else: polish puts
    # particles and spaces right.
    repaired = (
        bool(note.get("repairs"))
        if policy != "keep"
        else note.get("rung", PLAIN) not in NATURAL_RUNGS
    )
    if held == given and not named:  # nearly all
        return "repaired" if repaired and policy != "repair" else "kept"
    before, after = Counter(held), Counter(given)
    after.update(named or {})
    if policy == "select":
        if after.keys() - before.keys():
            return "invented"
        if not after:
            return "lost"
    elif policy == "repair" and repaired:
        # A damaged spelling may look like a placeholder of its own (`#PErson1#`): what counts is
        # that none is missing.
        if before.total() > after.total():
            return "lost"
    else:
        if after - before:
            return "invented"
        if before - after:
            return "lost"
    return "repaired" if repaired and (policy != "repair" or before != after) else "kept"


def verdict_remark(found: Verdict, note: Note) -> str:
    """A verdict as a remark, which also says where the text was cut at its placeholders."""
    if found == "repaired" and note.get("rung") == CUT:
        return REPAIRED_BY_CUT
    return f"placeholder {found}"


def end_policy(stages: Iterable[Stage]) -> PlaceholderPolicy:
    """What stages one after another may do to the placeholders of a cleaned dialogue: once one may
    select, some may be missing; until then all have to be there."""
    return "select" if any(stage.placeholders == "select" for stage in stages) else "keep"


def doubtful_remarks(summary: str, dialogue: str) -> dict[str, int]:
    """What is doubtful in a summary beside its dialogue, as remarks: each number that the dialogue
    does not hold, exchanged speakers."""
    numbers = unsupported_numbers(summary, dialogue)
    found = [f"{UNSUPPORTED} {summary[start:end]}" for start, end in numbers]
    return dict.fromkeys([*found, *([SWAPPED] if speakers_swapped(summary, dialogue) else [])], 1)


def unsupported_numbers(summary: str, dialogue: str) -> list[tuple[int, int]]:
    """Where a summary has values that its dialogue does not hold: where each begins and ends; none
    where the two are not in one language that values are read in. A view of texts: it costs no
    identity."""
    from pivot_sum.stages.ledgers.values_changes import unsupported

    if (language := _language_of_both(summary, dialogue)) is None:
        return []
    return [(value.start, value.end) for value in unsupported(summary, dialogue, language)]


def speakers_swapped(summary: str, dialogue: str) -> bool:
    """Whether the speakers of a summary are certainly exchanged; never where the two are not in
    one language that roles are read in. A view of texts as well."""
    from pivot_sum.stages.ledgers.roles import swapped_speakers

    language = _language_of_both(summary, dialogue)
    return language is not None and swapped_speakers(dialogue, summary, language)


def _language_of_both(summary: str, dialogue: str) -> str | None:
    from pivot_sum.stages.ledgers.values_reading import LANGUAGES

    language = main_script(dialogue)
    return language if language in LANGUAGES and main_script(summary) == language else None


def remarks(source: str, output: str, note: Note, target: str) -> list[str]:
    """Anything else to be counted, each once: the stage's own flags, an empty answer, an answer in
    the wrong script."""
    own = [flag for flag in note.get("flags", ()) if flag != INVENTED]  # the verdict says so
    # A guarded stage has flagged these already, one without guards has not.
    basic = basic_flags(source, output, target)
    return list(dict.fromkeys([*own, *sorted(basic)])) if own or basic else []
