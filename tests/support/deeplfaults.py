"""What the fault matrix of DeepL is made with."""

from __future__ import annotations

from typing import Any

import faultmatrix
from faultmatrix import IMPATIENT, QUICK, Outcome
from faultserver import FaultServer

from pivot_sum.stages.deepl import DeepL

FOR_GOOD = {
    "400": "ServiceRefused",
    "403": "KeyRefused",
    "404": "ServiceRefused",
    "456": "QuotaExceeded",
}
"""Faults that trying again does not help, and their errors."""
HALVED = ("413", "414")
"""Faults that make a request smaller."""


def korean_to_english(**settings: Any) -> DeepL:
    """The stage most tests use."""
    return DeepL(**{"source": "ko", "target": "en", "snapshot": "2026-11", **QUICK, **settings})


def cell(server: FaultServer, fault: str, position: str, *, once: bool) -> Outcome:
    """One cell of the matrix."""
    stage = korean_to_english(**(IMPATIENT if fault == "time-out" else {}))
    return faultmatrix.cell(server, stage, fault, position, once=once)
