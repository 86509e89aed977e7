"""Hashes of large files, kept for later processes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pivot_sum.stages.models import hashes
from pivot_sum.stages.models.hashes import file_sha256


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that counts as large and has lain there for long; no process has hashed it."""
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "kept"))
    monkeypatch.setattr(hashes, "LARGE", 4)
    monkeypatch.setattr(hashes, "_SETTLED", -1)
    monkeypatch.setattr(hashes, "_hashed", {})
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"weights")
    return path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def later_process(monkeypatch: pytest.MonkeyPatch, *, reads: bool) -> None:
    """What follows is as in a process that has hashed nothing yet; `reads`: whether it may read."""
    monkeypatch.setattr(hashes, "_hashed", {})
    if not reads:
        monkeypatch.setattr(hashes.hashlib, "file_digest", lambda *_: pytest.fail("read again"))


def test_a_later_process_does_not_read_a_large_file_again(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = file_sha256(large)
    later_process(monkeypatch, reads=False)
    assert file_sha256(large) == first == sha256(b"weights")


@pytest.mark.parametrize("size", [3, 4])
def test_only_hashes_of_large_files_are_kept(large: Path, size: int) -> None:
    large.write_bytes(b"x" * size)
    assert file_sha256(large) == sha256(b"x" * size)
    assert len([*large.parent.glob("kept/hashes/*")]) == (size == 4)


def test_a_file_of_the_same_size_and_time_in_its_place_is_read(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `cp -p` and `rsync` leave it: only inode and time of change tell."""
    file_sha256(large)
    before = large.stat()
    other = large.with_name("other")
    other.write_bytes(b"WEIGHTS")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(large)
    later_process(monkeypatch, reads=True)
    assert large.stat().st_mtime_ns == before.st_mtime_ns
    assert file_sha256(large) == sha256(b"WEIGHTS")


def test_a_file_overwritten_in_place_is_read(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file_sha256(large)
    before = large.stat()
    large.write_bytes(b"WEIGHTS")
    os.utime(large, ns=(before.st_atime_ns, before.st_mtime_ns))
    later_process(monkeypatch, reads=True)
    assert file_sha256(large) == sha256(b"WEIGHTS")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"null", b"[]", b'{"file": 3}', b'{"sha256": 3, "file": null}'],
)
def test_a_damaged_kept_hash_means_reading_the_file(
    large: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_sha256(large)
    (kept,) = large.parent.glob("kept/hashes/*.json")
    kept.write_bytes(content)
    later_process(monkeypatch, reads=True)
    assert file_sha256(large) == sha256(b"weights")
    assert json.loads(kept.read_text())["sha256"] == sha256(b"weights")


@pytest.mark.parametrize("kept", ["weights", "ab" * 31, "zz" * 32])
def test_what_is_no_sha256_is_not_taken_for_one(
    large: Path, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_sha256(large)
    (place,) = large.parent.glob("kept/hashes/*.json")
    place.write_text(json.dumps({**json.loads(place.read_text()), "sha256": kept}))
    later_process(monkeypatch, reads=True)
    assert file_sha256(large) == sha256(b"weights")


def test_where_hashes_cannot_be_kept_the_file_is_hashed_all_the_same(large: Path) -> None:
    (large.parent / "kept").write_text("a file where the folder should be")
    assert file_sha256(large) == sha256(b"weights")


def test_a_file_changed_just_now_is_not_kept(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "_SETTLED", 3600 * 10**9)
    file_sha256(large)
    assert not (large.parent / "kept").exists()
