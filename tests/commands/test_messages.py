"""What commands say where something is not as expected, and what they show beside it."""

from __future__ import annotations

import io
import json
import logging
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from commandline import dialogues, pivot_sum, text_project, write_csv

from pivot_sum.commands.streams import NotesOnStderr
from pivot_sum.running.progress import step_progress

RUN = ("run", "text.yaml", "--data", "data.csv")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with references and one run, in `out/`. Copy it before changing it."""
    folder = text_project(tmp_path_factory.mktemp("messages") / "project", dialogues(3))
    rows = [(id_, text, f"{id_} 요약", f"{id_} 다른 요약") for id_, text in dialogues(3)]
    write_csv(folder / "data.csv", rows, ("fname", "dialogue", "summary1", "summary2"))
    pivot_sum(folder, *RUN, "--out", "out", "--no-score")
    return folder


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    return shutil.copytree(finished, tmp_path / "project")


# compare


@pytest.mark.parametrize(
    "words", [("nothere.csv",), ("nothere.csv", "out"), ("out", "nothere.csv")]
)
def test_compare_says_that_a_file_is_not_there(finished: Path, words: tuple[str, ...]) -> None:
    assert pivot_sum(finished, "compare", *words, code=51).message.startswith(
        "There is no file nothere.csv"
    )


# show


def test_show_has_the_references_of_a_dialogue_from_any_folder(finished: Path) -> None:
    for folder, run in ((finished, "out"), (finished.parent, "project/out")):
        shown = pivot_sum(folder, "show", run, "--id", "d1")
        assert "== d1 · reference 1\nd1 요약\n" in shown.stdout
        assert "== d1 · reference 2\nd1 다른 요약\n" in shown.stdout and shown.stderr == ""
    told = json.loads(pivot_sum(finished, "show", "out", "--id", "d1", "--json").stdout)
    assert [item["step"] for item in told["d1"]] == [
        "clean",
        "tidy",
        "spoken",
        "reference 1",
        "reference 2",
    ]


def test_show_does_without_references_where_the_data_has_changed(project: Path) -> None:
    write_csv(project / "data.csv", dialogues(2))
    shown = pivot_sum(project, "show", "out", "--id", "d1")
    assert "== d1 · clean" in shown.stdout and "reference" not in shown.stdout
    assert (
        "the references, unsupported numbers and swapped speakers are not shown: the data of out"
        in shown.stderr
    )


# The data of a run that is looked at from another folder


def test_a_file_of_the_same_name_elsewhere_is_not_called_the_runs(project: Path) -> None:
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir()
    write_csv(elsewhere / "data.csv", dialogues(1))
    asked = ("show", "../project/out", "--id", "d1")
    assert "reference 1" in pivot_sum(elsewhere, *asked).stdout
    write_csv(project / "data.csv", dialogues(2))
    note = pivot_sum(elsewhere, *asked).stderr
    assert f"{project / 'data.csv'}, has changed since" in note and "elsewhere/data" not in note
    refused = pivot_sum(elsewhere, "attribute", "../project/out", code=56).message
    assert f"{project / 'data.csv'}, has changed since; name it with --data" in refused
    (project / "data.csv").unlink()
    note = pivot_sum(elsewhere, *asked).stderr
    assert f"{elsewhere / 'data.csv'}, has changed since, or is another file of that name" in note
    (elsewhere / "data.csv").unlink()
    assert "data.csv, is not there (looked from " in pivot_sum(elsewhere, *asked).stderr


# Speakers


def test_a_file_without_speakers_gets_a_note_before_anything_is_computed(project: Path) -> None:
    write_csv(project / "named.csv", [("a", "민수: 도서관에 갈까요?\n지영: 네, 좋아요.")])
    words = ("run", "text.yaml", "--data", "named.csv")
    for more in ((), ("--dry-run",)):
        said = pivot_sum(project, *words, *more).stderr.splitlines()
        assert said[0].startswith("note: no dialogue of named.csv has a #Person1#, #Person2#")
    damaged = [("a", "민수: 네?\n지영: 네."), ("b", "#person1 : 도서관에 갈까요?\n#사람2#: 네.")]
    write_csv(project / "damaged.csv", damaged)
    assert "note:" not in pivot_sum(project, *words[:-1], "damaged.csv").stderr
    assert "note:" not in pivot_sum(project, *RUN).stderr


# Progress


class Terminal:
    """A terminal that keeps what is written to it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> int:
        self.written.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """Bars are shown."""
        return True


def test_a_note_stands_on_a_line_of_its_own_while_a_bar_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    log = logging.getLogger("pivot_sum.test_messages")
    log.propagate = False
    handler = NotesOnStderr()
    log.addHandler(handler)
    try:
        with step_progress("step 1", 0, 10, terminal):  # type: ignore[arg-type]
            log.warning("loading the model")
    finally:
        log.removeHandler(handler)
    before, note, after = "".join(terminal.written).partition("loading the model")
    # rich clears the line of the bar before a note, and draws the bar anew below it.
    assert note and before.endswith(("\r\x1b[2K", "\x1b[2K", "\n")) and after.startswith("\n")


# attribute


def test_a_loss_is_explained_beside_its_share(finished: Path, tmp_path: Path) -> None:
    pivot_sum(tmp_path, "run", "--limit", 2, "--out", "out")
    printed = pivot_sum(tmp_path, "attribute", "out").stdout
    said = printed.partition("in words:\n")[2].splitlines()[:3]
    assert [line.split()[0] for line in said] == ["to-english", "summarize", "to-korean"]
    assert all(" behind perfect steps" in line and "its share is " in line for line in said)


# cache info


def test_cache_info_names_the_models_that_hashes_stand_for(tmp_path: Path) -> None:
    pivot_sum(tmp_path, "run", "demo-direct", "--limit", 1)
    printed = " ".join(pivot_sum(tmp_path, "cache", "info").stdout.split())
    told = json.loads(pivot_sum(tmp_path, "cache", "info", "--json").stdout)
    [summarize] = [one for one in told["identities"] if one["identity"]["stage"] == "summarize"]
    [declared] = summarize["declared"]
    assert declared["model"].startswith("demo:")
    assert f"model={declared['model']} (" in printed
    assert "num_beams=" in printed


# A dry run without the hub

PAID = """\
data: {reference_language: en}
steps:
  - {name: clean, stage: clean}
  - {name: to-english, stage: deepl, source: ko, target: en, snapshot: 2026-11}
  - {name: summarize, stage: summarize, model: somebody/large, language: en}
"""


def test_a_dry_run_prices_a_paid_step_where_a_later_model_cannot_be_asked_for(
    project: Path,
) -> None:
    (project / "paid.yaml").write_text(PAID, encoding="utf-8")
    words = ("run", "paid.yaml", "--data", "data.csv", "--dry-run")
    plans = json.loads(pivot_sum(project, *words, "--json").stdout)
    characters = plans[1]["cost"]["characters"]
    assert characters > 0 and plans[1]["unreachable"] is None
    assert "somebody/large" in plans[2]["unreachable"]
    printed = pivot_sum(project, *words).stdout
    assert f"{characters:,} characters" in printed
    assert "summarize: its model cannot be asked for here" in printed


def test_the_time_left_is_that_of_the_texts_without_the_loading_of_the_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = iter([0.0, 100.0, 111.0, 122.0])  # begun, a model loaded, texts
    clock = SimpleNamespace(monotonic=lambda: next(now))
    monkeypatch.setattr("pivot_sum.running.progress.time", clock)
    said = io.StringIO()
    with step_progress("step 1", 0, 100, said) as progress:
        for _ in range(3):
            progress.advance(10)
    assert said.getvalue().splitlines() == [
        "step 1: 0 cached, 100 to compute",
        "step 1: 20 of 100 computed, about 88 s left",
        "step 1: 30 of 100 computed, about 77 s left",
    ]
