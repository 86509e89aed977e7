"""The ways of choosing that need nothing learned: each is an order of criteria, and the first that
differs decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

from pivot_sum.routing.judging import Judged

Method = Literal["mbr", "rules", "majority"]
METHODS: tuple[Method, ...] = get_args(Method)

_ROUNDING = 9
"""Digits of a consensus that count: beyond them it is the order of summing."""

_CRITERIA: dict[str, Callable[[Judged], float]] = {
    "consensus": lambda judged: round(judged.consensus, _ROUNDING),
    "votes": lambda judged: judged.votes,
    "flags": lambda judged: -len(judged.flags),
}
_ORDERS: dict[Method, tuple[str, ...]] = {
    "mbr": ("consensus", "flags"),
    "rules": ("flags", "consensus"),
    "majority": ("votes", "consensus", "flags"),
}


class Choice(NamedTuple):
    """Which candidate serves a dialogue, and what decided: a criterion, `same` where all say the
    same, else `first`."""

    candidate: int
    why: str


def choose(judged: Sequence[Judged], method: Method) -> Choice:
    """The candidate that serves one dialogue.

    - `mbr`, minimum Bayes risk (Kumar and Byrne 2004; Eikema and Aziz 2020): the one most like all
      others. Two candidates are as like each other as the other way round; then, as in every tie,
      the one with fewer flags serves.
    - `rules`: the one with the fewest flags, then the one most like the others.
    - `majority`: the one most candidates agree on word for word, then as `mbr`.

    What is left serves in the order in which the candidates were named.
    """
    if len({candidate.text for candidate in judged}) == 1:
        return Choice(0, "same")
    left = list(range(len(judged)))
    for name in _ORDERS[method]:
        values = [_CRITERIA[name](judged[place]) for place in left]
        kept = [place for place, value in zip(left, values, strict=True) if value == max(values)]
        if len({judged[place].text for place in kept}) == 1:
            return Choice(kept[0], name)
        left = kept
    return Choice(left[0], "first")
