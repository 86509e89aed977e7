"""Which files become a cache, which are read, and which are refused and not changed."""

from pathlib import Path

import pytest
from cachefiles import IDENTITY, filled, tamper

from pivot_sum.cache import Cache, CacheMissing, CacheReadOnly, CacheTooNew, NotACache


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


def test_folders_are_made_and_odd_names_work(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c" / "캐시 50%.db"
    with Cache(filled(path, "a"), read_only=True) as cache:
        assert cache.count(IDENTITY) == 1
    assert list(tmp_path.rglob("*.db")) == [path]


def test_an_empty_file_becomes_a_cache(path: Path) -> None:
    path.touch()
    with Cache(filled(path, "a")) as cache:
        assert cache.count(IDENTITY) == 1


def test_reading_a_cache_that_is_not_there_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(CacheMissing, match="--cache"):
        Cache(tmp_path / "new" / "c", read_only=True)
    (tmp_path / "empty").touch()
    with pytest.raises(CacheMissing):
        Cache(tmp_path / "empty", read_only=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["empty"]


def test_a_cache_opened_for_reading_refuses_to_write(path: Path) -> None:
    with Cache(filled(path, "a"), read_only=True) as cache, pytest.raises(CacheReadOnly):
        cache.put(IDENTITY, [("b", "b", {})])


def test_a_file_without_write_permission_is_refused_at_once_but_can_be_read(path: Path) -> None:
    filled(path, "a").chmod(0o444)
    with pytest.raises(CacheReadOnly, match="read-only"):
        Cache(path)
    with Cache(path, read_only=True) as cache:
        assert cache.count(IDENTITY) == 1


def test_a_folder_without_write_permission_is_refused_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    filled(folder / "old.db", "a")
    folder.chmod(0o555)
    try:
        for path in (folder / "old.db", folder / "new.db", folder / "deeper" / "new.db"):
            with pytest.raises(CacheReadOnly, match="read-only"):
                Cache(path)
        with Cache(folder / "old.db", read_only=True) as cache:
            assert cache.count(IDENTITY) == 1
    finally:
        folder.chmod(0o755)


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CacheReadOnly):
        Cache(tmp_path / "file" / "cache.db")


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("content", [b"hello", b"fname,dialogue\n" * 1000, b"\0" * 5000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    path: Path, content: bytes, read_only: bool
) -> None:
    path.write_bytes(content)
    with pytest.raises(NotACache, match="not a cache"):
        Cache(path, read_only=read_only)
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_of_another_program_is_refused_and_left_alone(
    path: Path, read_only: bool
) -> None:
    tamper(path, "CREATE TABLE theirs (a)")
    content = path.read_bytes()
    with pytest.raises(NotACache, match="another program"):
        Cache(path, read_only=read_only)
    assert path.read_bytes() == content


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotACache, match="folder"):
        Cache(tmp_path)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_cache_of_a_newer_version_is_refused(path: Path, read_only: bool) -> None:
    tamper(filled(path, "a"), "PRAGMA user_version = 2")
    with pytest.raises(CacheTooNew, match="Upgrade pivot-sum"):
        Cache(path, read_only=read_only)


def test_a_truncated_cache_is_reported_as_damaged(path: Path) -> None:
    filled(path, *(f"text {number}" for number in range(2000)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(NotACache, match="damaged"), Cache(path) as cache:
        cache.get(IDENTITY, [f"text {number}" for number in range(2000)])
