"""How many characters a run may have billed by a paid service."""

from __future__ import annotations

from threading import Lock

from pivot_sum.stages.errors import BudgetExceeded


class Budget:
    """Counts what a run has billed, and refuses what would exceed `limit` (None: no limit). For
    several threads.

    `spent` holds characters billed, those of requests in flight, and those of requests whose answer
    never came or made no sense: whether they were billed nobody can tell, so they count.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.spent = 0
        self._lock = Lock()

    def reserve(self, characters: int) -> None:
        """Set characters aside for a request. Raises `BudgetExceeded` where the limit leaves no
        room for them."""
        with self._lock:
            if self.limit is not None and self.spent + characters > self.limit:
                raise BudgetExceeded(
                    f"the next request would bill {characters:,} characters, and {self.spent:,} of"
                    f" the budget of {self.limit:,} are spent; everything answered so far is kept,"
                    " the same command with a larger --budget (it counts from 0 again) goes on"
                    " from there"
                )
            self.spent += characters

    def settle(self, reserved: int, billed: int) -> None:
        """Replace what was set aside by what was billed."""
        with self._lock:
            self.spent += billed - reserved
