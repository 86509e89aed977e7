"""What `pivot-sum report` refuses to show or to overwrite, and the command as it is typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commandline import pivot_sum
from reportruns import pivot_run

from pivot_sum.errors import NotComparable, PageUnwritable, RunFolderError
from pivot_sum.html import page
from pivot_sum.report.report import report


def test_a_damaged_attribution_is_named(runs: Path, tmp_path: Path) -> None:
    folder = pivot_run(tmp_path / "run", runs / "data.jsonl")
    (folder / "attribution.json").write_text('{"stages": [{}]}', encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"attribution\.json .*pivot-sum attribute"):
        report([str(folder)])


@pytest.mark.parametrize("status", ["started", "failed"])
def test_a_run_that_is_not_finished_is_refused(runs: Path, tmp_path: Path, status: str) -> None:
    folder = pivot_run(tmp_path / "run", runs / "data.jsonl")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps(record | {"status": status}), encoding="utf-8")
    with pytest.raises(NotComparable, match=rf"not finished \({status}.*it goes on from the cache"):
        report([str(folder)])


def test_a_missing_step_file_is_named(runs: Path, tmp_path: Path) -> None:
    folder = pivot_run(tmp_path / "run", runs / "data.jsonl")
    (folder / "steps" / "03-summarize.jsonl").unlink()
    with pytest.raises(RunFolderError, match="03-summarize"):
        report([str(folder)])


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(NotComparable, match="there is no run folder or predictions file nowhere"):
        report(["nowhere"])


def test_a_page_replaces_an_older_page_but_no_other_file(html: str, tmp_path: Path) -> None:
    target = tmp_path / "new" / "report.html"
    page.write(target, html)
    page.write(target, html)
    assert target.read_text(encoding="utf-8") == html
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]
    target.write_text("fname,summary\n", encoding="utf-8")
    with pytest.raises(PageUnwritable, match="is no page of ours"):
        page.write(target, html)
    assert target.read_text(encoding="utf-8") == "fname,summary\n"


def test_a_page_is_not_written_to_what_is_no_file(html: str, tmp_path: Path) -> None:
    for target in (Path("/dev/full"), tmp_path):  # the one would be read without end
        with pytest.raises(PageUnwritable, match="is no page of ours"):
            page.write(target, html)


def test_a_page_that_cannot_be_written_says_so(html: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(PageUnwritable, match="cannot be written"):
        page.write(tmp_path / "file" / "report.html", html)


def test_the_command_writes_the_page_and_says_what_to_do_next(runs: Path, tmp_path: Path) -> None:
    ran = pivot_sum(tmp_path, "report", runs / "direct", runs / "pivot", "--out", "page.html")
    assert re.search(
        r"^page\.html: 2 systems over 4 dialogues, 0\.\d MB$", ran.stdout, re.MULTILINE
    )
    assert f"next: pivot-sum attribute {runs / 'pivot'}" in ran.stdout
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_no_attribution_is_offered_for_a_direct_recipe(runs: Path, tmp_path: Path) -> None:
    ran = pivot_sum(tmp_path, "report", runs / "direct", "--out", "page.html")
    assert "attribute" not in ran.stdout


def test_the_command_says_whether_all_or_some_references_are_missing(
    runs: Path, tmp_path: Path
) -> None:
    said = pivot_sum(tmp_path, "report", runs / "pivot-test", "--out", "page.html").stdout
    assert "not scored: no dialogue has a reference summary; " in said
    rows = [json.loads(line) for line in (runs / "data.jsonl").read_text("utf-8").splitlines()]
    rows[0] |= {name: "" for name in rows[0] if re.fullmatch("summary[0-9]*", name)}
    some = tmp_path / "some.jsonl"
    some.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    words = ("report", runs / "pivot", "--data", some, "--out", "page.html")
    said = pivot_sum(tmp_path, *words).stdout
    assert f"not scored: no reference summary for 1 ({rows[0]['fname']}) of 4 dialogues; " in said


def test_the_command_without_a_run_says_how_to_make_one(tmp_path: Path) -> None:
    ran = pivot_sum(tmp_path, "report", code=50)
    assert "`pivot-sum run` makes one" in ran.message
