"""Output into files and pipes of any encoding, as Windows has them: nothing crashes, Korean stays
readable, and JSON stays exact."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commandline import PROGRAM, environment, text_project

from pivot_sum.commands import main

ROWS = [("민수1", "#Person1#: 고마워요 😊 – 정말로요.\n#Person2#: 네.")]
RUN = ("run", "text.yaml", "--data", "data.csv")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return text_project(tmp_path / "project", ROWS)


def printed(folder: Path, encoding: str, *words: str, code: int = 0) -> bytes:
    """What the command writes to stdout where that has an encoding of its own."""
    done = subprocess.run(
        [*PROGRAM, *words],
        cwd=folder,
        env=environment(folder, PYTHONUTF8="0", PYTHONIOENCODING=encoding),
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code and b"Traceback" not in done.stderr, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize(
    ("encoding", "written", "text"),
    [
        ("cp949", "cp949", "고마워요 ? ? 정말로요."),
        ("cp1252", "utf-8", "고마워요 😊 – 정말로요."),
        ("ascii", "utf-8", "고마워요 😊 – 정말로요."),
        ("utf-8", "utf-8", "고마워요 😊 – 정말로요."),
    ],
)
def test_korean_stays_readable_whatever_the_encoding(
    project: Path, encoding: str, written: str, text: str
) -> None:
    assert "민수1" in printed(project, encoding, *RUN).decode(written)
    assert text in printed(project, encoding, "show", "--id", "민수1").decode(written)
    assert "clean" in printed(project, encoding, "stages").decode(written)


@pytest.mark.parametrize("encoding", ["cp949", "cp1252"])
def test_json_is_exact_in_every_encoding(project: Path, encoding: str) -> None:
    printed(project, "utf-8", *RUN)
    written = "cp949" if encoding == "cp949" else "utf-8"
    for words in (("show", "--id", "민수1", "--json"), ("schema",), ("stages", "--json")):
        exact = json.loads(printed(project, "utf-8", *words).decode())
        assert json.loads(printed(project, encoding, *words).decode(written)) == exact
    shown = json.loads(
        printed(project, encoding, "show", "--id", "민수1", "--json").decode(written)
    )
    assert any("😊" in step["text"] for step in shown["민수1"])


def failure(folder: Path, *words: str, code: int) -> dict[str, Any]:
    told = json.loads(printed(folder, "utf-8", *words, code=code))
    assert set(told) == {"error"} and told["error"]["exit_code"] == code
    return dict(told["error"])


def test_a_failure_is_json_too_where_a_program_reads(project: Path) -> None:
    missing = failure(project, "run", "text.yaml", "--data", "no.csv", "--json", code=10)
    assert missing["kind"] == "DataFileMissing" and "no.csv" in missing["message"]
    wrong = failure(project, "run", "--jsno", "--json", code=2)
    assert wrong["kind"] == "UsageError" and "--jsno" in wrong["message"]
    assert printed(project, "utf-8", "run", "text.yaml", "--data", "no.csv", code=10) == b""


def test_a_terminal_keeps_its_encoding_and_shows_what_it_can(project: Path) -> None:
    pty = pytest.importorskip("pty")
    printed(project, "utf-8", *RUN)
    reader, terminal = pty.openpty()
    done = subprocess.run(
        [*PROGRAM, "show", "--id", "민수1"],
        cwd=project,
        env=environment(project, PYTHONUTF8="0", PYTHONIOENCODING="cp1252"),
        stdout=terminal,
        stderr=subprocess.PIPE,
        timeout=300,
        check=False,
    )
    os.close(terminal)
    shown = os.read(reader, 65536)
    os.close(reader)
    assert done.returncode == 0 and b"#Person1#: ???? ? \x96 ????." in shown


@pytest.mark.parametrize("words", [["run"], ["run", "--json"]])
def test_an_interruption_is_json_too(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise SystemExit(main.INTERRUPTED)

    monkeypatch.setattr(sys, "argv", ["pivot-sum", *words])
    monkeypatch.setattr(main, "app", interrupted)
    with pytest.raises(SystemExit):
        main.main()
    said = capsys.readouterr()
    assert said.err.startswith("interrupted")
    if "--json" not in words:
        assert said.out == ""
    else:
        told = json.loads(said.out)["error"]
        assert (told["kind"], told["exit_code"]) == ("Interrupted", 130)
        assert told["message"] == said.err.strip()
