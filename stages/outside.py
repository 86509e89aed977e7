"""Code from outside: a module of the user's, and a name in it (`package.module:Class`)."""

from __future__ import annotations

import difflib
import importlib
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pivot_sum import PivotSumError

TRACEBACK = "PIVOT_SUM_TRACEBACK"
"""Environment variable: set to anything, the command line shows the traceback of every error."""

NEAR = 0.7
"""How alike a known name has to be (`difflib`'s ratio) to be offered for an unknown one."""


class NotImportable(Exception):
    """There is no such module or name, or importing it fails; the message says which."""


def search_last(folders: Iterable[Path]) -> None:
    """Let modules be found in the working folder and in `folders` too, behind everything that is
    installed: no file there takes the place of another module.
    """
    for folder in (Path.cwd(), *folders):
        if str(folder.resolve()) not in sys.path:
            sys.path.append(str(folder.resolve()))
    importlib.invalidate_caches()


def import_named(place: str, lies: str = "") -> tuple[Any, str]:
    """What `module:name.name` names, and the file it comes from.

    `lies` ends the sentence on where a missing module could lie besides the working folder.
    Raises `NotImportable`.
    """
    module_name, _, attribute = place.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise NotImportable(_failed(error)) from error
        raise NotImportable(
            f"there is no module {error.name!r}; it has to be installed, or lie in the"
            f" working folder ({Path.cwd()}){lies}"
        ) from error
    except (Exception, SystemExit) as error:  # whatever a module of the user's raises
        raise NotImportable(_failed(error)) from error
    file = getattr(module, "__file__", None) or module_name
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            here = [item for item in vars(found) if not item.startswith("_")]
            near = difflib.get_close_matches(part, here, n=1, cutoff=NEAR)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise NotImportable(f"{file} has no {part!r}{hint}")
        found = getattr(found, part)
    return found, file


@contextmanager
def named_where_raised(owner: object, what: str, kind: type[PivotSumError]) -> Iterator[None]:
    """Where `owner` is an object of somebody's own code, whatever it raises becomes one error of
    the `kind`, which says `what` it is, what was raised, and the file and line.

    Our own errors pass, and a bug of ours stays a traceback.
    """
    try:
        yield
    except PivotSumError:
        raise
    except Exception as error:
        if type(owner).__module__.partition(".")[0] == __name__.partition(".")[0]:
            raise
        own_file = getattr(sys.modules.get(type(owner).__module__), "__file__", None)
        raise kind(
            f"{what}, code from outside pivot-sum, raises {_said(error, own_file)}. Correct it"
            f" there; set {TRACEBACK}=1 to see the whole traceback"
        ) from error


def _failed(error: BaseException) -> str:
    return f"importing it raises {_said(error)}"


def _said(error: BaseException, own_file: str | None = None) -> str:
    """`ValueError: what it says (FILE, line N)`: the innermost line of `own_file`, or of all."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "importlib" not in frame.filename and frame.filename != __file__
    ]
    frames = [frame for frame in frames if frame.filename == own_file] or frames
    where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}{said and f': {said}'}{where}"
