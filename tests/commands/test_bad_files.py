"""Bad models, caches and run folders through the real command line: one clear message each, an exit
code of its own, nothing half done."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import pytest
from badinput import RUN, failed, project, refused
from commandline import CACHE, PIVOT, ROOT, change, dialogues, pivot_sum, write_csv

from pivot_sum.cache.errors import CacheError
from pivot_sum.errors import PivotSumError
from pivot_sum.stages.errors import StageError

__all__ = ["project"]  # a fixture

MODEL_RECIPE = """\
data: {reference_language: en}
steps:
  - {name: to-english, stage: translate, over: turn, model: model, source: ko, target: en,
     dtype: float32, max_new_tokens: 4}
"""
RUN_MODEL = ["run", "model.yaml", "--data", "data.csv"]


@pytest.fixture
def translating(project: Path) -> Path:
    """The project with a recipe that translates with whatever is in the folder `model`."""
    (project / "model.yaml").write_text(MODEL_RECIPE, encoding="utf-8")
    return project


def test_a_model_folder_that_does_not_exist_is_named(translating: Path) -> None:
    message = failed(translating, 31, *RUN_MODEL, "--set", "to-english.model=./no-such-folder")
    assert message.startswith("step 1 (to-english): model folder './no-such-folder' does not exist")
    assert str(translating) in message


def test_a_demo_model_that_does_not_exist_is_named(translating: Path) -> None:
    message = failed(translating, 31, *RUN_MODEL, "--set", "to-english.model=demo:translater")
    assert "no demo model 'demo:translater'" in message


def test_a_hub_model_that_cannot_be_reached_is_said_to_be_so(translating: Path) -> None:
    message = failed(
        translating, 31, *RUN_MODEL, "--set", "to-english.model=facebook/nllb-200-distilled-600M"
    )
    assert message.startswith(
        "step 1 (to-english): model 'facebook/nllb-200-distilled-600M' (revision main) cannot be"
        " reached"
    )
    assert "--offline" in message and "local folder" in message


def test_a_model_folder_without_tokenizer_is_told_what_it_lacks(
    translating: Path, nllb: Path
) -> None:
    weights_only = shutil.ignore_patterns("tokenizer*", "special_tokens*", "*.model", "vocab*")
    shutil.copytree(nllb, translating / "model", ignore=weights_only)
    message = failed(translating, 32, *RUN_MODEL)
    assert message.startswith("step 1 (to-english): model folder model has no tokenizer")


def test_a_truncated_checkpoint_is_called_damaged(translating: Path, nllb: Path) -> None:
    shutil.copytree(nllb, translating / "model")
    weights = translating / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    message = failed(translating, 33, *RUN_MODEL)
    assert message.startswith(
        "step 1 (to-english): the weights in model (model.safetensors) cannot be loaded"
    )
    assert "fetch it again" in message
    run_json = next((translating / "runs").glob("*/run.json")).read_text(encoding="utf-8")
    assert '"status": "failed"' in run_json and "fetch it again" in run_json


def test_a_read_only_cache_is_refused_before_anything_is_computed(project: Path) -> None:
    pivot_sum(project, *RUN)
    (project / CACHE).chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    message = refused(project, 41, *RUN)
    assert str(CACHE) in message and "is read-only" in message and "--offline" in message


def test_a_cache_in_a_read_only_folder_is_refused_before_anything_is_computed(
    project: Path,
) -> None:
    folder = project / "locked"
    folder.mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    assert "is read-only" in refused(project, 41, *RUN, "--cache", "locked/cache.sqlite3")
    folder.chmod(stat.S_IRWXU)


def test_a_cache_from_a_newer_version_is_refused_and_left_as_it_is(project: Path) -> None:
    pivot_sum(project, *RUN)
    change(project / CACHE, "PRAGMA user_version = 99")
    message = refused(project, 42, *RUN)
    assert "newer pivot-sum" in message and "Upgrade" in message


def test_a_corrupt_row_stops_the_run_until_it_is_dropped(project: Path) -> None:
    pivot_sum(project, *RUN, "--out", "sound")
    change(project / CACHE, "UPDATE rows SET output = output || '!' WHERE id = 1")
    message = failed(project, 43, *RUN)
    assert (
        "stage clean" in message
        and "checksum" in message
        and "pivot-sum cache drop --damaged" in message
    )
    pivot_sum(project, "cache", "drop", "--damaged")
    pivot_sum(project, *RUN, "--out", "repaired")
    assert (project / "repaired/predictions.csv").read_bytes() == (
        project / "sound/predictions.csv"
    ).read_bytes()


def test_a_disk_that_is_full_for_the_cache_stops_the_run_and_what_was_stored_is_kept(
    project: Path,
) -> None:
    write_csv(
        project / "data.csv",
        [(id_, dialogue + "\n#Person1#: 네. " * 200) for id_, dialogue in dialogues(60)],
    )
    pivot_sum(project, *RUN, "--limit", "5")
    room = (project / CACHE).stat().st_size + 20_000
    message = failed(project, 44, *RUN, file_limit=room)
    assert (
        str(CACHE) in message
        and "free some space" in message.lower()
        and "same command again" in message
    )
    ran = pivot_sum(project, *RUN)
    assert "step 1 (clean): 5 cached, 55 to compute" in ran.stderr


def test_a_disk_that_is_full_for_the_run_folder_is_named_with_what_to_do(project: Path) -> None:
    pivot_sum(project, *RUN)
    message = failed(project, 50, *RUN, "--offline", "--out", "out", file_limit=100)
    assert (
        message.startswith("cannot write to the run folder out")
        and "make room" in message
        and "--out" in message
    )


def test_a_disk_that_is_full_in_the_middle_of_a_step_is_named_with_what_to_do(
    project: Path,
) -> None:
    long = [(id_, dialogue + "\n#Person1#: 네. " * 200) for id_, dialogue in dialogues(20)]
    write_csv(project / "data.csv", long)
    pivot_sum(project, *RUN, "--out", "whole")
    steps = max(path.stat().st_size for path in (project / "whole").rglob("*.jsonl"))
    described = (project / "whole/run.json").stat().st_size
    message = failed(
        project, 50, *RUN, "--offline", "--out", "out", file_limit=(steps + described) // 2
    )
    assert message.startswith("cannot write to the run folder out") and "make room" in message
    assert not [*(project / "out").rglob("*.jsonl")]


@pytest.mark.parametrize(
    "content", [b"just some words\n" * 100, b"\x00\xff" * 4096], ids=["text", "bytes"]
)
def test_a_file_that_is_no_cache_is_refused_and_left_as_it_is(
    project: Path, content: bytes
) -> None:
    (project / "notes.txt").write_bytes(content)
    assert "notes.txt is not a cache" in refused(project, 45, *RUN, "--cache", "notes.txt")


def test_a_folder_as_cache_is_refused(project: Path) -> None:
    (project / "folder").mkdir()
    assert "folder is a folder, not a cache file" in refused(project, 45, *RUN, "--cache", "folder")


@pytest.mark.parametrize("words", [[*RUN, "--offline"], ["cache", "info"], ["cache", "verify"]])
def test_reading_a_cache_that_is_not_there_is_refused_and_makes_none(
    project: Path, words: list[str]
) -> None:
    assert f"There is no cache at {CACHE}" in refused(project, 46, *words)


def test_a_run_folder_that_holds_something_is_refused(project: Path) -> None:
    (project / "out").mkdir()
    (project / "out" / "precious.txt").write_text("kept", encoding="utf-8")
    message = pivot_sum(project, *RUN, "--out", "out", code=50).message
    assert "--out out exists and is not empty" in message
    assert [path.name for path in (project / "out").iterdir()] == ["precious.txt"]


def test_a_run_folder_that_is_a_file_is_refused(project: Path) -> None:
    assert "--out data.csv exists" in pivot_sum(project, *RUN, "--out", "data.csv", code=50).message


@pytest.mark.parametrize("words", [["show"], ["show", "nowhere"], ["show", "."]])
def test_showing_what_is_no_run_folder_is_refused(project: Path, words: list[str]) -> None:
    assert "pivot-sum run" in refused(project, 50, *words)


def test_a_mistyped_option_is_the_command_lines_own_error(project: Path) -> None:
    ran = pivot_sum(project, *PIVOT[:2], "--offlin", code=2)
    assert "No such option" in ran.stderr and "Traceback" not in ran.stderr


def test_every_error_has_an_exit_code_of_its_own_and_stands_in_the_table() -> None:
    def family(kind: type[Exception]) -> list[type[Exception]]:
        return [kind, *(one for child in kind.__subclasses__() for one in family(child))]

    classes = [one for base in (CacheError, StageError) for one in family(base)]
    classes += family(PivotSumError)[1:]  # the base itself is never raised
    codes = {kind.__name__: kind.exit_code for kind in classes}  # type: ignore[attr-defined]
    assert len(set(codes.values())) == len(codes)
    assert not {0, 1, 2, 130} & set(codes.values())
    table = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    documented = {
        name: int(code)
        for code, name in re.findall(r"^\| (\d+) \| `(\w+)` \|", table, re.MULTILINE)
    }
    assert documented == codes
    assert re.findall(r"^\| (\d+) \|  ?\|", table, re.MULTILINE) == ["0", "1", "2", "130"]
