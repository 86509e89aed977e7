"""What the cache keys on: canonical JSON of an identity, key and checksum of a row, and how two
identities differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from hashlib import _Hash

ABSENT: Final = "(absent)"
"""Stands in a `Difference` for the side that does not have the field at all."""


_encoded: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


class Difference(NamedTuple):
    """One field in which two identities differ; a field inside another is named `outer.inner`."""

    field: str
    wanted: Any
    stored: Any


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, nothing escaped that need not be.

    Raises ValueError for NaN and infinities, TypeError for keys that are not `str` and for anything
    JSON does not know.
    """
    _require_str_keys(value)
    return _encoded(value)


def _require_str_keys(value: Any) -> None:
    # json.dumps would turn the key 1 into "1": two different identities would then share their
    # rows.
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"identity keys must be str, not {type(key).__name__}: {key!r}")
            _require_str_keys(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _require_str_keys(inner)


def identity_hasher(identity_json: str) -> _Hash:
    """What the keys of all rows of one identity, given as canonical JSON, begin with."""
    # JSON never holds a raw NUL, so identity and text cannot run into each other.
    return hashlib.sha256(identity_json.encode(errors="surrogateescape") + b"\0")


def row_key_from(hasher: _Hash, text: bytes) -> bytes:
    """The row key of a text (UTF-8) under the identity the hasher was made for."""
    digest = hasher.copy()
    digest.update(text)
    return digest.digest()


def row_key(identity: Mapping[str, Any], text: str) -> bytes:
    """32 bytes: SHA-256 over the canonical JSON of the resolved identity, a NUL and the exact input
    text."""
    return row_key_from(identity_hasher(canonical_json(identity)), text.encode())


def sha256_hex(text: str) -> str:
    """The SHA-256 of a text in hexadecimal; surrogate escapes stand for the bytes they came
    from.
    """
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def row_checksum(key: bytes, output: bytes, note_json: bytes) -> bytes:
    """32 bytes: SHA-256 over a row's key, note and output (UTF-8)."""
    # The note goes first because JSON never holds a raw NUL, and an output may.
    return hashlib.sha256(key + note_json + b"\0" + output).digest()


def differences(wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> list[Difference]:
    """The fields in which two JSON identities differ, in the order of their names."""
    found = []
    for field in sorted(wanted.keys() | stored.keys()):
        ours, theirs = wanted.get(field, ABSENT), stored.get(field, ABSENT)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            found += [
                inner._replace(field=f"{field}.{inner.field}")
                for inner in differences(ours, theirs)
            ]
        # By JSON text, as the key sees it: for Python 1, 1.0 and True are the same.
        elif (field in wanted) != (field in stored) or canonical_json(ours) != canonical_json(
            theirs
        ):
            found.append(Difference(field, ours, theirs))
    return found
