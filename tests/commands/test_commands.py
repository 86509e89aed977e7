"""The commands as a user types them: what they print, what they leave behind, what a program can
read from them."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commandline import (
    CACHE,
    PIVOT,
    PROGRAM,
    dialogues,
    environment,
    everything_in,
    pivot_sum,
    rows_by_stage,
    text_project,
    write_csv,
)

from pivot_sum import __version__
from pivot_sum.commands.main import main
from pivot_sum.stages import STAGES

RUN = ["run", "text.yaml", "--data", "data.csv"]
SECRET = "0a1b2c3d-not-for-anybody:fx"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one run over ten dialogues, which printed `printed.txt`. Copy it before
    changing it."""
    folder = text_project(tmp_path_factory.mktemp("commands") / "project", dialogues(10))
    ran = pivot_sum(folder, *RUN)
    (folder / "printed.txt").write_text(ran.stdout, encoding="utf-8")
    return folder


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project, to be changed."""
    return shutil.copytree(finished, tmp_path / "project")


@pytest.fixture
def cold(tmp_path: Path) -> Path:
    """Ten dialogues and a recipe that has never been run."""
    return text_project(tmp_path / "cold", dialogues(10))


def said(folder: Path, *words: object, code: int = 0) -> Any:
    """What a command prints with --json."""
    return json.loads(pivot_sum(folder, *words, "--json", code=code).stdout)


def run_folder(project: Path) -> Path:
    [folder] = (project / "runs").iterdir()
    return folder


# run


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
    assert "Run the steps up to clean first" in message


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
    assert (folder / "part/steps/03-summarize.jsonl").read_bytes() == (
        folder / "out/steps/03-summarize.jsonl"
    ).read_bytes()
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


# show


def test_show_prints_the_newest_run(project: Path) -> None:
    pivot_sum(project, *RUN, "--limit", "3", "--offline")
    printed = pivot_sum(project, "show").stdout
    assert "recipe: text\ndata:   data.csv (3 samples)\n" in printed
    assert "(finished; begun 20" in printed


def test_show_prints_every_stage_of_the_samples_asked_for(finished: Path) -> None:
    printed = pivot_sum(finished, "show", run_folder(finished), "--id", "d0", "--id", "d4").stdout
    headings = [line for line in printed.splitlines() if line.startswith("== ")]
    assert headings == [
        f"== {id_} · {step}" for id_ in ("d0", "d4") for step in ("clean", "tidy", "spoken")
    ]
    assert "#Person2#: 네, 제 번호는 #PhoneNumber#이고 0번이에요." in printed


def test_show_gives_a_program_the_samples_or_the_record(finished: Path) -> None:
    samples = said(finished, "show", "--id", "d0")
    assert [line["step"] for line in samples["d0"]] == ["clean", "tidy", "spoken"]
    assert said(finished, "show")["status"] == "finished"


def test_show_refuses_a_sample_the_run_does_not_have(finished: Path) -> None:
    assert "has no sample d99" in pivot_sum(finished, "show", "--id", "d99", code=50).message


def test_show_lists_the_samples_with_remarks(pivot_run: Path) -> None:
    printed = pivot_sum(pivot_run, "show", "out", "--remarks").stdout
    remarks = printed[printed.index("remarks\n") :]
    assert any(
        line.split()[:2] == ["to-english", "d0"] and "placeholder repaired 1" in line
        for line in remarks.splitlines()
    )
    assert any(
        line.split()[:2] == ["summarize", "d59"] and "placeholder lost 1" in line
        for line in remarks.splitlines()
    )


# stages, models, doctor


def test_stages_explains_every_field_of_every_stage(cold: Path) -> None:
    listed = said(cold, "stages")
    assert [stage["stage"] for stage in listed] == list(STAGES)
    assert all(field["meaning"] for stage in listed for field in stage["fields"])
    printed = pivot_sum(cold, "stages", "translate").stdout
    assert (
        "num_beams" in printed
        and "(not in the cache key)" in printed
        and "summarize" not in printed.split("\n")[0]
    )


def test_an_unknown_stage_is_a_mistake_of_the_command_line(cold: Path) -> None:
    assert "there is no stage 'translat'" in pivot_sum(cold, "stages", "translat", code=2).stderr


def test_models_shows_licence_and_training_data_of_every_model(cold: Path) -> None:
    listed = said(cold, "models")
    assert all(model["licence"] and model["trained_on"] for model in listed)
    printed = pivot_sum(cold, "models").stdout
    assert "CC BY-NC 4.0" in printed and all(model["model"] in printed for model in listed)


def test_doctor_finds_a_sound_machine_sound_and_never_prints_the_key(project: Path) -> None:
    findings = said(project, "doctor")
    names = [finding["what"] for finding in findings]
    assert {"Python", "SQLite", "torch", "Java", "DeepL key", "cache", "file system"} <= set(names)
    assert "fails" not in [finding["status"] for finding in findings]
    assert dict(zip(names, findings, strict=True))["DeepL key"]["found"] == "not present"


def test_doctor_says_what_to_do_about_a_broken_cache_and_never_prints_the_key(
    project: Path,
) -> None:
    (project / CACHE).write_bytes(b"no cache at all" * 100)
    ran = pivot_sum(project, "doctor", env={"DEEPL_AUTH_KEY": SECRET}, code=1)
    [row] = [line for line in ran.stdout.splitlines() if line.startswith("fails")]
    assert row.split()[1] == "cache" and "not a cache" in ran.stdout
    assert "present in DEEPL_AUTH_KEY" in ran.stdout
    assert SECRET not in ran.stdout + ran.stderr


# the program itself


def test_the_program_says_its_version_and_its_commands(cold: Path) -> None:
    assert pivot_sum(cold, "--version").stdout == f"pivot-sum {__version__}\n"
    printed = pivot_sum(cold, "--help").stdout
    assert all(
        command in printed for command in ("run", "show", "stages", "models", "doctor", "cache")
    )


def test_a_reader_that_has_seen_enough_is_no_error(finished: Path) -> None:
    pipe = f"{shlex.join(PROGRAM)} stages | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", pipe],
        cwd=finished,
        env=environment(finished),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.startswith("clean (version") and done.stderr == ""


def test_an_interrupted_command_says_that_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(request: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pivot_sum.commands.run.execute", interrupt)
    monkeypatch.setattr("sys.argv", ["pivot-sum", "run"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err.startswith("interrupted; what was computed is in the cache")
