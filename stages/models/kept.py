"""Checkpoints made from others, once, and kept beside the cache: whole, or not there at all."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pivot_sum.stages.errors import StageError

if TYPE_CHECKING:
    from filelock import FileLock

log = logging.getLogger(__name__)

CONVERTED_VARIABLE = "PIVOT_SUM_MODELS"
"""Environment variable naming the folder where converted checkpoints are kept (default
`.pivot-sum/models`)."""

_UNFINISHED = "unfinished-"


def kept_folder() -> Path:
    """Where converted checkpoints are kept; it need not be there yet."""
    return Path(os.environ.get(CONVERTED_VARIABLE, ".pivot-sum/models"))


def keep(name: str, work: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` among the converted checkpoints; where it is not there yet, `make` fills it
    and a note says what `work` this is. Whole or not at all: a process that is killed leaves
    nothing under this name, and of two that want it at once one makes it while the other waits.

    Who makes it holds a lock, which the system takes from a process that ends, however it ends. No
    clock says what is abandoned: one that is wrong would delete what another process is making.

    Raises `StageError` where it cannot be written, and what `make` raises.
    """
    kept = kept_folder() / name
    if kept.is_dir():
        return kept
    unfinished = kept.with_name(f"{_UNFINISHED}{name}")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with _alone(unfinished):
            if not kept.is_dir():  # otherwise it was made while this process waited
                log.warning("%s, once; it is kept in %s", work, kept)
                _clear_away(kept.parent)
                _make(unfinished, make)
                unfinished.rename(kept)
    except OSError as error:
        raise StageError(
            f"the converted model cannot be kept in {kept}: {error.strerror or error}. Make room"
            f" there, or name another folder with {CONVERTED_VARIABLE}"
        ) from error
    return kept


@contextmanager
def _alone(unfinished: Path) -> Iterator[None]:
    """Only one process at a time works on this folder. What lies there in the beginning was left by
    one that was killed, and goes."""
    lock = _lock(unfinished)
    try:
        lock.acquire(blocking=False)
    except TimeoutError:
        log.warning("another process makes %s; this one waits for it", unfinished)
        lock.acquire()
    try:
        _remove(unfinished)
        yield
    finally:
        _remove(unfinished)
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _lock(unfinished: Path) -> FileLock:
    from filelock import FileLock  # a replay makes no checkpoint, and starts without it

    return FileLock(f"{unfinished}.lock")


def _clear_away(folder: Path) -> None:
    """Delete what processes that were killed left unfinished of other checkpoints."""
    for left in [path for path in folder.glob(f"{_UNFINISHED}*") if path.is_dir()]:
        with suppress(TimeoutError), _lock(left).acquire(blocking=False) as lock:
            _remove(left)
            Path(lock.lock_file).unlink(missing_ok=True)


def _make(unfinished: Path, make: Callable[[Path], None]) -> None:
    unfinished.mkdir()
    make(unfinished)
    for path in unfinished.iterdir():  # a power cut must not leave a name without its content
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
