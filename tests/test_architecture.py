"""What must stay true of the code as a whole: who imports whom, how long a file may be, what importing costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("pivot_sum", "stages", "cache")
MAY_IMPORT = {"pivot_sum": {"stages", "cache"}, "stages": set(), "cache": set()}
LONGEST_FILE = 320


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file, lazy ones inside functions included: line and dotted name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative imports hide where an import leads; write it out"
            yield node.lineno, str(node.module)


def in_subprocess(code: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, timeout=120)


@pytest.mark.parametrize("room", ROOMS)
def test_imports_follow_the_arrows(room: str) -> None:
    assert sources(room)
    own = {*ROOMS, "tests", "benchmarks", "conftest", "checkpoints"}
    forbidden = own - MAY_IMPORT[room] - {room}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(room)
        for line, name in imported(path)
        if name.split(".")[0] in forbidden
    ]
    assert not wrong, f"{room} may import only {sorted(MAY_IMPORT[room]) or 'itself'}: {wrong}"


def test_no_file_is_too_long_to_read_in_one_go() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*ROOMS, "tests", "benchmarks")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long, f"split these files (at most {LONGEST_FILE} lines): {long}"


def test_tests_lie_flat_so_that_none_shadows_a_package() -> None:
    assert [path for path in (ROOT / "tests").rglob("*.py") if path.parent.name != "tests"] == []
    assert not [path for path in (ROOT / "tests").iterdir() if path.stem in ROOMS]


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


@pytest.mark.parametrize("name", ["cache", "stages"])
@pytest.mark.parametrize("form", ["package", "module"])
def test_a_foreign_package_of_our_name_is_refused_and_named(name: str, form: str, tmp_path: Path) -> None:
    intruder = tmp_path / name / "__init__.py" if form == "package" else tmp_path / f"{name}.py"
    intruder.parent.mkdir(exist_ok=True)
    intruder.write_text("raise AssertionError('the intruder was imported')\n", encoding="utf-8")
    result = in_subprocess(f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import pivot_sum", cwd=tmp_path)
    message = result.stderr.strip().splitlines()[-1]
    assert result.returncode != 0
    assert message.startswith("ImportError: pivot-sum needs its own package")
    assert repr(name) in message
    assert str(intruder.parent) in message
    assert str(ROOT / name) in message


def test_beside_its_own_packages_it_imports(tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import pivot_sum; print(pivot_sum.__version__)"
    result = in_subprocess(code, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
