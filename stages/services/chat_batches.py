"""How a chat model is asked: one request after the other, or through the Batch API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pivot_sum.stages.budget import cost_text, summed
from pivot_sum.stages.finishing import Finishing, keeper
from pivot_sum.stages.services.asking import Asking
from pivot_sum.stages.services.chat_fields import Asked
from pivot_sum.stages.services.chat_requests import ChatRequests, Request

ALL = 1_000_000
"""Texts at once, where a batch takes all there are."""


@dataclass(frozen=True, kw_only=True)
class ChatBatches(ChatRequests):
    """What `batch_api` changes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_api:  # or there would be a batch for each few hundred texts, each of a day
            object.__setattr__(self, "batch_size", ALL)

    @contextmanager
    def way_to_ask(
        self, finishing: Finishing[Asked], asking: Asking[Asked]
    ) -> Iterator[Callable[[Sequence[Asked]], None]]:
        """In batches where the recipe says so."""
        if not self.batch_api:
            with super().way_to_ask(finishing, asking) as ask:
                yield ask
            return
        from pivot_sum.stages.services.batch_record import BatchRecord
        from pivot_sum.stages.services.batch_rounds import Rounds
        from pivot_sum.stages.services.batch_submitting import Submitting

        with BatchRecord(keeper().folder) as record:
            submitting = Submitting(self, asking, record)
            yield Rounds(self, finishing, asking, submitting).ask
            for batch, requests in submitting.used.items():
                record.forget(batch, requests)

    def advice(self, texts: Sequence[str]) -> str:
        """That texts go into a batch, where they do."""
        if not self.batch_api:
            return ""
        questions = self.first_questions(texts)
        requests = [Request(self.messages([asked]), self.max_tokens) for asked in questions]
        most = summed(*(self.most(request) for request in requests))
        return (
            f"is asked in a batch (requests: {len(requests):,}), which may take a day; a --budget"
            f" has to cover the most it may cost, {cost_text(most)}, or nothing is sent"
        )
