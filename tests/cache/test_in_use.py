"""What happens to a cache file while it is open: removed, replaced, truncated, disk full, clock
set."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from cachefiles import IDENTITY, filled, tamper

from pivot_sum.cache import (
    Cache,
    CacheError,
    NotACache,
    export_cache,
    import_cache,
    records,
    repair_cache,
    verify,
)
from pivot_sum.cache.database import transaction

NEW = [("new", "new", {})]
TEXTS = [f"text {number}" for number in range(2_000)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "cache.sqlite3", *TEXTS)


def _move(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def _replace(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


@pytest.mark.parametrize("change", [Path.unlink, _move, _replace])
def test_nothing_is_stored_in_a_file_that_is_no_longer_there(
    path: Path, change: Callable[[Path], None]
) -> None:
    with Cache(path) as cache:
        change(path)
        for _ in range(2):
            with pytest.raises(CacheError, match="removed, moved or replaced while it was in use"):
                cache.put(IDENTITY, NEW)
    with Cache(path) as cache:  # the file that is there now, or a new one
        cache.put(IDENTITY, NEW)
        assert cache.verify().sound


@pytest.mark.parametrize("left", [0, 50, 512, 4_096, 5_000, 3 * 4_096, 40_960])
def test_a_file_truncated_while_it_is_open_is_a_damaged_file(path: Path, left: int) -> None:
    with Cache(path) as cache:
        os.truncate(path, left)
        for work in (
            lambda: cache.get(IDENTITY, TEXTS),
            lambda: cache.put(IDENTITY, [(f"new {text}", "a", {}) for text in TEXTS]),
            cache.identities,
            cache.info,
            cache.verify,
        ):
            with suppress(CacheError):  # some need nothing of what is gone
                work()
    with pytest.raises(CacheError), Cache(path, read_only=True) as cache:
        cache.get(IDENTITY, TEXTS)


def test_a_file_that_became_another_one_in_place_is_refused(path: Path) -> None:
    with Cache(path) as cache:
        tamper(path, "DROP TABLE rows")
        with pytest.raises(NotACache, match="changed while it was open"):
            cache.get(IDENTITY, TEXTS)


def test_a_row_that_is_not_found_again_is_no_key_error(path: Path) -> None:
    with Cache(path) as cache:
        cache.put(IDENTITY, NEW)
        assert cache.read_back(IDENTITY, ["new"])["new"].output == "new"
        cache.forget(IDENTITY, ["new"])
        with pytest.raises(NotACache, match="stored just now"):
            cache.read_back(IDENTITY, ["new"])


def test_writers_go_on_while_a_cache_is_verified(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan, stored = records.scan, []

    def scan_beside_a_writer(*arguments: object, **more: object) -> object:
        for part in scan(*arguments, **more):  # type: ignore[arg-type]  # what verify passes
            with Cache(path) as writer:
                writer.put(IDENTITY, [(f"between {len(stored)}", "x", {})])
            stored.append(part)
            yield part

    monkeypatch.setattr(verify, "ROWS_PER_PART", 100)
    monkeypatch.setattr(verify, "scan", scan_beside_a_writer)
    with Cache(path, read_only=True) as cache:
        found = cache.verify()
        assert (found.rows, found.sound, len(stored)) == (2_000, True, 20)
        assert cache.count(IDENTITY) == 2_020


def test_a_large_file_is_verified_by_several_processes_with_the_same_result(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tamper(path, "UPDATE rows SET output = 'x' WHERE id IN (3, 1999)")
    with Cache(path, read_only=True) as cache:
        alone = cache.verify()
        monkeypatch.setattr(verify, "ROWS_A_PROCESS", 500)
        monkeypatch.setattr("os.cpu_count", lambda: 3)
        monkeypatch.setattr(verify, "_check", None)  # only the others check
        assert cache.verify() == alone
        assert (alone.rows, alone.damaged, len(alone.examples)) == (2_000, 2, 2)


def test_rows_dropped_during_a_verification_are_no_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys_in_index = verify._keys_in_index

    def after_a_drop(*arguments: object) -> int:
        total = keys_in_index(*arguments)  # type: ignore[arg-type]  # what verify passes
        tamper(path, "DELETE FROM rows WHERE id > 1990")
        return total + 1

    monkeypatch.setattr(verify, "_keys_in_index", after_a_drop)
    with Cache(path, read_only=True) as cache:
        assert cache.verify().structure == []


def test_an_index_that_leads_to_another_row_is_found(path: Path) -> None:
    content = bytearray(path.read_bytes())
    with Cache(path) as cache:
        query = "SELECT key, id FROM rows WHERE id IN (100, 101)"
        entries = cache.connection.execute(query).fetchall()
    for key, number in entries:
        place = content.index(key + bytes([number])) + len(key)
        content[place] = 201 - number
    path.write_bytes(content)
    with Cache(path, read_only=True) as cache:
        assert cache.verify().structure == [
            "the index does not hold the rows' keys: some are not found"
        ]
        with pytest.raises(CacheError):
            cache.get(IDENTITY, [TEXTS[99]])
    repaired = repair_cache(path)
    assert repaired is not None and repaired.rows == 2_000


@pytest.mark.parametrize("limit", range(20_000, 300_000, 40_000))
@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_disk_that_is_full_at_any_write_costs_nothing_that_was_stored(
    tmp_path: Path, limit: int
) -> None:
    path = filled(tmp_path / "cache.sqlite3", *TEXTS[:20])
    code = """
import resource, sys
from pathlib import Path
from pivot_sum.cache import *
path, limit = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
identity = {"stage": "translate", "version": 1, "model": "tiny", "num_beams": 5}
with Cache(path) as store:
    for first in range(0, 4_000, 50):
        try:
            store.put(identity, [(f"new {n}", "output " * 9, {}) for n in range(first, first + 50)])
            print(first)
        except DiskFull:
            break
    for work in (lambda: export_cache(store, path.with_name("export")), lambda: repair_cache(path)):
        try:
            work()
        except DiskFull:
            pass
"""
    command = [sys.executable, "-c", code, str(path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    with Cache(path) as store:
        acknowledged = [f"new {int(first) + n}" for first in done.stdout.split() for n in range(50)]
        assert len(store.get(IDENTITY, TEXTS[:20] + acknowledged)) == 20 + len(acknowledged)
        assert store.verify().sound
        store.put(IDENTITY, NEW)
    assert {entry.name for entry in tmp_path.iterdir()} <= {"cache.sqlite3", "export"}


def test_times_that_run_backwards_change_nothing_but_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(["2031-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z"])
    monkeypatch.setattr("pivot_sum.cache.store.utc_now", lambda: next(moments))
    with Cache(tmp_path / "cache") as cache:
        for text in ("a", "b", "a"):
            cache.put(IDENTITY, [(text, text, {})])
        assert cache.get(IDENTITY, ["a", "b"]).keys() == {"a", "b"}
        assert cache.info()[-2:] == ("2031-01-01T00:00:00Z", "1970-01-01T00:00:00Z")
        assert cache.verify().sound
    with Cache(tmp_path / "other") as other:
        assert import_cache(other, tmp_path / "cache").added == 2


def test_a_text_too_long_for_the_cache_is_refused_with_its_beginning(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache") as cache:
        with pytest.raises(CacheError, match=r"'long.*too long for the cache"):
            cache.put(IDENTITY, [("long" * 2**24, "a", {})])
        assert cache.count(IDENTITY) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a file system")
def test_a_file_system_mounted_for_reading_is_read_and_never_written(tmp_path: Path) -> None:
    path = filled(tmp_path / "disk" / "cache.sqlite3", "a")
    code = f"""
import sys
from pathlib import Path
from pivot_sum.cache import *
path = Path({str(path)!r})
with Cache(path, read_only=True) as store:
    print(store.verify().sound)
for work in (lambda: Cache(path), lambda: Cache(path.with_name("new"))):
    try:
        work()
    except CacheReadOnly:
        print("refused")
"""
    mounts = f"mount --bind {path.parent} {path.parent} && mount -o remount,ro,bind {path.parent}"
    shell = f'{mounts} && exec {sys.executable} -c "$1"'
    command = ["unshare", "--mount", "sh", "-c", shell, "sh", code]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "Traceback" not in done.stderr:
        pytest.skip(f"no right to mount: {done.stderr.strip()}")
    assert (done.stdout.split(), done.stderr) == (["True", "refused", "refused"], "")


def test_a_transaction_that_fails_leaves_nothing_open(path: Path) -> None:
    with Cache(path) as cache:
        with pytest.raises(ZeroDivisionError), transaction(cache.connection, path):
            raise ZeroDivisionError
        cache.put(IDENTITY, NEW)
        export_cache(cache, path.with_name("export"))
