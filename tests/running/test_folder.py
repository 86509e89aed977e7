"""The run folder, byte for byte but for what differs from run to run: views read it, so its form is
a promise.

To write the golden folder anew: `pytest tests/running/test_folder.py --rewrite-golden`, then look
at `git diff tests/golden`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from commandline import write_csv

from pivot_sum.errors import RunFolderError
from pivot_sum.running.execute import Request, execute
from pivot_sum.running.folder import new_folder
from pivot_sum.running.reading import latest_run, read_run, read_step
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Annotating, Answer, PlaceholderPolicy, Task, option, required
from pivot_sum.stages.errors import StageError

GOLDEN = Path(__file__).parents[1] / "golden" / "run"
VOLATILE = ("started", "finished", "seconds", "versions", "git", "pivot_sum")

RECIPE = """\
description: Every kind of count that a run folder holds.
data: {columns: {id: number}}
steps:
  - {name: clean, stage: clean}
  - {name: to-english, stage: glossary, over: turn, language: en}
  - {name: summarize, stage: last-line}
  - {name: polish, stage: polish}
"""
ROWS = [
    ("7", "#Person1#:안녕하세요.\r\n##Person2#: 네, #PhoneNumber#입니다."),
    ("9", "#Person1#: 모르는 말입니다.\n#Person2#: 안녕하세요."),
    ("008", "#Person1#: 네, #PhoneNumber#입니다.\n#Person1#: 망가진 #PhoneNumber#"),
]
WORDS = {
    "안녕하세요.": Answer("Hello there.", {"rung": "plain"}),
    "네, #PhoneNumber#입니다.": Answer("Yes, it is #PhoneNumber#.", {"rung": "word"}),
    "모르는 말입니다.": Answer("모르는 말입니다.", {"rung": "plain", "flags": ["unfinished"]}),
    "망가진 #PhoneNumber#": Answer("Broken number"),
}


@dataclass(frozen=True, kw_only=True)
class Glossary(Annotating):
    """A translator that knows a few sentences."""

    name: ClassVar[str] = "glossary"
    version: ClassVar[int] = 3
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"
    source: ClassVar[str] = "ko"

    language: str = required("the language it gives")
    threads: int = option(2, "outside the identity", identity=False)
    batch_size: int = option(2, "outside the identity", identity=False)

    @property
    def target(self) -> str:
        return self.language

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        return [WORDS[text] for text in texts]


@dataclass(frozen=True, kw_only=True)
class LastLine:
    """A summariser that answers in Korean."""

    name: ClassVar[str] = "last-line"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "summarize"
    placeholders: ClassVar[PlaceholderPolicy] = "select"
    source: ClassVar[str] = "en"
    target: ClassVar[str] = "ko"

    batch_size: int = option(2, "outside the identity", identity=False)

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        return [
            f"#Person1# 는 말한다 ,\n{text.count('#PhoneNumber#')}번 #Person3# 에게"
            for text in texts
        ]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with `data.csv`, `recipe.yaml` and the two stages above."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PIVOT_SUM_CACHE", raising=False)
    monkeypatch.setitem(STAGES, "glossary", Glossary)  # type: ignore[arg-type]
    monkeypatch.setitem(STAGES, "last-line", LastLine)  # type: ignore[arg-type]
    write_csv(tmp_path / "data.csv", ROWS, header=("number", "dialogue"))
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


def request(**changes: Any) -> Request:
    return Request(**{"recipe": "recipe.yaml", "data": "data.csv", "out": Path("out"), **changes})


def masked(value: Any) -> Any:
    """A record without what differs from run to run."""
    if isinstance(value, dict):
        return {
            key: "(volatile)" if key in VOLATILE else masked(inner) for key, inner in value.items()
        }
    return [masked(inner) for inner in value] if isinstance(value, list) else value


def test_a_run_folder_is_as_the_golden_one(project: Path, pytestconfig: pytest.Config) -> None:
    execute(request())
    record = json.loads((project / "out/run.json").read_text(encoding="utf-8"))
    text = json.dumps(masked(record), ensure_ascii=False, indent=2) + "\n"
    (project / "out/run.json").write_text(text, encoding="utf-8")
    if pytestconfig.getoption("--rewrite-golden"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(project / "out", GOLDEN)
    files = sorted(path.relative_to(GOLDEN) for path in GOLDEN.rglob("*") if path.is_file())
    assert (
        sorted(
            path.relative_to(project / "out")
            for path in (project / "out").rglob("*")
            if path.is_file()
        )
        == files
    )
    for file in files:
        assert (project / "out" / file).read_text(encoding="utf-8") == (GOLDEN / file).read_text(
            encoding="utf-8"
        ), file


def test_the_record_says_when_with_which_versions_and_from_which_commit_it_was_made(
    project: Path,
) -> None:
    record = execute(request()).record
    assert record.finished and record.started <= record.finished and record.started.endswith("Z")
    assert {"python", "platform", "torch", "transformers"} <= record.versions.keys()
    assert record.git is None or len(record.git) == 40
    assert all(step.seconds >= 0 for step in record.steps)


def test_a_failed_run_says_so_why_and_keeps_the_steps_that_were_done(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(stage: LastLine, texts: Sequence[str]) -> list[str]:
        raise StageError("out of ink")

    monkeypatch.setattr(LastLine, "__call__", fail)
    with pytest.raises(StageError, match=r"step 3 \(summarize\): out of ink"):
        execute(request())
    record = read_run(Path("out"))
    assert (record.status, record.error) == ("failed", "step 3 (summarize): out of ink")
    assert [step.name for step in record.steps] == ["clean", "to-english"]
    assert sorted(path.name for path in Path("out/steps").iterdir()) == [
        "01-clean.jsonl",
        "02-to-english.jsonl",
    ]
    assert not Path("out/predictions.csv").exists()


def test_an_interrupted_run_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(stage: LastLine, texts: Sequence[str]) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(LastLine, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        execute(request())
    record = read_run(Path("out"))
    assert (record.status, record.error) == ("failed", "interrupted")


def test_a_record_says_started_before_the_first_step_is_done(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(stage: LastLine, texts: Sequence[str]) -> list[str]:
        seen.append(read_run(Path("out")))
        return ["다"] * len(texts)

    monkeypatch.setattr(LastLine, "__call__", look)
    execute(request())
    assert seen[0].status == "started" and seen[0].finished is None
    assert [step.name for step in seen[0].steps] == ["clean", "to-english"]


def test_a_part_that_ends_early_writes_no_predictions(project: Path) -> None:
    record = execute(request(stages="clean..to-english")).record
    assert record.predictions is None and record.status == "finished"
    assert "predictions" not in json.loads(Path("out/run.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in Path("out").iterdir()) == ["run.json", "steps"]


def test_runs_of_the_same_second_get_folders_of_their_own_and_the_newest_is_the_latest(
    project: Path,
) -> None:
    folders = [execute(request(out=None)).folder for _ in range(3)]
    assert len(set(folders)) == 3
    assert all(
        folder.parent == Path("runs") and folder.name.startswith("recipe-") for folder in folders
    )
    assert latest_run() == folders[-1]


def test_out_takes_an_empty_folder_and_refuses_one_that_holds_something(project: Path) -> None:
    Path("empty").mkdir()
    assert new_folder("any", Path("empty")) == Path("empty")
    with pytest.raises(RunFolderError, match="a run never overwrites another"):
        new_folder("any", project)


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: [],
        lambda record: {"started": 5},
        lambda record: {**record, "steps": [{}]},
        lambda record: {**record, "steps": [{**record["steps"][0], "flags": None}]},
        lambda record: {**record, "data": {**record["data"], "samples": "many"}},
        lambda record: {**record, "recipe": None},
    ],
)
def test_a_record_of_another_shape_is_refused_and_hides_no_other_run(
    project: Path, damage: Callable[[dict[str, Any]], Any]
) -> None:
    whole = execute(replace(request(), out=None)).folder
    bad = Path("runs/bad")
    bad.mkdir()
    (bad / "run.json").write_text(json.dumps(damage(read_run(whole).as_json())), encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"run\.json is missing or damaged"):
        read_run(bad)
    assert latest_run() == whole


def test_a_damaged_record_or_step_is_named(project: Path) -> None:
    record = execute(request()).record
    Path("out/steps/01-clean.jsonl").write_text('{"id": ', encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"01-clean\.jsonl is missing or damaged"):
        read_step(Path("out"), record.steps[0])
    Path("out/run.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunFolderError, match="out is not a run folder"):
        read_run(Path("out"))


def test_a_run_that_crashes_is_not_left_as_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text(
        "fname,dialogue\na,#Person1#: 안녕하세요.\n", encoding="utf-8"
    )
    (tmp_path / "mine.yaml").write_text(
        "steps:\n  - {name: clean, stage: clean}\n", encoding="utf-8"
    )

    def crash(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("pivot_sum.running.shards.collect", crash)
    with pytest.raises(ZeroDivisionError):
        execute(Request("mine.yaml", data="data.csv", out=tmp_path / "out"))
    record = read_run(tmp_path / "out")
    assert (record.status, record.error) == ("failed", "ZeroDivisionError: a bug")
