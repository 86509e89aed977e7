"""Several processes on one cache file, killed writers, locks and full disks."""

import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from pivot_sum.cache import Cache, CacheError, Row, database
from pivot_sum.cache.database import transaction

ROOT = Path(__file__).parents[2]
IDENTITY = {"stage": "translate", "version": 1}


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python process that has the cache open as `store` and its further arguments in
    `sys.argv[2:]`."""
    opening = (
        "import sys; from pathlib import Path; from pivot_sum.cache import *; IDENTITY ="
        f" {IDENTITY!r}\n"
    )
    opening += "store = Cache(Path(sys.argv[1]))\n"
    command = [sys.executable, "-c", opening + code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_two_processes_writing_one_new_cache_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "cache.db"
    code = """
for start in range(0, 500, 10):
    mine = [(f"{sys.argv[2]} {n}", sys.argv[2], {}) for n in range(start, start + 10)]
    shared = [(f"shared {n}", sys.argv[2], {}) for n in range(start, start + 10)]
    store.put(IDENTITY, mine + shared)
"""
    writers = [child(code, path, name) for name in ("one", "two")]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert (writer.returncode, errors) == (0, "")
    with Cache(path, read_only=True) as store:
        assert store.count(IDENTITY) == 1500
        assert (
            len(
                store.get(
                    IDENTITY,
                    [f"{name} {n}" for name in ("one", "two", "shared") for n in range(500)],
                )
            )
            == 1500
        )
        assert store.verify().sound


def test_a_cache_that_another_process_is_making_right_now_is_not_taken_for_a_foreign_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cache.db"
    connect = database._connect
    others: list[str] = []

    def connect_beside_another(path: Path, mode: str) -> sqlite3.Connection:
        def meanwhile(statement: str) -> None:
            if "user_version" in statement and not others:
                others.append(statement)
                with suppress(CacheError):  # it cannot commit while we look
                    Cache(path).close()

        connection = connect(path, mode)
        connection.set_trace_callback(meanwhile)
        return connection

    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    monkeypatch.setattr(database, "_connect", connect_beside_another)
    with Cache(path) as store:
        store.put(IDENTITY, [("a", "A", {})])
        assert others and store.count(IDENTITY) == 1


# Half of the transaction is already in the file when it stops: a tiny page cache makes SQLite write
# before the end.
INTERRUPTED = """
import time
from pivot_sum.cache.database import transaction
from pivot_sum.cache.records import Part, StoredRow, insert_rows
store.put(IDENTITY, [("kept", "done", {})])
store.connection.execute("PRAGMA cache_size = 5")
with transaction(store.connection, store.path):
    texts = [f"half {n}" for n in range(2000)]
    end = (b"out", b"{}", b"now", b"checksum")
    rows = [StoredRow(0, row_key(IDENTITY, text), 0, text.encode(), *end) for text in texts]
    insert_rows(store.connection, store.path, Part(rows, {0: canonical_json(IDENTITY)}))
    print("in the middle", flush=True)
    time.sleep(600)
"""


def killed_in_mid_transaction(path: Path) -> None:
    writer = child(INTERRUPTED, path)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "in the middle\n"
    writer.kill()
    writer.communicate()
    assert path.with_name(path.name + "-journal").stat().st_size > 0


@pytest.mark.parametrize("read_only", [True, False])
def test_a_killed_writer_leaves_a_readable_cache_with_all_that_was_committed(
    tmp_path: Path, read_only: bool
) -> None:
    path = tmp_path / "cache.db"
    killed_in_mid_transaction(path)
    with Cache(path, read_only=read_only) as store:
        assert store.get(IDENTITY, ["kept", "half 1"]) == {"kept": Row("done", {})}
        assert store.count(IDENTITY) == 1
        assert store.verify().sound


def test_a_reader_waits_for_nothing_while_another_process_is_writing(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with Cache(path) as writer, Cache(path, read_only=True) as reader:
        writer.put(IDENTITY, [("a", "A", {})])
        with transaction(writer.connection, path):
            writer.connection.execute("DELETE FROM rows")
            assert reader.count(IDENTITY) == 1
        assert reader.count(IDENTITY) == 0


def test_a_lock_that_is_not_released_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cache.db"
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    with Cache(path) as holder, Cache(path) as waiting:
        with (
            transaction(holder.connection, path),
            pytest.raises(CacheError, match="locked by another process"),
        ):
            waiting.put(IDENTITY, [("a", "A", {})])
        waiting.put(IDENTITY, [("a", "A", {})])
        assert waiting.count(IDENTITY) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_full_disk_is_reported_and_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    code = """
import resource
store.put(IDENTITY, [("kept", "done", {})])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for attempt in range(2):
    try:
        store.put(IDENTITY, [(f"text {n}", "output " * 20, {}) for n in range(2000)])
    except DiskFull as error:
        print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.put(IDENTITY, [("later", "done", {})])
"""
    writer = child(code, path)
    output, errors = writer.communicate(timeout=60)
    assert (writer.returncode, errors) == (0, "")
    assert output.count("free some space") == 2
    assert str(path) in output
    with Cache(path, read_only=True) as store:
        assert store.get(IDENTITY, ["kept", "text 0", "later"]).keys() == {"kept", "later"}
        assert store.verify().sound


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, pivot_sum.cache; print(*sorted({'numpy', 'pandas', 'torch', 'yaml',"
        " 'pivot_sum.stages'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert done.stdout == "\n"
