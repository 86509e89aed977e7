"""Deleting from a cache: all rows of some identities, or what is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from pivot_sum.cache.database import transaction
from pivot_sum.cache.keys import canonical_json
from pivot_sum.cache.records import (
    StoredIdentity,
    bytes_of,
    delete,
    identity_is_sound,
    resolutions,
    scan,
    stored_identities,
)
from pivot_sum.cache.sqlite_errors import damaged
from pivot_sum.cache.verify import structure


def drop_identities(
    connection: sqlite3.Connection, path: Path, chosen: Iterable[StoredIdentity]
) -> int:
    """Delete these identities, their rows and the resolutions that lead to them; return how many
    rows."""
    dropped = 0
    with transaction(connection, path):
        for known in chosen:
            owner = "(SELECT id FROM identities WHERE sha256 = ?)"
            dropped += connection.execute(
                f"DELETE FROM rows WHERE identity = {owner}", [known.sha256]
            ).rowcount
            delete(connection, "identities", "sha256", [known.sha256])
            delete(connection, "resolutions", "resolved", [canonical_json(known.identity)])
    return dropped


def drop_keys(connection: sqlite3.Connection, path: Path, keys: Iterable[bytes]) -> None:
    """Delete the rows with these keys."""
    with transaction(connection, path):
        delete(connection, "rows", "key", keys)


def drop_damaged(connection: sqlite3.Connection, path: Path) -> int:
    """Delete the rows, identities and resolutions that do not match their checksums; return how
    many rows.

    Raises NotACache where the structure of the file is hurt: what looks damaged then may be sound,
    and only a new file is safe to write to.
    """
    if hurt := structure(path):
        raise damaged(path, hurt[0])
    dropped = 0
    for part in scan(connection, path):
        if bad := [row.id for row, _ in part.damaged()]:
            with transaction(connection, path):
                dropped += delete(connection, "rows", "id", bad)
    broken = [
        known.sha256.encode(errors="surrogateescape")
        for known in resolutions(connection, path)
        if not known.is_sound()
    ]
    unsound = [
        number
        for number, sha256, identity_json in stored_identities(connection, path)
        if not identity_is_sound(sha256, identity_json)
    ]
    with transaction(connection, path):
        delete(connection, "resolutions", bytes_of("sha256"), broken)
        delete(connection, "identities", "id", unsound)
    return dropped
