"""The values of a text as tests write them."""

from __future__ import annotations

from pivot_sum.stages.ledgers.values_reading import read_values

Read = tuple[str, float, str, str]
"""Kind, amount, unit, and the words themselves; with a `?` behind them where it is not certain."""


def read(text: str, language: str) -> list[Read]:
    """The values of a text in order, amounts to three places."""
    return [
        (
            value.kind,
            round(value.amount, 3),
            value.unit,
            text[value.start : value.end] + {True: "", False: "?"}[value.certain],
        )
        for value in read_values(text, language)
    ]
