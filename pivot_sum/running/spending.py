"""How much services may bill in a run: what `--budget` says, in which unit it counts, and whether
the steps that are billed count in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from pivot_sum.errors import BudgetRefused
from pivot_sum.recipes.recipe import Step
from pivot_sum.stages.base import Billed, stage_fields
from pivot_sum.stages.budget import CHARACTERS, Budget, Cost, cost_text, summed

log = logging.getLogger(__name__)

Limit: TypeAlias = str | float | None
"""What services may bill, as it is asked for: `200000`, `"50000tokens"`, `"2.50USD"`; None: no
limit."""

_LIMIT = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*([^\W\d_]*)")
_PRICES = ("price_in", "price_out", "currency")
"""The fields of a stage that can say what its tokens cost."""


def budget_for(limit: Limit, steps: Iterable[Step]) -> Budget:
    """The budget of a run of these steps. A number without a unit counts in the unit that all of
    them are billed in. Where no step is billed nothing is counted, whatever the limit.

    Raises `BudgetRefused` where the limit is no amount, or where it is not clear, or cannot be
    counted, in which unit.
    """
    if limit is None:
        return Budget()
    found = _LIMIT.fullmatch(str(limit).strip())
    if found is None:
        raise BudgetRefused(
            f"--budget {limit}: a number, 0 or more and without commas, and a unit behind it where"
            " one is needed, such as 200000, 200000characters, 50000tokens or 2.50USD"
        )
    written, wanted = found.groups()
    amount = float(written)
    amount = int(amount) if amount.is_integer() else amount  # as a message shows it
    paid = [_Paid(step, step.stage.units) for step in steps if isinstance(step.stage, Billed)]
    if not paid:
        return Budget(amount)
    if wanted:
        return Budget(amount, _counted(f"--budget {limit}", wanted, paid))
    first = {one.units[0] for one in paid}
    if len(first) > 1:
        known = dict.fromkeys(unit for one in paid for unit in one.units)
        ways = " or ".join(f"--budget {written}{unit}" for unit in known)
        raise BudgetRefused(
            f"--budget {limit}: the steps are billed in different units ({_told(paid)}). Say which"
            f" one the budget counts: {ways}"
        )
    return Budget(amount, first.pop())


def shortfall(budget: Budget, planned: Iterable[Cost], *, and_more: bool) -> str:
    """What to say of a budget that planned costs exceed; empty where they do not. `and_more`: there
    are further costs that nobody knows yet."""
    unit, limit = budget.unit, budget.limit
    needed = summed(*planned).get(unit, 0)
    if limit is None or needed <= limit:
        return ""
    least = "at least " if and_more else ""
    estimate = "" if unit == CHARACTERS else " (an estimate)"
    return (
        f"the budget of {cost_text({unit: limit})} would not do: {least}{cost_text({unit: needed})}"
        f" would be billed{estimate}, {cost_text({unit: needed - limit})} more"
    )


def billed(stage: Billed, costs: Iterable[Cost]) -> dict[str, float]:
    """What several answers of a stage cost, in every unit it is billed in, also where it is 0."""
    return total(dict.fromkeys(stage.units, 0), *costs)


def total(*costs: Cost) -> dict[str, float]:
    """Several costs in one, unit by unit, without the last digits that adding fractions leaves."""
    return {unit: round(amount, 9) for unit, amount in summed(*costs).items()}


class _Paid(NamedTuple):
    """A step that is billed, and in which units."""

    step: Step
    units: tuple[str, ...]


def _counted(option: str, wanted: str, paid: Sequence[_Paid]) -> str:
    """The unit as the steps write it, with a word on the steps that do not count in it."""
    known = {unit.casefold(): unit for one in paid for unit in one.units}
    unit = known.get(wanted.casefold())
    if unit is None:
        raise BudgetRefused(
            f"{option}: no step is billed in {wanted} ({_told(paid)}). Write one of these units"
            f" behind the number{_how_to_price(paid)}"
        )
    for step, units in paid:
        if unit not in units:
            log.warning(
                "%s does not limit step %s, which is billed in %s", option, step.name, units[0]
            )
    return unit


def _told(paid: Sequence[_Paid]) -> str:
    """`to-english: characters; summarize: tokens, USD`."""
    return "; ".join(dict.fromkeys(f"{step.name}: {', '.join(units)}" for step, units in paid))


def _how_to_price(paid: Sequence[_Paid]) -> str:
    """Which fields make money of tokens, where a step has them."""
    names = [
        step.name
        for step, _ in paid
        if {field.name for field in stage_fields(step.stage)}.issuperset(_PRICES)
    ]
    if not names:
        return ""
    fields = "price_in, price_out (per million tokens) and currency"
    return f"; for money, set {fields} of {', '.join(dict.fromkeys(names))}"
