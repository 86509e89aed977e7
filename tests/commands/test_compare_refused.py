"""What `pivot-sum compare` refuses, each with its message, and leaves nothing behind."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from commandline import dialogues, everything_in, pivot_sum, write_csv
from compareproject import (
    EVERY,
    HEADER,
    PLAIN,
    compare,
    compared,
    edit_record,
    predictions,
    project,
    rows,
    said,
)

__all__ = ["compared", "project"]


def refused(folder: Path, *words: object, code: int = 56) -> str:
    """The message of a comparison that is refused and leaves nothing behind."""
    before = everything_in(folder)
    message = compare(folder, *words, code=code).message
    assert everything_in(folder) == before
    return message


def test_one_system_is_refused(compared: Path) -> None:
    assert refused(compared, "a").startswith("there is only a; name another to compare it with")


def test_what_is_nothing_we_know_is_refused_with_the_nearest_recipe(compared: Path) -> None:
    message = refused(compared, "a", "demo-pivott")
    assert message.startswith(
        "demo-pivott is neither a run folder nor a predictions file nor a recipe"
    )
    assert "did you mean 'demo-pivot'?" in message


@pytest.mark.parametrize(
    ("name", "code"), [("gone.csv", 51), ("gone.yaml", 22), ("runs-elsewhere", 50)]
)
def test_a_system_that_is_not_there_is_refused(project: Path, name: str, code: int) -> None:
    (project / "runs-elsewhere").mkdir()
    assert name in refused(project, "a", name, code=code)


def test_a_run_that_failed_or_has_not_finished_is_refused_with_its_reason(project: Path) -> None:
    edit_record(
        project / "b", lambda record: record.update(status="failed", error="step 2 (tidy): no room")
    )
    assert refused(project, "a", "b").startswith(
        "run b is not finished (failed: step 2 (tidy): no room). Type the same again"
    )
    edit_record(
        project / "b", lambda record: (record.update(status="started"), record.pop("error"))
    )
    assert refused(project, "a", "b").startswith("run b is not finished (started). ")


def test_a_partial_run_is_refused(project: Path) -> None:
    pivot_sum(
        project, "run", "spoken.yaml", "--data", "data.csv", "--stages", "clean", "--out", "part"
    )
    message = refused(project, "a", "part")
    assert message.startswith(
        "run part has no summaries: it ran 1 of 2 steps (--stages clean). Run the recipe to its end"
    )


def test_a_run_that_saw_the_references_is_refused(project: Path) -> None:
    edit_record(project / "b", lambda record: record.update(oracles=["summarize"]))
    assert "run b put references in place of its own answers (summarize)" in refused(
        project, "a", "b"
    )


@pytest.mark.parametrize("text", ["[]", "{}", '{"status": "finished"}', "half"])
def test_a_damaged_record_is_refused(project: Path, text: str) -> None:
    (project / "b/run.json").write_text(text, encoding="utf-8")
    assert "damaged" in refused(project, "a", "b", code=50)


def test_systems_that_answer_other_ids_are_refused_with_the_ids(project: Path) -> None:
    predictions(project / "short.csv", [*EVERY[:10], "d77"])
    message = refused(project, "a", "short.csv")
    assert message.startswith(
        "plain and short do not answer the same dialogues: 2 (d10, d11) only in plain; 1 (d77) only"
        " in short."
    )
    assert "--limit N" in message
    assert said(project, "a", "short.csv", "--limit", "10")["samples"] == 10
    assert refused(project, "a", "short.csv", "--limit", "11").startswith(
        "short has no summary for 1 (d10) of the first 11 dialogues of data.csv."
    )


def test_ids_that_the_data_does_not_have_are_refused(project: Path) -> None:
    predictions(project / "other.csv", ["x1", "x2"])
    message = refused(project, "other.csv", "other.csv", "--data", "data.csv")
    assert message.startswith("other.csv answers 2 (x1, x2) of 2 ids that data.csv does not have.")


def test_predictions_alone_are_taken_for_the_demos_and_asked_for_their_data(compared: Path) -> None:
    assert "Name the data it was made from with --data FILE" in refused(
        compared, "good.csv", "good.csv"
    )


def test_data_that_has_changed_since_a_run_is_refused(project: Path) -> None:
    write_csv(project / "data.csv", rows()[:-1], HEADER)
    message = refused(project, "a", "b")
    assert message.startswith(
        "run a was made from data.csv, which has changed since, so its dialogues cannot be checked."
    )
    (project / "data.csv").unlink()
    assert "which is not there (looked from " in refused(project, "a", "b")


def test_runs_over_other_dialogues_of_the_same_ids_are_refused(project: Path) -> None:
    changed = [
        (id_, text.replace("볼까요", "만날까요") if id_ in ("d3", "d4") else text, *more)
        for id_, text, *more in rows()
    ]
    write_csv(project / "changed.csv", changed, HEADER)
    pivot_sum(project, "run", "spoken.yaml", "--data", "changed.csv", "--out", "c")
    message = refused(project, "a", "c")
    assert message.startswith(
        "run c was made from changed.csv, whose dialogues are not those of data.csv: 2 (d3, d4) of"
        " 12 differ."
    )


def test_a_recipe_made_for_other_data_is_not_run_over_that_of_the_others(project: Path) -> None:
    message = refused(project, "a", "demo-direct")
    assert message.startswith(
        "recipe demo-direct is made for demo:dialogues, but the others answer data.csv."
    )


def test_recipes_that_read_other_columns_are_refused(project: Path) -> None:
    (project / "other.yaml").write_text(
        f"data: {{columns: {{id: number}}}}\n{PLAIN}", encoding="utf-8"
    )
    assert refused(project, "a", "other.yaml").startswith(
        "recipe other reads other columns than the others."
    )


def test_without_references_nothing_is_scored_and_no_recipe_is_run(project: Path) -> None:
    write_csv(project / "test.csv", dialogues(3))
    message = refused(project, "plain.yaml", "spoken.yaml", "--data", "test.csv", code=52)
    assert message.startswith("test.csv has no reference summary for 3 (d0, d1, d2) of 3 dialogues")


def test_english_summaries_are_refused(project: Path) -> None:
    predictions(project / "english.csv", EVERY, "Person one and two agree to meet at the library.")
    message = refused(project, "a", "english.csv", code=52)
    assert message.startswith(
        "english cannot be scored: 12 of 12 (100%) hypotheses are in another script than their"
        " references"
    )


def test_an_unknown_tokenizer_is_refused(compared: Path) -> None:
    ran = pivot_sum(compared, "compare", "a", "b", "--tokenizer", "mekab", code=53)
    assert "mekab" in ran.message


def test_offline_what_a_recipe_never_answered_is_a_miss(project: Path) -> None:
    write_csv(project / "more.csv", rows(13), HEADER)
    message = refused(
        project, "plain.yaml", "spoken.yaml", "--data", "more.csv", "--offline", code=3
    )
    assert message.startswith("step 1 (clean): 1 text of 1 sample (d12) not in the cache.")


def test_predictions_with_an_id_twice_are_refused(project: Path) -> None:
    with (project / "good.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["d1", "또"])
    assert "d1" in refused(project, "a", "good.csv", code=51)
