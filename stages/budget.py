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

    Three things count: what was billed; what requests may have been billed whose answer never came
    or made no sense, as nobody can tell; and what is set aside for requests in flight.
    """

    def __init__(self, limit: float | None = None, unit: str = CHARACTERS) -> None:
        self.limit = limit
        self.unit = unit
        self._billed: dict[str, float] = {}
        self._set_aside: dict[str, float] = {}
        self._in_doubt: dict[str, float] = {}
        self._first_failure = ""
        self._lock = Lock()

    @property
    def spent(self) -> dict[str, float]:
        """Everything that counts."""
        return summed(self._billed, self._in_doubt, self._set_aside)

    def reserve(self, cost: Cost) -> None:
        """Set a cost aside for a request. Raises `BudgetExceeded` where the limit leaves no room
        for it."""
        with self._lock:
            spent = self.spent.get(self.unit, 0)
            if self.limit is not None and spent + cost.get(self.unit, 0) > self.limit:
                raise BudgetExceeded(self._refusal(self.limit, cost))
            self._set_aside = summed(self._set_aside, cost)

    def settle(self, reserved: Cost, billed: Cost) -> None:
        """Replace what was set aside by what was billed."""
        with self._lock:
            self._set_aside = _less(self._set_aside, reserved)
            self._billed = _less(summed(self._billed, billed), {})

    def doubt(self, reserved: Cost, why: str) -> None:
        """Count what was set aside for a request that may have been billed although no answer
        came; `why` it did not."""
        with self._lock:
            self._set_aside = _less(self._set_aside, reserved)
            self._in_doubt = summed(self._in_doubt, reserved)
            self._first_failure = self._first_failure or why

    def _refusal(self, limit: float, cost: Cost) -> str:
        def told(amounts: Cost) -> str:
            return cost_text({self.unit: amounts.get(self.unit, 0)})

        spent = summed(self._billed, self._in_doubt)
        said = (
            f"the next request may be billed {told(cost)}, and {told(spent)} of the budget of"
            f" {cost_text({self.unit: limit})} are spent"
        )
        if self._in_doubt.get(self.unit):
            said += (
                f" ({told(self._in_doubt)} of them by requests that got no answer and may be billed"
                f" all the same; the first ended with: {self._first_failure})"
            )
        if self._set_aside.get(self.unit):
            said += f", {told(self._set_aside)} are set aside for requests in flight"
        return (
            f"{said}; everything answered so far is kept, the same command with a larger --budget"
            " (it counts from 0 again) goes on from there"
        )


def _less(cost: Cost, part: Cost) -> dict[str, float]:
    """A cost without a part of it, and without what is left of money by rounding."""
    left = summed(cost, {unit: -amount for unit, amount in part.items()})
    return {unit: amount for unit, amount in left.items() if round(amount, 9)}
