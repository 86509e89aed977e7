"""What cannot be taken apart is refused before anything is computed, and no oracle text becomes a
predictions file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from wordstages import ROWS, SEEN, Words, project, ran, without, write_rows

from pivot_sum.attribution import TEXTS, attribute
from pivot_sum.attribution.pipeline import Direct, Pivot, pipeline_of
from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.errors import (
    NotComparable,
    OracleMissing,
    OracleRefused,
    PredictionsUnreadable,
    RecipeInvalid,
    RunFolderError,
    ScoreRefused,
    UnknownStep,
)
from pivot_sum.recipes.recipe import Recipe, load_recipe
from pivot_sum.running.folder import RunFolder
from pivot_sum.running.reading import PREDICTIONS, read_predictions
from pivot_sum.scoring import load_metric

__all__ = ["project"]


def apart(folder: Path, *settings: str, data: str | None = None) -> None:
    SEEN.clear()
    attribute(folder, data, settings, metric=load_metric(tokenizer="eojeol"))


def refused(
    error: type[Exception], message: str, folder: Path, *settings: str, data: str | None = None
) -> None:
    with pytest.raises(error, match=message):
        apart(folder, *settings, data=data)
    assert SEEN == []


# The run


def test_what_is_no_run_is_refused(project: Path) -> None:
    refused(RunFolderError, "is not a run folder", project)


def test_a_run_of_a_part_of_its_recipe_is_refused(project: Path) -> None:
    refused(
        NotComparable,
        "finished and ran a part of its recipe. Run the recipe to its end first",
        ran(stages="clean..there"),
    )


def test_a_run_that_failed_is_refused(project: Path) -> None:
    folder = ran()
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps({**record, "status": "failed"}), encoding="utf-8")
    refused(NotComparable, "it is failed", folder)


def test_a_run_whose_stage_has_changed_since_is_refused_with_what_changed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ran()
    monkeypatch.setattr(Words, "version", 2)
    refused(NotComparable, r"step there is not what it was .*\(version: 1 then, 2 now\)", folder)


def test_a_step_that_does_not_make_sense_any_more_is_told_as_in_a_recipe(project: Path) -> None:
    folder = ran()
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["recipe"]["steps"][1]["stage"] = "word"
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    refused(RecipeInvalid, "no stage is called 'word'", folder)


# The data


def test_a_data_file_that_changed_since_the_run_is_refused(project: Path) -> None:
    folder = ran()
    write_rows(project / "data.jsonl", ROWS[:3])
    refused(NotComparable, "data.jsonl, has changed since; name it with --data FILE", folder)


def test_a_data_file_that_is_gone_is_refused_and_found_where_it_went(project: Path) -> None:
    folder = ran()
    (project / "data.jsonl").rename(project / "moved.jsonl")
    refused(NotComparable, "data.jsonl, is not there; name it with --data FILE", folder)
    apart(folder, data="moved.jsonl")


def test_another_file_needs_the_runs_own_to_compare_the_dialogues(project: Path) -> None:
    folder = ran()
    write_rows(project / "other.jsonl", ROWS[:3])
    (project / "data.jsonl").unlink()
    refused(
        NotComparable,
        "other.jsonl is another file than that of out, data.jsonl, which is not there",
        folder,
        data="other.jsonl",
    )


def test_other_dialogues_under_the_same_ids_are_refused_by_id(project: Path) -> None:
    folder = ran()
    write_rows(
        project / "other.jsonl", [{**row, "dialogue": row["dialogue"] + " 개"} for row in ROWS]
    )
    refused(
        NotComparable,
        r"4 of 4 dialogues are not those that out summarised \(d1, d2, d3, d4\)",
        folder,
        data="other.jsonl",
    )


def test_other_ids_are_refused(project: Path) -> None:
    folder = ran()
    write_rows(project / "other.jsonl", [{**row, "fname": "x" + row["fname"]} for row in ROWS])
    refused(NotComparable, "no id is in both", folder, data="other.jsonl")


def test_a_file_with_some_of_the_dialogues_and_other_columns_serves(project: Path) -> None:
    write_rows(project / "data.jsonl", without("dialogue_en", "summary_en"))
    folder = ran()
    rows = [
        {
            "fname": row["fname"],
            "ko": row["dialogue"],
            "gold": row["summary"],
            "en": row["dialogue_en"],
        }
        for row in ROWS[1:]
    ]
    write_rows(project / "aligned.csv", rows)
    columns = {"dialogue": "ko", "references": "[gold]", "english_dialogue": "en"}
    settings = [f"data.columns.{name}={column}" for name, column in columns.items()]
    found = attribute(folder, "aligned.csv", settings, metric=load_metric(tokenizer="eojeol"))
    assert (found.samples, found.run["samples"], found.run["data"]) == (3, 4, "aligned.csv")
    assert [stage.name for stage in found.stages] == ["there", "short", "back"]


def test_only_columns_can_be_set(project: Path) -> None:
    refused(
        UnknownStep,
        "--set there.batch_size=1: only data.columns can be changed here",
        ran(),
        "there.batch_size=1",
    )


def test_data_without_references_is_refused(project: Path) -> None:
    write_rows(project / "data.jsonl", without("summary"))
    refused(ScoreRefused, "for 4 .* of 4 dialogues.*--set data.columns.references=COLUMN", ran())


@pytest.mark.parametrize("column", ["dialogue_en", "summary_en"])
def test_english_that_only_some_dialogues_have_is_refused_by_id(project: Path, column: str) -> None:
    write_rows(project / "data.jsonl", [*ROWS[:2], *({**row, column: ""} for row in ROWS[2:])])
    what = column.replace("_en", "")
    refused(
        OracleMissing,
        rf"2 of 4 dialogues have no english {what} \(d3, d4\). Fill them in, or",
        ran(),
    )


def test_english_that_is_not_english_is_refused_with_how_to_name_the_column(project: Path) -> None:
    write_rows(project / "data.jsonl", [{**row, "dialogue_en": row["dialogue"]} for row in ROWS])
    # two of them are too short to tell
    refused(
        OracleMissing,
        "not English in 2 of 4 dialogues. Name .* with --set data.columns.english_dialogue=NAME",
        ran(),
    )


def test_originals_with_another_number_of_turns_are_remarked_on(project: Path) -> None:
    write_rows(project / "data.jsonl", [*ROWS[:3], {**ROWS[3], "dialogue_en": "fish\ndog"}])
    found = attribute(ran(), metric=load_metric(tokenizer="eojeol"))
    assert any(
        "1 of 4 English originals have another number of turns" in note for note in found.notes
    )


# The recipe


def recipe(*steps: dict[str, Any], **data: str) -> Recipe:
    raw = {
        "data": data,
        "steps": [{"name": f"s{number}", **step} for number, step in enumerate(steps)],
    }
    Path("made.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    return load_recipe("made.yaml")


def words(source: str, target: str) -> dict[str, Any]:
    return {"stage": "words", "source": source, "target": target}


def short(language: str) -> dict[str, Any]:
    return {"stage": "short", "language": language}


ENGLISH, KOREAN = words("ko", "en"), words("en", "ko")


def test_the_shapes_that_are_understood(project: Path) -> None:
    assert isinstance(pipeline_of(load_recipe("pivot.yaml")), Pivot)
    assert isinstance(pipeline_of(load_recipe("direct.yaml")), Direct)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((ENGLISH, KOREAN), r"s0 \(ko to en\) -> s1 \(en to ko\)"),
        ((short("ko"), ENGLISH, KOREAN), r"s0 \(ko, summarises\) -> s1"),
        (
            (ENGLISH, short("en"), short("en"), KOREAN),
            r"s1 \(en, summarises\) -> s2 \(en, summarises\)",
        ),
        ((ENGLISH, KOREAN, ENGLISH, short("en"), KOREAN), "s4"),
        ((short("ko"), short("ko")), "s1"),
        (({"stage": "clean"},), r"s0 \(ko\)"),
    ],
)
def test_other_shapes_are_refused_with_what_the_steps_do(
    project: Path, steps: tuple[dict[str, Any], ...], said: str
) -> None:
    with pytest.raises(
        OracleMissing, match=f"cannot be taken apart: .*{said}.*The loss can be shared out where"
    ):
        pipeline_of(recipe(*steps))


def test_an_english_recipe_is_refused(project: Path) -> None:
    with pytest.raises(OracleMissing, match="cannot be taken apart"):
        pipeline_of(recipe(short("en"), language="en", reference_language="en"))


# Predictions


def oracle_run(folder: Path) -> RunFolder:
    samples: list[Sample] = [
        replace(sample, oracles=("there",)) for sample in read_samples(Path("data.jsonl"))
    ]
    run = RunFolder(folder, load_recipe("pivot.yaml"), Path("data.jsonl"), samples)
    run.start()
    return run


def test_a_run_over_oracle_texts_says_so_and_refuses_to_write_predictions(project: Path) -> None:
    run = oracle_run(Path("oracle"))
    with pytest.raises(OracleRefused, match="the data took the place of there"):
        run.finish(["개"] * 4)
    assert not Path("oracle", PREDICTIONS).exists()
    assert json.loads(Path("oracle", "run.json").read_text(encoding="utf-8"))["oracles"] == [
        "there"
    ]
    run.finish(None)


def test_no_reader_of_predictions_takes_the_texts(project: Path) -> None:
    folder = ran()
    attribute(folder, metric=load_metric(tokenizer="eojeol")).write(folder)
    with pytest.raises(PredictionsUnreadable):
        read_predictions(folder / TEXTS)


def test_attributing_leaves_the_run_as_it_was(project: Path) -> None:
    folder = ran()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    attribute(folder, metric=load_metric(tokenizer="eojeol")).write(folder)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path: after[path] for path in before} == before
    assert {path.name for path in after.keys() - before.keys()} == {"attribution.json", TEXTS}
