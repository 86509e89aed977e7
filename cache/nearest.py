"""The stored identity nearest to one that is asked for: what would have to be the same again for
its rows to be used."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pivot_sum.cache.keys import Difference, canonical_json, differences
from pivot_sum.cache.records import StoredIdentity, resolutions

Known = tuple[dict[str, Any], int]
"""An identity and how many rows it has."""


def nearest(
    identity: Mapping[str, Any], known: Iterable[Known]
) -> tuple[dict[str, Any], list[Difference]] | None:
    """Of the identities of the same stage that have rows, the one that differs in the fewest
    fields; ties go to the one with most rows, then to the first. None where there is none.
    """
    wanted: dict[str, Any] = json.loads(canonical_json(identity))
    candidates = [
        (differences(wanted, stored), -rows, stored)
        for stored, rows in known
        if rows and stored.get("stage") == wanted.get("stage")
    ]
    if not candidates:
        return None
    found, _, best = min(candidates, key=lambda candidate: (len(candidate[0]), candidate[1]))
    return best, found


def declared_ones(
    connection: sqlite3.Connection, path: Path, stored: Sequence[StoredIdentity]
) -> list[Known]:
    """The declared identities, newest first, each with the rows of what it resolved to."""
    rows = {canonical_json(one.identity): one.rows for one in stored}
    by_age = sorted(resolutions(connection, path), key=lambda one: one.created, reverse=True)
    return [
        (json.loads(one.declared), rows.get(one.resolved, 0)) for one in by_age if one.is_sound()
    ]
