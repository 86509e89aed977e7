"""What the fault matrix of chat servers is made with."""

from __future__ import annotations

from typing import Any

import faultmatrix
from chatserver import MODEL, ChatServer
from faultmatrix import IMPATIENT, QUICK, Outcome

from pivot_sum.stages.chat import Chat

FOR_GOOD = {
    "400": "ServiceRefused",
    "401": "KeyRefused",
    "403": "KeyRefused",
    "404": "ServiceRefused",
    "422": "ServiceRefused",
    "unsupported parameter": "ServiceRefused",
    "no credit": "QuotaExceeded",
    "filtered prompt": "Unanswered",
}
"""Faults that trying again does not help, and their errors."""
HALVED = ("413", "context too long")
"""Faults that make a request smaller."""
NO_ANSWER = ("no content", "empty", "length", "content filter", "tool calls", "refusal")
"""Replies that are no answer: asked for again, in other words."""
HARMLESS = ("no usage", "absurd usage", "negative usage")
"""Faults that leave the answer as it is."""
OF_LISTS = ("one too few", "one too many", "reordered", "wrong numbers")
"""Faults of requests with several texts."""


def korean_to_english(server: ChatServer, **settings: Any) -> Chat:
    """The stage most tests use. The right answers of the matrix are no English, so without guards
    it is."""
    about = {"task": "translate", "source": "ko", "target": "en", "snapshot": "2026-11"}
    return Chat(
        **{**about, "model": MODEL, "base_url": f"{server.url}/v1", "guards": (), **QUICK}
        | settings
    )


def cell(server: ChatServer, fault: str, position: str, *, once: bool, **settings: Any) -> Outcome:
    """One cell of the matrix."""
    patience = IMPATIENT if fault == "time-out" else {}
    if fault in OF_LISTS:
        settings.setdefault("texts_per_request", 5)
    stage = korean_to_english(server, **patience, **settings)
    return faultmatrix.cell(server, stage, fault, position, once=once)
