"""A report of more dialogues than a page can hold: all are counted, the worst are shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from reportruns import DIALOGUES, direct_run, pivot_run, write_data

from pivot_sum.commands.report import report as command
from pivot_sum.errors import RunFolderError
from pivot_sum.report.report import report


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    data, test = write_data(folder), write_data(folder, references=False)
    direct_run(folder / "direct", data)
    pivot_run(folder / "pivot", data)
    pivot_run(folder / "unscored", test)
    return folder


def ids(html: str) -> list[str]:
    return re.findall(r'<span class="id">([^<]*)</span>', html)


@pytest.mark.parametrize("names", [["direct", "pivot"], ["pivot"], ["unscored"]])
def test_the_worst_are_shown_and_all_are_counted(runs: Path, names: list[str]) -> None:
    folders = [str(runs / name) for name in names]
    whole = report(folders, most=len(DIALOGUES))
    part = report(folders, most=2)
    assert (whole.shown, part.shown, part.dialogues) == (4, 2, 4)
    assert ids(part.html) == ids(whole.html)[:2]
    table = re.compile(r'<table id="scores-table">.*?</table>', re.DOTALL)
    assert table.findall(part.html) == table.findall(whole.html)
    assert "Of 4 dialogues, the 2 worst" in part.html
    assert "worst; scores and plots" not in whole.html


def test_points_lead_to_what_is_shown_and_others_to_nothing(runs: Path) -> None:
    html = report([str(runs / "direct"), str(runs / "pivot")], most=2).html
    anchors = set(re.findall(r'class="card" id="(d\d)"', html))
    links = set(re.findall(r'href="#(d\d)"', html))
    assert links == anchors and len(anchors) == 2
    assert "small grey ones" in html
    assert report([str(runs / "direct"), str(runs / "pivot")]).html.count("small grey ones") == 0


def test_dialogues_that_metrics_disagree_on_have_no_link_where_they_are_not_shown(
    runs: Path,
) -> None:
    names = [str(runs / "direct"), str(runs / "pivot")]
    html = report(names, metrics=["chrf", "rouge"], most=1).html
    [anchor] = re.findall(r'class="card" id="(d\d)"', html)
    assert set(re.findall(r'href="#(d\d)"', html)) == {anchor}


def test_the_command_says_how_many_it_shows(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command([str(runs / "pivot")], out=tmp_path / "report.html", most=3)
    assert "every stage of the 3 worst of them; more with --most N" in capsys.readouterr().out


def test_a_step_that_lacks_a_shown_dialogue_is_named(runs: Path, tmp_path: Path) -> None:
    folder = pivot_run(tmp_path / "run", runs / "data.jsonl")
    [worst] = ids(report([str(folder)], most=1).html)
    step = folder / "steps" / "02-to-english.jsonl"
    lines = step.read_text(encoding="utf-8").splitlines(keepends=True)
    step.write_text("".join(line for line in lines if f'"{worst}"' not in line), encoding="utf-8")
    with pytest.raises(RunFolderError, match=f"02-to-english.jsonl .* no line of {worst}"):
        report([str(folder)], most=1)
