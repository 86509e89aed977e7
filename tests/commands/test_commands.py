"""`pivot-sum run` as a user types it: what it prints, what it leaves behind, what a program can
read from it."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

from commandline import (
    CACHE,
    PIVOT,
    dialogues,
    everything_in,
    pivot_sum,
    rows_by_stage,
    write_csv,
)
from textruns import RUN, cold, finished, project, run_folder, said

__all__ = ["cold", "finished", "project"]  # fixtures


def test_a_run_prints_the_texts_the_counts_the_folder_and_what_to_type_next(finished: Path) -> None:
    printed = (finished / "printed.txt").read_text(encoding="utf-8")
    folder = run_folder(finished).relative_to(finished)
    assert printed.startswith("spoken (first 8 of 10)")
    assert "#Person1#: 민수 씨, 두 시에 도서관에서 볼까요?" in printed
    assert "d7" in printed and "d8" not in printed
    assert f"run folder: {folder}\nsummaries:  {folder / 'predictions.csv'}\n" in printed
    assert f"  pivot-sum show {folder} --id d0 " in printed
    assert "  pivot-sum run text.yaml --data data.csv --offline " in printed


def test_the_command_a_run_says_to_type_next_works(finished: Path, project: Path) -> None:
    printed = (finished / "printed.txt").read_text(encoding="utf-8")
    typed = [
        shlex.split(line, comments=True)[1:]
        for line in printed.splitlines()
        if line.startswith("  pivot-sum")
    ]
    assert [words[0] for words in typed] == ["show", "run"]
    for words in typed:
        pivot_sum(project, *words)


def test_a_run_says_on_stderr_what_each_step_finds_and_computes(project: Path) -> None:
    lines = pivot_sum(project, *RUN).stderr.splitlines()
    assert lines == [
        "step 1 (clean): 10 cached, 0 to compute",
        "step 2 (tidy): 15 cached, 0 to compute",
        "step 3 (spoken): 15 cached, 0 to compute",
    ]


def test_json_of_a_run_is_its_record_and_nothing_else(project: Path) -> None:
    record = said(project, *RUN, "--out", "out")
    folder = record.pop("folder")
    assert folder == "out"
    assert record == json.loads((project / "out/run.json").read_text(encoding="utf-8"))
    assert [step["cached"] for step in record["steps"]] == [10, 15, 15]


def test_a_first_look_at_some_then_all_computes_only_the_rest(cold: Path) -> None:
    few = said(cold, *RUN, "--limit", "4", "--out", "few")
    everything = said(cold, *RUN, "--out", "all")
    assert few["data"]["samples"] == 4 and everything["data"]["samples"] == 10
    assert [(step["cached"], step["computed"]) for step in everything["steps"]] == [
        (before["unique"], after["unique"] - before["unique"])
        for before, after in zip(few["steps"], everything["steps"], strict=True)
    ]
    lines = (cold / "all/predictions.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:5] == (cold / "few/predictions.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "fname",
        *(f"d{number}" for number in range(10)),
    ]


def test_a_dry_run_says_what_would_be_computed_and_leaves_nothing_behind(cold: Path) -> None:
    before = everything_in(cold)
    plan = said(cold, *RUN, "--dry-run")
    assert [
        (step["name"], step["unique"], step["cached"], step["missing"], step["waiting"])
        for step in plan
    ] == [
        ("clean", 10, 0, 10, 0),
        ("tidy", 15, 0, 15, 0),
        ("spoken", 15, 0, 15, 0),
    ]
    assert everything_in(cold) == before


def test_a_dry_run_prints_a_table_and_follows_the_texts_through_stages_without_a_model(
    project: Path,
) -> None:
    write_csv(project / "data.csv", dialogues(11))
    before = everything_in(project)
    rows = [line.split() for line in pivot_sum(project, *RUN, "--dry-run").stdout.splitlines()]
    assert ["clean", "dialogue", "11", "10", "1", "0"] in rows
    assert ["tidy", "turn", "16", "15", "1", "0"] in rows
    assert everything_in(project) == before


def test_a_part_of_a_recipe_on_a_cold_cache_names_the_step_that_is_missing(cold: Path) -> None:
    message = pivot_sum(cold, *RUN, "--stages", "tidy..spoken", code=3).message
    assert message.startswith(
        "step 1 (clean): 10 texts of 10 samples (d0, d1, d2, d3, d4, ...) not in the cache"
    )
    assert message.endswith("Run the steps up to clean first (--stages ..clean)\n")
    message = pivot_sum(cold, *RUN, "--stages", "clean,spoken", code=3).message
    assert message.startswith("step 2 (tidy): ")
    assert message.endswith("Run the steps up to tidy first (--stages ..tidy)\n")
    message = pivot_sum(cold, *RUN, "--cache", "none.sqlite3", "--stages", "spoken", code=3).message
    assert message.startswith("step 1 (clean): ") and "Run the steps up to tidy first" in message


def test_a_part_of_a_recipe_on_a_warm_cache_runs_just_that_part(cold: Path) -> None:
    first = said(cold, *RUN, "--stages", "clean", "--out", "first")
    second = said(cold, *RUN, "--stages", "tidy..tidy", "--out", "second")
    assert [(step["name"], step["computed"]) for step in first["steps"]] == [("clean", 10)]
    assert [(step["name"], step["computed"]) for step in second["steps"]] == [
        ("clean", 0),
        ("tidy", 15),
    ]
    assert "predictions" not in second and not (cold / "second/predictions.csv").exists()
    last = said(cold, *RUN, "--stages", "spoken..", "--out", "last")
    assert last["predictions"] == "predictions.csv" and (cold / "last/predictions.csv").exists()


def test_the_middle_of_the_pivot_runs_from_a_warm_cache(pivot_run: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(pivot_run, tmp_path / "pivot")
    record = said(folder, *PIVOT, "--stages", "to-english..summarize", "--out", "part")
    assert [step["name"] for step in record["steps"]] == ["clean", "to-english", "summarize"]
    assert [step["computed"] for step in record["steps"]] == [0, 0, 0]
    # The last step of a run alone says what became of the dialogue's placeholders in the end.
    part, whole = (
        [{**json.loads(line), "end": ""} for line in path.read_text("utf-8").splitlines()]
        for path in (folder / name / "steps/03-summarize.jsonl" for name in ("part", "out"))
    )
    assert part == whole
    assert not (folder / "part/predictions.csv").exists()


def test_set_changes_one_field_and_only_what_depends_on_it_is_computed(project: Path) -> None:
    record = said(project, *RUN, "--set", "spoken.colloquial=false", "--out", "out")
    assert record["recipe"]["steps"][2]["colloquial"] is False
    assert record["options"]["set"] == ["spoken.colloquial=false"]
    assert [step["computed"] for step in record["steps"]] == [0, 0, 15]


def test_batch_size_is_no_reason_to_compute_anything_again(project: Path) -> None:
    record = said(
        project, *RUN, "--set", "clean.batch_size=1", "--set", "spoken.batch_size=3", "--out", "out"
    )
    assert [step["computed"] for step in record["steps"]] == [0, 0, 0]


def test_the_cache_lies_where_the_option_says_else_where_the_variable_says(cold: Path) -> None:
    env = {"PIVOT_SUM_CACHE": "by-variable/c.sqlite3"}
    pivot_sum(cold, *RUN, env=env)
    assert (cold / "by-variable/c.sqlite3").exists()
    pivot_sum(cold, *RUN, "--cache", "by-option.sqlite3", env=env)
    assert rows_by_stage(cold / "by-option.sqlite3") == rows_by_stage(
        cold / "by-variable/c.sqlite3"
    )
    assert not (cold / CACHE).exists()


def test_the_same_dialogues_give_the_same_predictions_from_every_kind_of_file(
    project: Path,
) -> None:
    import pyarrow
    from pyarrow import parquet

    header, rows = ("fname", "dialogue"), dialogues(10)
    (project / "data-bom.csv").write_bytes(b"\xef\xbb\xbf" + (project / "data.csv").read_bytes())
    (project / "data-cp949.csv").write_bytes(
        (project / "data.csv").read_text(encoding="utf-8").encode("cp949")
    )
    cells = [header, *rows]
    (project / "data.tsv").write_text(
        "".join(f'{id_}\t"{text}"\n' for id_, text in cells), encoding="utf-8"
    )
    lines = [json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in rows]
    (project / "data.jsonl").write_text("\n".join(lines), encoding="utf-8")
    parquet.write_table(
        pyarrow.table({name: [row[place] for row in rows] for place, name in enumerate(header)}),
        project / "data.parquet",
    )
    expected = (run_folder(project) / "predictions.csv").read_bytes()
    for name in ("data-bom.csv", "data-cp949.csv", "data.tsv", "data.jsonl", "data.parquet"):
        record = said(
            project, "run", "text.yaml", "--data", name, "--offline", "--out", f"out-{name}"
        )
        assert record["data"]["file"] == name
        assert (project / f"out-{name}/predictions.csv").read_bytes() == expected, name
