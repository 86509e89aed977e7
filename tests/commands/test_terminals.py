"""A narrow terminal, a system without a language, a reader that goes away: the same output, and no
traceback."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import PROGRAM, environment, pivot_sum, text_project

from pivot_sum.commands.output import print_table

BARE = {"COLUMNS": "40", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}
PRINTING = (
    ("--help",),
    ("show", "done"),
    ("show", "done", "--id", "a", "--json"),
    ("show", "done", "--remarks"),
    ("runs",),
    ("score", "done"),
    ("compare", "done", "done", "--resamples", "100"),
    ("submit", "done", "--test", "data.csv"),
    ("overlap", "data.csv", "data.csv"),
    ("stages",),
    ("schema",),
    ("models",),
    ("cache", "info"),
    ("cache", "explain", "text.yaml", "--data", "data.csv"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, `done`, with its data and cache."""
    rows = [
        (id, f"#Person1#: {said}\n#Person2#: 네.", said)
        for id, said in (("a", "안녕"), ("b", "좋아요"))
    ]
    folder = text_project(tmp_path_factory.mktemp("narrow") / "project", [])
    lines = [
        "fname,dialogue,summary",
        *(f'{id},"{dialogue}",{said}' for id, dialogue, said in rows),
    ]
    (folder / "data.csv").write_text("\n".join(lines), encoding="utf-8")
    pivot_sum(folder, "run", "text.yaml", "--data", "data.csv", "--out", "done", env=BARE)
    return folder


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_reader_that_goes_away_ends_a_command_without_a_traceback(
    words: tuple[str, ...], project: Path
) -> None:
    process = subprocess.Popen(
        [*PROGRAM, *words],
        cwd=project,
        env=environment(project, **BARE),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()  # as `| head -1` does, or the end of `less`
    _, said = process.communicate(timeout=120)
    assert process.returncode in (1, 17) and b"Exception" not in said and b"Traceback" not in said


def test_a_narrow_terminal_without_a_language_loses_no_word(project: Path) -> None:
    for words in (("show", "done", "--id", "a"), ("score", "done", "--json"), ("runs",)):
        assert pivot_sum(project, *words, env=BARE).stdout == pivot_sum(project, *words).stdout


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> list[str]:
    """The lines of one table on a terminal of so many columns, without bold print."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    rows = [
        ("to-english", 1_234, "runs/20261128-long-name", "ok"),
        ("polish", 5, "[bold]b[/bold]", ""),
    ]
    columns = ("step", "texts", "folder", "")
    print_table("steps", columns, rows, right=("texts",), whole=("folder",))
    return re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()


def test_a_table_wider_than_its_terminal_is_printed_cell_by_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert on_terminal(monkeypatch, 30) == [
        "steps",
        "step: to-english",
        "texts: 1,234",
        "folder: runs/20261128-long-name",  # to be copied: not broken, though it is too long
        "ok",
        "",
        "step: polish",
        "texts: 5",
        "folder: [bold]b[/bold]",
    ]


def test_a_table_that_fits_its_terminal_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line.rstrip() for line in on_terminal(monkeypatch, 50)]
    assert lines[1:] == [
        "step        texts  folder",
        "to-english  1,234  runs/20261128-long-name  ok",
        "polish          5  [bold]b[/bold]",
    ]
