"""What a stored value has to look like, whatever its checksum says, and how it is shown."""

from __future__ import annotations

import sys
import time
from datetime import datetime

import pytest

from pivot_sum.cache.keys import row_checksum, sha256_hex
from pivot_sum.cache.records import StoredResolution, beginning, identity_is_sound, utc_now, written
from pivot_sum.cache.soundness import (
    DEEPEST,
    LONGEST_IDENTITY,
    can_stand_for,
    identity_in,
    is_note,
    is_utf8,
    resolution_checksum,
    row_is_sound,
    stage_of,
)


def nested(levels: int) -> str:
    """An identity with so many levels, itself included."""
    return '{"a":' + "[" * (levels - 1) + "]" * (levels - 1) + ',"stage":"s"}'


def test_an_identity_is_an_object_with_a_stage_in_canonical_json() -> None:
    assert identity_in('{"a":1,"stage":"s"}') == {"a": 1, "stage": "s"}
    for other in (
        '{"stage":"s","a":1}',  # another order
        '{"a": 1,"stage":"s"}',  # a space
        '{"a":1}',
        '{"stage":7}',
        '{"stage":"two\\nlines"}',
        '["stage"]',
        "",
        '{"a":"\ud83d","stage":"s"}',
    ):
        assert identity_in(other) is None, other


def test_an_identity_is_not_deeper_or_longer_than_any_of_ours() -> None:
    assert identity_in(nested(DEEPEST)) is not None
    assert identity_in(nested(DEEPEST + 1)) is None
    frame = '{"a":"","stage":"s"}'
    longest = frame.replace('""', f'"{"x" * (LONGEST_IDENTITY - len(frame))}"')
    assert len(longest) == LONGEST_IDENTITY and identity_in(longest) is not None
    assert identity_in(longest.replace("x", "xx", 1)) is None


def test_levels_are_counted_in_objects_and_lists_alike() -> None:
    def deep(levels: int) -> bytes:
        return b'{"a":' * levels + b"1" + b"}" * levels

    assert is_note(deep(DEEPEST)) and not is_note(deep(DEEPEST + 1))
    wide = b'{"a":[1],"b":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}"
    assert not is_note(wide)


@pytest.mark.parametrize("note", [b"{}", b'{"rung":"xml"}'])
def test_a_note_is_an_object(note: bytes) -> None:
    assert is_note(note)
    for other in (note + b" ", b"[" + note + b"]", note[:-1], note + b"\xff"):
        assert not is_note(other)


def test_a_row_is_sound_where_checksum_note_and_output_are() -> None:
    key, output, note = b"k" * 32, "답".encode(), b'{"rung":"xml"}'

    def sound(key: bytes, output: bytes, note: bytes) -> bool:
        return row_is_sound(key, output, note, row_checksum(key, output, note))

    assert sound(key, output, note)
    assert not sound(key, output[:-1], note)
    assert not sound(key, output, b"[]")
    assert not row_is_sound(key, output, note, row_checksum(key, output, b"{}"))
    assert row_checksum(key, b"ab", b"{}") != row_checksum(key, b"b", b"{}a")


def test_bytes_are_a_text_or_not() -> None:
    assert is_utf8("가".encode()) and is_utf8(b"") and not is_utf8(b"\xff")


@pytest.mark.parametrize(
    ("identity", "stage"),
    [
        ('{"stage":"translate"}', "translate"),
        ('{"stage": "translate", "x": 1}', "translate"),
        ('{"stage":7}', "(unknown)"),
        ('{"model":"m"}', "(unknown)"),
        ('["stage"]', "(unknown)"),
        ("{", "(unknown)"),
        ("[" * 100_000, "(unknown)"),
    ],
)
def test_the_stage_of_an_identity_is_told_as_far_as_it_can_be_read(
    identity: str, stage: str
) -> None:
    assert stage_of(identity) == stage


DECLARED = '{"model":"auto","stage":"translate","version":1}'


@pytest.mark.parametrize(
    ("resolved", "can"),
    [
        (DECLARED, True),
        ('{"model":{"sha256":"0a"},"stage":"translate","version":1}', True),
        ('{"model":"auto","more":1,"stage":"translate","version":1}', True),
        ('{"model":"auto","stage":"polish","version":1}', False),
        ('{"model":"auto","stage":"translate","version":2}', False),
        ('{"stage":"translate","version":1}', False),
        ("[]", False),
    ],
)
def test_resolving_makes_no_other_stage_and_leaves_no_field_out(resolved: str, can: bool) -> None:
    assert can_stand_for(resolved, DECLARED) is can
    resolution = StoredResolution(
        sha256_hex(DECLARED), DECLARED, resolved, "", resolution_checksum(DECLARED, resolved)
    )
    assert resolution.is_sound() is can
    assert not resolution._replace(checksum=resolution.sha256).is_sound()
    assert not resolution._replace(sha256=resolution.checksum).is_sound()
    assert not can_stand_for(DECLARED, "[]")


def test_an_identity_is_sound_where_hash_and_form_are() -> None:
    assert identity_is_sound(sha256_hex(DECLARED), DECLARED)
    assert not identity_is_sound(sha256_hex(DECLARED), DECLARED.replace("1", "2"))
    assert not identity_is_sound(sha256_hex("[]"), "[]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"", "''"),
        ("가".encode() * 40, "'" + "가" * 40 + "'"),
        ("가".encode() * 41, "'" + "가" * 40 + "…'"),
        (b"a\nb\xff", "'a\\nb\ufffd'"),
    ],
)
def test_the_beginning_of_a_text_is_shown_on_one_line(text: bytes, shown: str) -> None:
    assert beginning(text) == shown


@pytest.mark.skipif(sys.platform == "win32", reason="its time zone is not set by TZ")
def test_the_time_is_that_of_greenwich_wherever_it_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "KST-9")
        time.tzset()
        before, now, after = time.time(), utc_now(), time.time()
    time.tzset()
    moment = datetime.strptime(now, "%Y-%m-%dT%H:%M:%S%z").timestamp()
    assert int(before) <= moment <= after


def test_a_moment_is_one_of_ours_or_none() -> None:
    now = utc_now()
    assert written(now) == now and len(now) == 20 and now[10] == "T"
    for other in (None, "", now[:-1], now + "Z", now.replace("T", " "), f" {now}"):
        assert written(other) is None
