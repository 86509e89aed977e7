"""Cross-validation splits of a data file: what belongs together is never on both sides."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from pivot_sum.data.overlap import alike_within
from pivot_sum.data.samples import Sample
from pivot_sum.data.tables import Table
from pivot_sum.errors import SplitRefused

AUGMENTED_FROM: Final = "augmented_from"
"""The column with the id of the row that an augmented one was made from; blank for rows of the data
itself."""


@dataclass(frozen=True)
class Fold:
    """One split: rows to train on and rows to judge by, as positions in the table."""

    train: tuple[int, ...]
    dev: tuple[int, ...]


@dataclass(frozen=True)
class Splits:
    """The folds of a data file. Every row of the data itself is in the dev part of one."""

    folds: tuple[Fold, ...]
    groups: int
    """How many groups of rows there are that stay together; a row of its own is one."""
    largest: int
    """Rows of the largest."""


def split_folds(
    table: Table,
    samples: Sequence[Sample],
    folds: int,
    *,
    by: str | None,
    seed: int,
    threshold: float,
) -> Splits:
    """Split the rows of a table, whose samples are `samples`, into so many folds of nearly the same
    size.

    Rows stay together whose dialogues are alike (`pivot_sum.data.overlap`, from `threshold` on),
    that have the same value in the column `by`, or of which one was made from another
    (`augmented_from`); augmented rows are never judged by. The same seed gives the same folds,
    whatever the order of the rows. Raises SplitRefused where there are fewer groups than folds.
    """
    if by is not None and by not in table.names:
        raise SplitRefused(
            f"there is no column {by!r} to split by; the columns are {', '.join(table.names)}"
        )
    groups = _groups(table, samples, by, threshold)
    made = [bool(row.get(AUGMENTED_FROM)) for row in table.rows]
    places = [[place for place in group if not made[place]] for group in groups]
    if sum(map(bool, places)) < folds:
        raise SplitRefused(
            f"{len(samples):,} rows make {len(groups):,} groups that have to stay together, fewer"
            f" than the {folds:,} folds. Ask for fewer with --folds"
            + ("" if by is None else f", or split by another column than {by}")
            + f", or call fewer dialogues alike with a --threshold above {threshold:g}"
        )
    # Largest first, each into the fold that has the fewest rows, as GroupKFold does; among groups
    # of one size the seed decides.
    order = sorted(
        range(len(groups)),
        key=lambda at: (-len(places[at]), _shuffled(seed, min(samples[i].id for i in groups[at]))),
    )
    of_fold: list[list[int]] = [[] for _ in range(folds)]
    fold_of: dict[int, int] = {}
    for at in order:
        smallest = min(range(folds), key=lambda fold: len(of_fold[fold]))
        of_fold[smallest] += places[at]
        fold_of |= dict.fromkeys(groups[at], smallest)
    return Splits(
        tuple(
            Fold(
                tuple(place for place in range(len(samples)) if fold_of[place] != number),
                tuple(sorted(of_fold[number])),
            )
            for number in range(folds)
        ),
        len(groups),
        max(map(len, groups)),
    )


def _groups(
    table: Table, samples: Sequence[Sample], by: str | None, threshold: float
) -> list[list[int]]:
    """The rows that stay together, as positions."""
    links = alike_within([sample.dialogue for sample in samples], threshold)
    first: dict[Hashable, int] = {}
    place_of = {sample.id: place for place, sample in enumerate(samples)}
    for place, row in enumerate(table.rows):
        if by is not None and (value := str(row.get(by) or "")):
            links.append((first.setdefault(value, place), place))
        if (origin := row.get(AUGMENTED_FROM)) in place_of:
            links.append((place_of[origin], place))
    parent = list(range(len(samples)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for left, right in links:
        parent[root(right)] = root(left)
    groups = defaultdict(list)
    for place in range(len(samples)):
        groups[root(place)].append(place)
    return list(groups.values())


def _shuffled(seed: int, id: str) -> str:
    """A place in an order that depends on the seed and on the id alone."""
    return hashlib.sha256(f"{seed}\0{id}".encode()).hexdigest()
