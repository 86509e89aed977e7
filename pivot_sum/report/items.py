"""Names, numbers and placeholders in a report: marked in the texts, and summed up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from pivot_sum.attribution.by_kind import ByKind
from pivot_sum.attribution.item_kinds import KINDS, Kind
from pivot_sum.attribution.items import Item
from pivot_sum.html.i18n import Interface
from pivot_sum.html.marks import Mark
from pivot_sum.html.page import Table
from pivot_sum.report.systems import ReportSystem
from pivot_sum.report.tables import listed


def faults(items: Iterable[Item]) -> list[Item]:
    """Those that were lost, changed or invented."""
    return [item for item in items if item.fate != "kept"]


def remarks_on(items: Iterable[Item]) -> list[str]:
    """`number lost`, each once."""
    return list(dict.fromkeys(f"{item.kind} {item.fate}" for item in faults(items)))


def reference_marks(systems: Sequence[ReportSystem], id: str, number: int) -> list[Mark]:
    """The items in a reference; they look the same whatever became of them."""
    return [
        Mark(*place, item.kind)
        for system in systems
        for item in system.items(id)
        for place in (item.references[number] if number < len(item.references) else ())
    ]


def text_marks(interface: Interface, items: Iterable[Item], position: int) -> list[Mark]:
    """The items in a text of the chain: the right ones, and the wrong ones with what they should
    be."""
    found = []
    for item in items:
        label = Markup("≠ {}").format(item.right) if item.right else interface("item-made-up")
        found += [Mark(*place, item.kind) for place in item.chain[position]]
        found += [
            Mark(*place, f"{item.kind} {item.fate}", label) for place in item.wrong_chain[position]
        ]
    return found


def tables(
    interface: Interface, systems: Sequence[ReportSystem]
) -> list[tuple[ReportSystem, list[Table]]]:
    """The faults of each step and what they cost, for the runs that `attribute` took apart."""
    return [
        (system, list(_tables(interface, system.losses.by_kind)))
        for system in systems
        if system.losses and system.losses.by_kind
    ]


def _tables(interface: Interface, found: ByKind) -> Iterator[Table]:
    kinds = [interface(f"{kind}s") for kind in KINDS]
    rows: list[list[str | Markup]] = [
        [
            step.name,
            *(
                listed(interface, "fate", {k: n for k, n in step.counts[kind].items() if n})
                for kind in KINDS
            ),
            f"{step.dialogues:,}",
        ]
        for step in found.steps
        if step.dialogues or any(step.name in part.split("..") for part in found.parts)
    ]
    kept = [
        interface("of-all", f"{found.kept[kind]:,}", f"{found.needed[kind]:,}") for kind in KINDS
    ]
    rows.append([interface("kept-to-the-end"), *kept, ""])
    yield Table("items-caption", [interface("step"), *kinds, interface("dialogues-column")], rows)
    points = {
        part: (*points.kinds.values(), points.rest, points.loss)
        for part, points in found.parts.items()
    }
    sums = [math.fsum(column) for column in zip(*points.values(), strict=True)]
    yield Table(
        "points-by-kind",
        [interface("stage"), *kinds, interface("the-rest"), interface("loss")],
        [
            [name, *(f"{value:.2f}" for value in values)]
            for name, values in [*points.items(), (interface("together"), sums)]
        ],
    )


def gains(system: ReportSystem, id: str) -> dict[Kind, float]:
    """What the score of a dialogue gains where what was changed is put right, by kind."""
    by_kind = system.losses.by_kind if system.losses else None
    found: dict[Kind, float] = {}
    for points in by_kind.gains.get(id, {}).values() if by_kind else ():
        for kind, gain in points.items():
            found[kind] = found.get(kind, 0.0) + gain
    return found
