"""Whether what lies in a file is what this program stores: identities, notes, rows, resolutions.

A checksum finds damage. Whoever makes a file can compute checksums too, so each value also has to
have the form that ours have; nothing that passes here can make a reader stumble.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from pivot_sum.cache.keys import canonical_json, row_checksum, sha256_hex

LONGEST_IDENTITY: Final = 2**20
"""Characters of an identity's JSON, of which real ones have some thousand."""
DEEPEST: Final = 100
"""Levels of an identity or note. Real ones have up to five; Python's reader fails at a thousand."""


@lru_cache(maxsize=1_024)
def identity_in(identity_json: str) -> dict[str, Any] | None:
    """The identity whose canonical JSON this is; None where it is no such thing.

    Callers share what is returned and do not change it.
    """
    found = _object_in(identity_json) if len(identity_json) <= LONGEST_IDENTITY else None
    return found if found is not None and _has_stage(found) else None


@lru_cache(maxsize=256)
def is_note(note_json: bytes) -> bool:
    """Whether this is the canonical JSON of a note, an object, in UTF-8."""
    try:
        return _object_in(note_json.decode()) is not None
    except UnicodeDecodeError:
        return False


def stage_of(identity_json: str) -> str:
    """The stage an identity belongs to, as far as it can still be read."""
    try:
        found = json.loads(identity_json)
    except (ValueError, RecursionError):
        return "(unknown)"
    return str(found["stage"]) if isinstance(found, dict) and _has_stage(found) else "(unknown)"


def row_is_sound(key: bytes, output: bytes, note_json: bytes, checksum: bytes) -> bool:
    """Whether output and note are what was stored under this key."""
    # Of a text a checksum fits that is no UTF-8, only somebody else's program can be the maker.
    return (
        row_checksum(key, output, note_json) == checksum and is_note(note_json) and is_utf8(output)
    )


def is_utf8(text: bytes) -> bool:
    """Whether the bytes are a text."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def can_stand_for(resolved_json: str, declared_json: str) -> bool:
    """Whether this can be what the names in a declared identity stood for.

    Resolving puts values in the place of names. It makes no other stage of a stage and leaves no
    field out: a checksum is soon computed, so a file made by somebody else is held to this too.
    """
    resolved, declared = identity_in(resolved_json), identity_in(declared_json)
    return (
        resolved is not None
        and declared is not None
        and resolved.keys() >= declared.keys()
        and all(resolved.get(field) == declared.get(field) for field in ("stage", "version"))
    )


def resolution_checksum(declared_json: str, resolved_json: str) -> str:
    """SHA-256 in hexadecimal over both identities of a resolution."""
    return sha256_hex(f"{declared_json}\0{resolved_json}")


def _has_stage(identity: dict[str, Any]) -> bool:
    stage = identity.get("stage")
    return isinstance(stage, str) and stage.isprintable()


def _object_in(text: str) -> dict[str, Any] | None:
    """The JSON object whose canonical JSON this is."""
    try:
        text.encode()
        found = json.loads(text)
        if isinstance(found, dict) and is_shallow(found, DEEPEST) and canonical_json(found) == text:
            return found
    except (ValueError, RecursionError):  # no UTF-8, no JSON, NaN, brackets without end
        pass
    return None


def is_shallow(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested in at most so many levels."""
    if not isinstance(value, (dict, list)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(is_shallow(one, levels - 1) for one in inner)
