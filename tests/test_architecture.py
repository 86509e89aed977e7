"""What must stay true of the code as a whole: who imports whom, how long a file may be, what
importing costs, and which names an installed copy takes."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"pivot_sum": "pivot_sum", "pivot_sum.stages": "stages", "pivot_sum.cache": "cache"}
"""The three parts by import name, and the folder of each."""
LONGEST_FILE = 320


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def modules() -> dict[str, Path]:
    """Every module of the project by the name it is imported by."""
    return {
        ".".join((name, *path.relative_to(ROOT / folder).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): path
        for name, folder in FOLDERS.items()
        for path in sources(folder)
    }


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, lazy imports inside functions included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative imports hide where they lead"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def dependencies() -> dict[str, set[str]]:
    """The modules of the project that each module of it imports. The public names in `pivot_sum`
    itself are not counted: they are loaded on first use, from above all else.
    """
    known = modules()
    found = {name: set(imported(path)) & set(known) - {name} for name, path in known.items()}
    return found | {"pivot_sum": set()}


def packages(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same between packages. A module that lies directly in `pivot_sum` or `pivot_sum.stages`
    stands for itself.
    """

    known = modules()

    def package(name: str) -> str:
        if known[name].name == "__init__.py":
            return name
        parent = name.rpartition(".")[0]
        return name if parent in ("pivot_sum", "pivot_sum.stages") else parent

    found: dict[str, set[str]] = defaultdict(set)
    for name, others in graph.items():
        found[package(name)] |= {package(other) for other in others} - {package(name)}
    return dict(found)


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """One circle of dependencies for each node that is in one: the node, and a way back to it."""
    found = []
    for start in graph:
        ways = [[start]]
        seen: set[str] = set()
        while ways:
            way = ways.pop(0)
            for following in sorted(graph.get(way[-1], ())):
                if following == start:
                    found.append([*way, start])
                    ways = []
                    break
                if following not in seen:
                    seen.add(following)
                    ways.append([*way, following])
    return found


def in_subprocess(code: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, timeout=120
    )


@pytest.mark.parametrize("part", ["pivot_sum.stages", "pivot_sum.cache"])
def test_stages_and_cache_import_nothing_of_the_rest(part: str) -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in dependencies().items()
        if name.startswith(part)
        for other in others
        if other != "pivot_sum" and not other.startswith(part)
    ]
    assert not wrong


def test_there_is_no_circle_of_modules_or_packages() -> None:
    graph = dependencies()
    assert len(graph) > 100
    assert circles(graph) == []
    assert circles(packages(graph)) == []


def test_the_commands_are_on_top() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in dependencies().items()
        if not name.startswith("pivot_sum.commands") and name != "pivot_sum.__main__"
        for other in others
        if other.startswith("pivot_sum.commands")
    ]
    assert not wrong


def test_nothing_but_the_public_names_stands_on_the_api() -> None:
    wrong = [
        name
        for name, others in dependencies().items()
        if any(other == "pivot_sum.api" for other in others)
    ]
    assert not wrong


def test_a_circle_would_be_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [
        ["a", "b", "c", "a"],
        ["b", "c", "a", "b"],
        ["c", "a", "b", "c"],
    ]


def test_no_file_is_too_long_to_read_in_one_go() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*FOLDERS.values(), "tests", "benchmarks")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long, f"split these files (at most {LONGEST_FILE} lines): {long}"


def test_the_wheel_holds_every_package() -> None:
    """Packages are listed, because `stages/` and `cache/` stand beside `pivot_sum/`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = settings["tool"]["setuptools"]["packages"]
    there = {name for name, path in modules().items() if path.name == "__init__.py"}
    assert set(listed) == there | {"pivot_sum.configs"}


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = {
        "torch",
        "transformers",
        "ctranslate2",
        "pandas",
        "pyarrow",
        "numpy",
        "sentencepiece",
        "tokenizers",
        "huggingface_hub",
        "safetensors",
        "deepl",
        "requests",
        "tenacity",
    }
    code = f"import sys, pivot_sum.commands.main; print(*sorted({heavy!r} & set(sys.modules)))"
    result = in_subprocess(code)
    assert (result.returncode, result.stdout.strip()) == (0, ""), result.stderr


@pytest.mark.parametrize("form", ["package", "module"])
def test_a_users_own_cache_and_stages_are_no_concern_of_ours(form: str, tmp_path: Path) -> None:
    for name in ("cache", "stages"):
        own = tmp_path / name / "__init__.py" if form == "package" else tmp_path / f"{name}.py"
        own.parent.mkdir(exist_ok=True)
        own.write_text("raise AssertionError('imported by pivot_sum')\n", encoding="utf-8")
    code = (
        "import pivot_sum.stages, pivot_sum.cache, pivot_sum.commands.run;"
        "print(pivot_sum.stages.__file__)"
    )
    result = in_subprocess(code, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert str(tmp_path) not in result.stdout
