"""Deleting from a cache: all rows of some identities, or what is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from pivot_sum.cache.database import transaction
from pivot_sum.cache.keys import canonical_json, sha256_hex
from pivot_sum.cache.records import StoredIdentity, fetch, resolutions, scan


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
            connection.execute("DELETE FROM identities WHERE sha256 = ?", [known.sha256])
            connection.execute(
                "DELETE FROM resolutions WHERE resolved = ?", [canonical_json(known.identity)]
            )
    return dropped


def drop_keys(connection: sqlite3.Connection, path: Path, keys: Iterable[bytes]) -> None:
    """Delete the rows with these keys."""
    with transaction(connection, path):
        connection.executemany("DELETE FROM rows WHERE key = ?", [(key,) for key in keys])


def drop_damaged(connection: sqlite3.Connection, path: Path) -> int:
    """Delete the rows, identities and resolutions that do not match their checksums; return how
    many rows."""
    dropped = 0
    for part in scan(connection, path):
        if bad := [(row.id,) for row, _ in part.damaged()]:
            with transaction(connection, path):
                dropped += connection.executemany("DELETE FROM rows WHERE id = ?", bad).rowcount
    broken = [(known.sha256,) for known in resolutions(connection, path) if not known.is_sound()]
    stored = fetch(connection, path, "SELECT id, sha256, json FROM identities")
    damaged = [
        (number,) for number, sha256, identity_json in stored if sha256_hex(identity_json) != sha256
    ]
    with transaction(connection, path):
        connection.executemany("DELETE FROM resolutions WHERE sha256 = ?", broken)
        connection.executemany("DELETE FROM identities WHERE id = ?", damaged)
    return dropped
