"""What the tests notice: `python benchmarks/mutation.py cache` changes the code and runs the tests.

mutmut (https://mutmut.readthedocs.io) makes each small change to the functions of a package: a
comparison turned around, an argument left out, a number one higher. A change that no test of that
package notices survived: a test is missing, or the change means nothing. Works in a copy under
`--folder`, laid out as the wheel is, because mutmut knows modules by where their files lie; with
`--again` on what a run before left there: only functions that were changed since, and what
survived, are tried again. Prints survivors as differences and, last, the share that was killed;
exits with 1 where that is under `--least`.

Not changed: constants of modules, decorated functions (mutmut leaves both alone) and lines that
are nothing but words, which are messages and SQL. Tests that are marked slow and those that draw
examples (hypothesis) do not run: they take long, and run with each change. So the share is a lower
bound.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MAPPED: Final = ("cache", "configs", "stages")
"""Folders at the top of the checkout that are imported below `pivot_sum`."""
ONLY_WORDS: Final = r'^\s*f?"[^"]* [^"]*"[,)]*$'
KILLED: Final = {1: "killed", 3: "killed"}
TIMED_OUT: Final = {24: "timeout", -24: "timeout", 36: "timeout", 152: "timeout", 255: "timeout"}
NAMES: Final = {**KILLED, **TIMED_OUT, 0: "survived", 33: "no test", 5: "no test", None: "not run"}


class Package(NamedTuple):
    """What is changed (as it lies in the wheel), the tests that have to notice, and the files of
    them that are left out as well, because they take long."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    slow: tuple[str, ...] = ()


PACKAGES: Final = {
    "cache": Package(("pivot_sum/cache/*",), ("tests/cache",)),
    "placeholders": Package(
        ("pivot_sum/stages/placeholders/*",),
        ("tests/stages/placeholders",),
        ("tests/stages/placeholders/test_ladder_many.py",),
    ),
    "ledgers": Package(("pivot_sum/stages/ledgers/*",), ("tests/stages/ledgers",)),
    "guards": Package(("pivot_sum/stages/guards/*",), ("tests/stages/guards",)),
    "scoring": Package(("pivot_sum/scoring/*",), ("tests/scoring",)),
}


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
        "timeout_multiplier": 1,  # times two, of the time the tests took before the change
        "pytest_add_cli_args": [
            *("-n", "0", "-p", "no:cacheprovider", "-m", "not slow and not hypothesis"),
            *(f"--ignore={file}" for file in package.slow),
        ],
        "pytest_add_cli_args_test_selection": list(package.tests),
    }
    # A JSON list of texts is one of TOML too.
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(["", "[tool.mutmut]", *lines, ""])


def outcomes(folder: Path) -> Iterator[tuple[str, str]]:
    """Each change by its name, and what became of it."""
    for path in sorted((folder / "mutants").rglob("*.meta")):
        meta = json.loads(path.read_text(encoding="utf-8"))
        for name, code in meta["exit_code_by_key"].items():
            yield name, NAMES.get(code, "other")


def mutmut(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run mutmut in the folder, the changed package in front of the installed one."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "mutants"), "CI": "true"}
    shown = arguments[0] == "run"
    return subprocess.run(
        [str(Path(sys.executable).parent / "mutmut"), *arguments],
        cwd=folder,
        env=environment,
        stdout=None if shown else subprocess.PIPE,
        text=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", choices=PACKAGES)
    parser.add_argument("--folder", type=Path, default=None, help="default: build/mutation/PACKAGE")
    parser.add_argument("--again", action="store_true", help="go on from the run before")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--least", type=float, default=90.0, help="per cent that have to be killed")
    arguments = parser.parse_args()
    folder = (arguments.folder or ROOT / "build" / "mutation" / arguments.package).resolve()
    if not arguments.again:
        shutil.rmtree(folder, ignore_errors=True)
    # Python looks for modules in no folder that was not there when it started.
    (folder / "mutants").mkdir(parents=True, exist_ok=True)
    laid_out(folder, PACKAGES[arguments.package])
    processes = ["--max-children", str(arguments.processes)]
    before = [name for name, outcome in outcomes(folder) if outcome == "survived"]
    ended = mutmut(folder, "run", *processes).returncode
    if before and not ended:
        here = dict(outcomes(folder))
        ended = mutmut(
            folder, "run", *processes, *(one for one in before if one in here)
        ).returncode
    if ended:
        print("mutmut did not come to its end; what it said stands above", file=sys.stderr)
        return 1
    return report(folder, arguments.package, arguments.least)


def report(folder: Path, package: str, least: float) -> int:
    """Print what survived, and how many were killed; the exit code."""
    found = dict(outcomes(folder))
    left = [name for name, outcome in found.items() if outcome not in ("killed", "timeout")]
    for name in left:
        print(f"{found[name]}: {mutmut(folder, 'show', name).stdout}")
    counts = Counter(found.values())
    killed = counts["killed"] + counts["timeout"]
    share = 100 * killed / max(len(found), 1)
    said = ", ".join(f"{number} {outcome}" for outcome, number in counts.most_common())
    print(f"{package}: {killed} of {len(found)} changes killed, {share:.1f} % ({said})")
    return 0 if share >= least else 1


if __name__ == "__main__":
    sys.exit(main())
