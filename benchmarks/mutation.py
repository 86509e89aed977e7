"""What the tests notice: `python benchmarks/mutation.py cache` changes the code and runs the tests.

mutmut (https://mutmut.readthedocs.io) makes each small change to the functions of a package: a
comparison turned around, an argument left out, a number one higher. A change that no test of that
package notices survived: a test is missing, or the change means nothing. Works in a copy under
`--folder`, laid out as the wheel is, because mutmut knows modules by where their files lie; with
`--again` only what survived a run before is tried again, with the tests there are now; with
`--sample 300 --seed 1` only so many changes, drawn at random, which bounds the time. Prints
survivors as differences and, last, the share that was killed, of a sample with its 95 % interval;
exits with 1 where the share is under `--least`.

Not changed: constants of modules, decorated functions (mutmut leaves both alone) and lines that
are nothing but words, which are messages and SQL. Tests that are marked slow and those that draw
examples (hypothesis) do not run: they take long, and run with each change. So the share is a lower
bound.

pytest loads this file too, in mutmut's processes: it orders the tests there.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parent.parent
MAPPED: Final = ("cache", "configs", "stages")
"""Folders at the top of the checkout that are imported below `pivot_sum`."""
ONLY_WORDS: Final = r'^\s*f?"[^"]* [^"]*"[,)]*$'
KILLED: Final = {1: "killed", 3: "killed"}
TIMED_OUT: Final = {24: "timeout", -24: "timeout", 36: "timeout", 152: "timeout", 255: "timeout"}
NAMES: Final = {**KILLED, **TIMED_OUT, 0: "survived", 33: "no test", 5: "no test", None: "not run"}


class Package(NamedTuple):
    """What is changed (as it lies in the wheel), the tests that have to notice, and those of them
    that are left out as well: they take long, or start processes, which mutmut cannot follow."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    left_out: tuple[str, ...] = ()


IMPORT: Final = "tests/cache/test_import_resolutions.py::test_"
IN_USE: Final = "tests/cache/test_in_use.py::test_"
PACKAGES: Final = {
    "cache": Package(
        ("pivot_sum/cache/*",),
        ("tests/cache",),
        (
            "tests/cache/test_processes.py",
            "tests/cache/test_programs.py",
            "tests/cache/test_readers.py",
            f"{IMPORT}the_command_names_stage_field_and_both_meanings",
            f"{IN_USE}a_disk_that_is_full_at_any_write_costs_nothing_that_was_stored",
            f"{IN_USE}a_file_system_mounted_for_reading_is_read_and_never_written",
            f"{IN_USE}a_large_file_is_verified_by_several_processes_with_the_same_result",
        ),
    ),
    "placeholders": Package(
        ("pivot_sum/stages/placeholders/*",),
        ("tests/stages/placeholders",),
        ("tests/stages/placeholders/test_ladder_many.py",),
    ),
    "ledgers": Package(("pivot_sum/stages/ledgers/*",), ("tests/stages/ledgers",)),
    "guards": Package(("pivot_sum/stages/guards/*",), ("tests/stages/guards",)),
    "scoring": Package(
        ("pivot_sum/scoring/*",),
        ("tests/scoring",),
        (
            "tests/scoring/test_bertscore.py::test_score_takes_it_from_the_command_line",
            "tests/scoring/test_comet.py::test_every_step_of_a_run_that_translates_is_scored",
        ),
    ),
}


def narrowed(package: Package, modules: Sequence[str]) -> Package:
    """The package with only these of its modules changed."""
    folders = [files.removesuffix("*") for files in package.files]
    return package._replace(files=tuple(f"{at}{name}.py" for at in folders for name in modules))


def laid_out(folder: Path, package: Package) -> None:
    """Put a copy of the checkout into the folder, as the wheel has it, and mutmut's settings."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file():
            top = name.split("/")[0]
            place = folder / (f"pivot_sum/{name}" if top in MAPPED else name)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, place)
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(settings(package))


def settings(package: Package) -> str:
    """mutmut's part of pyproject.toml."""
    values = {
        "source_paths": ["pivot_sum"],
        "only_mutate": list(package.files),
        "also_copy": ["benchmarks", "docs", "README.md", "constraints.txt"],
        "do_not_mutate_patterns": [ONLY_WORDS],
        # From a process that has run no test: what a cached function gave before would stay.
        "process_isolation": "forkserver",
        "timeout_constant": 6,  # seconds more than the tests took before the change, both twice
        "timeout_multiplier": 1,
        "pytest_add_cli_args": [
            *("-o", "addopts=--strict-markers --import-mode=importlib", "-p", "no:cacheprovider"),
            *("-m", "not slow and not hypothesis", "-p", "_hypothesis_pytestplugin"),
            # Without five rounds of garbage collection at the end of each run.
            *("-p", "no:unraisableexception", "-p", "benchmarks.mutation"),
            *(f"--deselect={test}" for test in package.left_out),
        ],
        "pytest_add_cli_args_test_selection": list(package.tests),
    }
    # A JSON list of texts is one of TOML too.
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(["", "[tool.mutmut]", *lines, ""])


@cache
def durations() -> dict[str, float]:
    """How long each test took when mutmut ran all of them once, in seconds; at first not known."""
    # What is there before the first change is tried stays: the processes of all changes share it.
    gc.freeze()
    at = Path("mutmut-stats.json")
    found = json.loads(at.read_text(encoding="utf-8")) if at.exists() else {}
    return dict(found.get("duration_by_test", {}))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fastest tests first: the first one that fails ends a run."""
    items.sort(key=lambda item: durations().get(item.nodeid, 0.0))


def changes(folder: Path) -> list[str]:
    """The names of all changes there are, sorted; none of them is tried."""
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.file_utils import walk_mutatable_files
    from mutmut.utils.format_utils import get_mutant_name

    with contextlib.chdir(folder):
        return sorted(
            get_mutant_name(path, name)
            for path in walk_mutatable_files()
            for name in mutate_file_contents(
                str(path), path.read_text(encoding="utf-8")
            ).mutant_names
        )


def difference(folder: Path, name: str) -> str:
    """A change, as a difference of its function."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    with contextlib.chdir(folder):
        return get_diff_for_mutant(name)


def outcomes(folder: Path) -> Iterator[tuple[str, str]]:
    """Each change by its name, and what became of it."""
    for path in sorted((folder / "mutants").rglob("*.meta")):
        meta = json.loads(path.read_text(encoding="utf-8"))
        for name, code in meta["exit_code_by_key"].items():
            yield name, NAMES.get(code, "other")


def mutmut(folder: Path, *arguments: str) -> int:
    """Run mutmut in the folder, the changed package in front of the installed one; its exit
    code."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder / "mutants"),
        "CI": "true",
        # pytest starts once a change; a third of that was loading plugins these tests do not need.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    program = str(Path(sys.executable).parent / "mutmut")
    return subprocess.run([program, *arguments], cwd=folder, env=environment).returncode


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", choices=PACKAGES)
    parser.add_argument("modules", nargs="*", help="only these modules of it, by their names")
    parser.add_argument("--folder", type=Path, default=None, help="default: build/mutation/PACKAGE")
    parser.add_argument("--again", action="store_true", help="only what survived before")
    parser.add_argument("--sample", type=int, metavar="N", help="only N changes, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--least", type=float, default=90.0, help="per cent that have to be killed")
    arguments = parser.parse_args()
    folder = (arguments.folder or ROOT / "build" / "mutation" / arguments.package).resolve()
    if not arguments.again:
        shutil.rmtree(folder, ignore_errors=True)
    # Python looks for modules in no folder that was not there when it started.
    (folder / "mutants").mkdir(parents=True, exist_ok=True)
    package = PACKAGES[arguments.package]
    laid_out(folder, narrowed(package, arguments.modules) if arguments.modules else package)
    drawn = None
    if arguments.sample is not None:
        names = changes(folder)
        drawn = random.Random(arguments.seed).sample(names, min(arguments.sample, len(names)))
    # With names given, mutmut begins with a run of their tests by name. Otherwise a test that it
    # cannot select (as those whose id pytest escapes once more) makes every change look killed.
    names = ["*"]
    if arguments.again or drawn is not None:
        killed = {name for name, outcome in outcomes(folder) if outcome in KILLED.values()}
        names = [name for name in drawn or changes(folder) if name not in killed]
    if names and mutmut(folder, "run", "--max-children", str(arguments.processes), *names):
        print("mutmut did not come to its end; what it said stands above", file=sys.stderr)
        return 1
    return report(folder, arguments.package, drawn, arguments.least)


def report(folder: Path, package: str, drawn: Sequence[str] | None, least: float) -> int:
    """Print which changes survived, of those drawn or of all, and how many were killed; the exit
    code."""
    known = dict(outcomes(folder))
    found = known if drawn is None else {name: known[name] for name in drawn}
    counts = Counter(found.values())
    for name, outcome in found.items():
        if outcome not in ("killed", "timeout"):
            print(f"{outcome}: {name}\n{difference(folder, name)}\n")
    killed = counts["killed"] + counts["timeout"]
    share = 100 * killed / max(len(found), 1)
    said = ", ".join(f"{number} {outcome}" for outcome, number in counts.most_common())
    sampled = ""
    if drawn is not None:
        from pivot_sum.probe import Tally

        low, high = Tally(len(found), killed).interval
        sampled = f", drawn from {len(known)}; 95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    print(f"{package}: {killed} of {len(found)} changes killed, {share:.1f} % ({said}){sampled}")
    return 0 if share >= least else 1


if __name__ == "__main__":
    sys.exit(main())
