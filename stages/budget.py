"""What services bill, in which unit, and how much of it a run may spend."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from pivot_sum.stages.errors import BudgetExceeded

Cost = Mapping[str, float]
"""What something costs, by unit: `characters`, `tokens`, or money by its currency (`USD`)."""

CHARACTERS = "characters"
TOKENS = "tokens"


def summed(*costs: Cost) -> dict[str, float]:
    """Several costs in one, unit by unit."""
    total: dict[str, float] = {}
    for cost in costs:
        for unit, amount in cost.items():
            total[unit] = total.get(unit, 0) + amount
    return total


def cost_text(cost: Cost) -> str:
    """A cost for people: `1,250 characters`, `9,100 tokens, 0.018 USD`."""
    return ", ".join(
        f"{amount:,.0f} {unit}" if unit in (CHARACTERS, TOKENS) else f"{_money(amount)} {unit}"
        for unit, amount in cost.items()
    )


def _money(amount: float) -> str:
    """Cents, and of less than that two digits that say something."""
    return f"{amount:,.2f}" if amount == 0 or amount >= 1 else f"{amount:.2g}"


class Budget:
    """Counts what a run has billed, and refuses what would exceed `limit` (None: no limit) of
    `unit`. For several threads.

    `spent` holds what was billed, what requests in flight may be billed, and that of requests whose
    answer never came or made no sense: whether they were billed nobody can tell, so they count.
    """

    def __init__(self, limit: float | None = None, unit: str = CHARACTERS) -> None:
        self.limit = limit
        self.unit = unit
        self.spent: dict[str, float] = {}
        self._lock = Lock()

    def reserve(self, cost: Cost) -> None:
        """Set a cost aside for a request. Raises `BudgetExceeded` where the limit leaves no room
        for it."""
        with self._lock:
            spent, more = self.spent.get(self.unit, 0), cost.get(self.unit, 0)
            if self.limit is not None and spent + more > self.limit:
                raise BudgetExceeded(
                    f"the next request may be billed {cost_text({self.unit: more})}, and"
                    f" {cost_text({self.unit: spent})} of the budget of"
                    f" {cost_text({self.unit: self.limit})} are spent;"
                    " everything answered so far is kept, the same command with a larger --budget"
                    " (it counts from 0 again) goes on from there"
                )
            self.spent = summed(self.spent, cost)

    def settle(self, reserved: Cost, billed: Cost) -> None:
        """Replace what was set aside by what was billed."""
        with self._lock:
            back = {unit: -amount for unit, amount in reserved.items()}
            spent = summed(self.spent, back, billed)
            # Without what is left of money by rounding.
            self.spent = {unit: amount for unit, amount in spent.items() if round(amount, 9)}
