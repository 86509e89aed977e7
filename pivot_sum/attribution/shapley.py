"""What each of several players adds to a common gain, in one order of joining and on average over
all that are possible.

Lloyd Shapley (1953, A value for n-person games) pays each player what it adds when it joins,
averaged over all orders in which the players can join. Ulrich Faigle and Walter Kern (1992, The
Shapley value for cooperative games under precedence constraints) do the same where not every order
is possible: the average is over those that are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, permutations

Order = tuple[str, ...]
Coalition = frozenset[str]


def feasible_orders(players: Sequence[str], after: Mapping[str, str]) -> list[Order]:
    """Every order of the players in which each comes later than the one it can only act `after`."""
    return [
        order
        for order in permutations(players)
        if all(order.index(earlier) < order.index(later) for later, earlier in after.items())
    ]


def coalitions(players: Sequence[str]) -> list[Coalition]:
    """Every set of players, feasible or not, the small ones first."""
    return [
        frozenset(chosen)
        for size in range(len(players) + 1)
        for chosen in combinations(players, size)
    ]


def feasible(coalition: Coalition, after: Mapping[str, str]) -> bool:
    """Whether nobody is in it without the one it can only act after."""
    return all(earlier in coalition for later, earlier in after.items() if later in coalition)


def marginals(order: Order, value: Mapping[Coalition, float]) -> dict[str, float]:
    """What each player adds to the value when it joins in this order. They add up to the whole
    gain."""
    gains = {}
    joined: Coalition = frozenset()
    for player in order:
        gains[player] = value[joined | {player}] - value[joined]
        joined |= {player}
    return gains


def shares(orders: Sequence[Order], value: Mapping[Coalition, float]) -> dict[str, float]:
    """What each player adds, averaged over the orders. They add up to the value of all less that of
    none."""
    added = [marginals(order, value) for order in orders]
    return {
        player: math.fsum(gains[player] for gains in added) / len(added) for player in orders[0]
    }
