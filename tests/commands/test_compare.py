"""`pivot-sum compare` as a user types it: what it prints and leaves behind, whom it compares and
over what."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
from commandline import CACHE, everything_in, pivot_sum, write_csv
from compareproject import (
    EVERY,
    HEADER,
    NUMBER,
    PLAIN,
    compare,
    compared,
    edit_record,
    predictions,
    project,
    rows,
    said,
)
from faultserver import KEY, FaultServer

__all__ = ["compared", "project"]


def labels(folder: Path, *words: object) -> list[str]:
    return [row["label"] for row in said(folder, *words)["rows"] if row["kind"] == "system"]


# what is printed


def test_run_folders_are_compared_in_tables_with_baselines_signatures_seed_and_an_answer(
    compared: Path,
) -> None:
    before = everything_in(compared)
    printed = compare(compared, "a", "b", "good.csv").stdout
    lines = [line.split() for line in printed.splitlines()]
    assert printed.startswith("scores of 12 dialogues (F1 × 100; placeholders whole, then raw)\n")
    assert [
        "R1",
        "R2",
        "RL",
        "final",
        "raw",
        "R1",
        "raw",
        "R2",
        "raw",
        "RL",
        "raw",
        "final",
    ] in lines
    table = [line.split() for line in printed.partition("\n\n")[0].splitlines()]
    scored = [line for line in table if len(line) > 8 and line[-1].replace(".", "").isdigit()]
    assert [line[: len(line) - 8] for line in scored] == [
        ["plain"],
        ["spoken"],
        ["good"],
        *(["baseline", *name.split()] for name in ("constant", "lead-1", "lead-3", "longest turn")),
    ]
    assert (
        "spoken against plain: " in printed
        and "good against plain: 12 wins, 0 ties, 0 losses\n" in printed
    )
    assert "rouge-f1|tok:syllable-1|placeholders:whole|refs:2|over-refs:mean|n:12|" in printed
    assert "placeholders:raw" in printed
    assert "tests: 200 resamples, seed 12345; Holm: p-values corrected for 2 tests\n" in printed
    # plain and spoken score the same in every dialogue: nothing varies
    shown = "detectable: with 12 dialogues and this spread, a true difference of "
    assert printed.count(shown) == 1
    assert "good is " in printed and "The difference is significant at the 5 % level." in printed
    assert (
        "points above the strongest baseline" in printed
        or "Significantly above the strongest baseline" in printed
    )
    assert "Only 12 dialogues: " in printed
    assert "  pivot-sum report a b good.csv --tokenizer syllable --resamples 200    # " in printed
    assert "demo" not in printed
    assert everything_in(compared) == before


def test_seconds_of_a_replay_are_shown_as_such(project: Path) -> None:
    found = said(project, "plain.yaml", "b", "--offline")
    replayed, computed, *_ = found["rows"]
    assert (replayed["cached"], computed["cached"]) == (1.0, 0.0)
    assert replayed["seconds"] is not None and replayed["run_samples"] == NUMBER
    assert (
        "From the cache came 100% of plain: seconds are not what computing it all takes."
        in found["conclusions"]
    )


def test_the_scores_are_those_counted_by_hand(tmp_path: Path) -> None:
    data = [
        ("x", "#Person1#: 오늘 뭐 먹어?", "민수는 밥을 먹는다 오늘"),
        ("y", "#Person1#: 내일 봐.", "둘은 내일 만난다"),
    ]
    write_csv(tmp_path / "data.csv", data, ("fname", "dialogue", "summary"))
    write_csv(
        tmp_path / "one.csv",
        [("x", "민수는 밥을 먹는다 오늘"), ("y", "둘은 내일 만난다")],
        ("fname", "summary"),
    )
    write_csv(
        tmp_path / "two.csv", [("y", ""), ("x", "민수는 밥을 먹는다 내일")], ("fname", "summary")
    )
    words = (
        "compare",
        "one.csv",
        "two.csv",
        "--data",
        "data.csv",
        "--tokenizer",
        "eojeol",
        "--json",
    )
    found = json.loads(pivot_sum(tmp_path, *words).stdout)
    one, two, *_ = found["rows"]
    assert one["scores"]["whole"]["final"] == 100
    assert two["scores"]["whole"]["rouge1"] == 37.5 and two["scores"]["whole"]["rougeL"] == 37.5
    assert (
        two["scores"]["whole"]["rouge2"] == pytest.approx(100 / 3)
        and two["scores"]["whole"]["empty"] == 1
    )
    [difference] = found["differences"]
    assert difference["by_metric"]["final"]["delta"] == pytest.approx(
        (37.5 + 100 / 3 + 37.5) / 3 - 100
    )
    assert (difference["wins"], difference["ties"], difference["losses"]) == (0, 0, 2)
    assert (found["resamples"], found["seed"], found["samples"]) == (1000, 12345, 2)


def test_the_best_reference_instead_of_their_mean_is_said_in_the_signature(compared: Path) -> None:
    mean, best = (
        said(compared, "a", "good.csv"),
        said(compared, "a", "good.csv", "--over-references", "max"),
    )
    assert "over-refs:max" in best["signatures"]["whole"]
    assert best["rows"][1]["scores"]["whole"]["final"] > mean["rows"][1]["scores"]["whole"]["final"]


def test_the_same_bytes_twice_and_with_data_and_predictions_shuffled(project: Path) -> None:
    predictions(project / "short.csv", EVERY, "둘은 만난다.")
    words = ("good.csv", "short.csv", "--data")
    printed = compare(project, *words, "data.csv").stdout
    assert compare(project, *words, "data.csv").stdout == printed
    write_csv(project / "shuffled.csv", rows()[::-1], HEADER)
    predictions(project / "good.csv", EVERY[5:] + EVERY[:5])
    assert compare(project, *words, "shuffled.csv").stdout == printed
    assert compare(project, *words, "data.csv", "--seed", "1").stdout != printed


@pytest.mark.slow
def test_without_arguments_the_demo_is_compared_direct_against_pivot(tmp_path: Path) -> None:
    ran = pivot_sum(tmp_path, "compare", "--limit", "2", "--tokenizer", "syllable")
    assert (
        "note: running recipe demo-direct\n" in ran.stderr
        and "note: running recipe demo-pivot\n" in ran.stderr
    )
    assert "demo-pivot against demo-direct: " in ran.stdout
    assert "strongest baseline" in ran.stdout
    assert "how they compare says nothing about real models." in ran.stdout
    [direct, pivot] = sorted((tmp_path / "runs").iterdir())
    assert (
        "  pivot-sum report"
        f" {shlex.join(str(run.relative_to(tmp_path)) for run in (direct, pivot))} " in ran.stdout
    )
    again = pivot_sum(
        tmp_path, "compare", "--limit", "2", "--tokenizer", "syllable", "--offline", "--json"
    )
    assert [row["cached"] for row in json.loads(again.stdout)["rows"][:2]] == [1, 1]


# who is compared, over what


def test_recipes_are_run_over_the_data_and_as_far_as_the_runs_go(project: Path) -> None:
    pivot_sum(project, "run", "plain.yaml", "--data", "data.csv", "--limit", "5", "--out", "few")
    found = said(project, "few", "spoken.yaml")
    assert found["samples"] == 5
    record = json.loads(
        (project / found["folders"]["spoken"] / "run.json").read_text(encoding="utf-8")
    )
    assert record["data"]["file"] == "data.csv" and record["options"]["limit"] == 5
    printed = pivot_sum(project, "runs", "--json").stdout
    listed = {run["folder"]: run["final"] for run in json.loads(printed)}
    scores = json.loads((project / found["folders"]["spoken"] / "scores.json").read_text("utf-8"))
    assert listed[found["folders"]["spoken"]] == scores["final"]


def test_a_limit_compares_the_first_of_what_all_have(compared: Path) -> None:
    found = said(compared, "a", "good.csv", "--limit", "4")
    assert found["samples"] == 4
    assert (
        "What the steps noticed, and what they took, is of the whole run, over more dialogues:"
        " plain (12)." in found["conclusions"]
    )


def test_the_report_of_a_comparison_is_offered_over_the_same_data_and_not_where_it_would_be_of_more(
    compared: Path,
) -> None:
    whole = compare(compared, "good.csv", "a", "--data", "data.csv").stdout
    assert (
        "  pivot-sum report good.csv a --data data.csv --tokenizer syllable --resamples 200    # "
        in whole
    )
    assert "next:" not in compare(compared, "a", "good.csv", "--limit", "4").stdout


def test_of_one_dialogue_no_interval_is_given(compared: Path) -> None:
    printed = compare(compared, "a", "good.csv", "--limit", "1").stdout
    assert printed.startswith("scores of 1 dialogue (") and "1 win, 0 ties, 0 losses" in printed
    assert (
        "95 % CI" not in printed
        and "is significant at" not in printed
        and "Significantly" not in printed
    )
    assert "Only 1 dialogue: so few cannot show a difference, whatever the scores." in printed


def test_predictions_of_some_dialogues_are_compared_over_those(project: Path) -> None:
    predictions(project / "some.csv", ["d7", "d2"])
    predictions(project / "same.csv", ["d2", "d7"])
    found = said(project, "some.csv", "same.csv", "plain.yaml", "--data", "data.csv")
    assert found["samples"] == 2
    assert "same and some score the same in every dialogue." in found["conclusions"]


def test_systems_of_one_name_are_told_apart(project: Path) -> None:
    assert labels(project, "a", "b", "good.csv") == ["plain", "spoken", "good"]
    shutil.copytree(project / "a", project / "runs" / "c")
    assert labels(project, "a", "runs/c/", "b") == ["a", "c", "spoken"]
    assert labels(project, "a", "a") == ["a", "a (2)"]
    assert labels(project, "a/predictions.csv", "b/predictions.csv", "--data", "data.csv") == [
        "a/predictions.csv",
        "b/predictions.csv",
    ]


def test_runs_over_the_same_dialogues_in_another_file_are_compared(project: Path) -> None:
    with_more = [(*row, "셋째 요약이다.") for row in rows()[::-1]]
    write_csv(project / "more.csv", with_more, (*HEADER, "summary3"))
    pivot_sum(project, "run", "spoken.yaml", "--data", "more.csv", "--out", "c")
    assert "refs:2" in said(project, "a", "c")["signatures"]["whole"]
    assert "refs:3" in said(project, "a", "c", "--data", "more.csv")["signatures"]["whole"]


def test_a_run_of_the_demo_is_found_its_data_on_any_machine(tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text(PLAIN, encoding="utf-8")
    pivot_sum(
        tmp_path,
        "run",
        "plain.yaml",
        "--set",
        "data.file=demo:dialogues",
        "--limit",
        "3",
        "--out",
        "a",
    )
    edit_record(
        tmp_path / "a", lambda record: record["data"].update(file="/somewhere/else/heldout.jsonl")
    )
    assert said(tmp_path, "a", "a/predictions.csv")["samples"] == 3


def test_the_budget_is_for_all_recipes_together(deepl_server: FaultServer, tmp_path: Path) -> None:
    steps = "steps:\n  - {name: there, stage: deepl, source: ko, target: en, snapshot: SNAPSHOT}\n"
    steps += "  - {name: back, stage: deepl, source: en, target: ko, snapshot: SNAPSHOT}\n"
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(steps.replace("SNAPSHOT", name), encoding="utf-8")
    write_csv(tmp_path / "data.csv", rows(3), HEADER)
    env = {"DEEPL_SERVER_URL": deepl_server.url, "DEEPL_AUTH_KEY": KEY, "NO_PROXY": "127.0.0.1"}
    found = said(tmp_path, "one.yaml", "one.yaml", "--data", "data.csv", env=env)
    [billed, replayed] = [row["billed"]["characters"] for row in found["rows"][:2]]
    assert billed > 0 and replayed == 0
    (tmp_path / CACHE).unlink()
    ran = compare(
        tmp_path,
        "one.yaml",
        "two.yaml",
        "--data",
        "data.csv",
        "--budget",
        billed + billed // 2,
        code=62,
        env=env,
    )
    assert ran.stderr.count("running recipe") == 2 and deepl_server.billed <= 2.5 * billed


def test_clusters_named_by_an_option_or_a_recipe_are_drawn_as_a_whole(project: Path) -> None:
    scenes = [(*row, f"scene {place // 2}") for place, row in enumerate(rows())]
    write_csv(project / "scenes.csv", scenes, (*HEADER, "scene"))
    words = ("a", "good.csv", "--data", "scenes.csv")
    printed = compare(project, *words, "--cluster", "scene").stdout
    assert "tests: 200 resamples of 12 dialogues in 6 clusters, seed 12345\n" in printed
    assert "Only 6 clusters: intervals from so few are too narrow" in printed
    assert " --cluster scene " in printed.split("next:")[1]
    (project / "named.yaml").write_text(
        f"data: {{columns: {{cluster: scene}}}}\n{PLAIN}", encoding="utf-8"
    )
    pivot_sum(project, "run", "named.yaml", "--data", "scenes.csv", "--out", "c")
    [own] = said(project, "c", "good.csv")["differences"]
    asked = said(project, *words, "--cluster", "scene")
    assert asked["clusters"] == 6 and said(project, *words)["clusters"] is None
    assert own["by_metric"] == asked["differences"][0]["by_metric"]
    refused = compare(project, *words, "--cluster", "scenes", code=12)
    assert "has no column scenes" in refused.stderr and "--cluster" in refused.stderr
