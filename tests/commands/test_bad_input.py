"""Bad data and bad recipes through the real command line: one clear message each, an exit code of
its own, nothing half done."""

from __future__ import annotations

from pathlib import Path

import pytest
from badinput import RUN, project, refused
from commandline import dialogues, write_csv

__all__ = ["project"]  # a fixture

HELLO = "#Person1#: 안녕하세요?\n#Person2#: 네, 안녕하세요."


def test_a_data_file_that_is_not_there_is_named_with_the_one_that_was_meant(project: Path) -> None:
    message = refused(project, 10, "run", "text.yaml", "--data", "dat.csv")
    assert (
        "There is no file dat.csv." in message
        and "Did you mean data.csv?" in message
        and "Check the path." in message
    )


def test_a_recipe_without_a_data_file_asks_for_one(project: Path) -> None:
    assert "add --data FILE" in refused(project, 10, "run", "text.yaml")


def test_a_binary_file_is_no_table(project: Path) -> None:
    (project / "data.csv").write_bytes(b"PK\x03\x04\x00\x00\xff\xfe" * 20)
    message = refused(project, 11, *RUN)
    assert message.startswith("data.csv is not a text file") and "Save it as CSV" in message


def test_a_binary_file_that_calls_itself_parquet_is_no_table(project: Path) -> None:
    (project / "data.parquet").write_bytes(b"PK\x03\x04\x00\x00\xff\xfe" * 20)
    assert "data.parquet is not a Parquet file" in refused(
        project, 11, "run", "text.yaml", "--data", "data.parquet"
    )


def test_a_missing_column_is_named_with_the_nearest_one(project: Path) -> None:
    write_csv(project / "data.csv", dialogues(2), header=("fname", "dialog"))
    message = refused(project, 12, *RUN)
    assert (
        "no column dialogue" in message
        and "Did you mean dialog?" in message
        and "fname, dialog" in message
    )


def test_ids_that_occur_twice_are_named(project: Path) -> None:
    write_csv(project / "data.csv", [*dialogues(3), *dialogues(2)])
    message = refused(project, 13, *RUN)
    assert "d0, d1" in message and "d2" not in message


@pytest.mark.parametrize("content", ["", "fname,dialogue\n"], ids=["no bytes", "only a header"])
def test_an_empty_file_is_called_empty(project: Path, content: str) -> None:
    (project / "data.csv").write_text(content, encoding="utf-8")
    assert "data.csv holds no rows" in refused(project, 14, *RUN)


def test_an_empty_dialogue_is_named_by_its_id(project: Path) -> None:
    write_csv(project / "data.csv", [("first", HELLO), ("second", " \n ")])
    message = refused(project, 15, *RUN)
    assert "no dialogue" in message and "second" in message and "first" not in message


THREE_MISTAKES = """\
steps:
  - {name: clean, stage: clean, coloquial: true}
  - {name: tidy, stage: polsih}
  - {name: to-english, stage: translate, model: anything, source: ko, target: en, num_beams: 0}
"""


def test_three_mistakes_of_a_recipe_are_reported_at_once_each_with_its_place(project: Path) -> None:
    (project / "text.yaml").write_text(THREE_MISTAKES, encoding="utf-8")
    heading, *mistakes, advice = refused(project, 20, *RUN).rstrip().split("\n")
    assert "text.yaml" in heading and "3 mistakes" in heading
    first, second, third = mistakes
    assert (
        "steps[0] (clean)" in first
        and "coloquial" in first
        and "did you mean 'colloquial'?" in first
    )
    assert "steps[1] (tidy)" in second and "polsih" in second and "did you mean 'polish'?" in second
    assert "steps[2] (to-english)" in third and "num_beams" in third
    assert "pivot-sum stages" in advice


def test_a_recipe_whose_languages_do_not_fit_together_is_refused(project: Path) -> None:
    message = refused(project, 20, *RUN, "--set", "data.reference_language=en")
    assert "data.reference_language: the references are en, but step spoken gives ko" in message


def test_a_recipe_that_is_no_yaml_is_refused(project: Path) -> None:
    (project / "text.yaml").write_text("steps: [", encoding="utf-8")
    assert "text.yaml is not readable YAML" in refused(project, 20, *RUN)


def test_an_unknown_recipe_is_named_with_the_nearest_one(project: Path) -> None:
    message = refused(project, 22, "run", "demo-pivvot", "--data", "data.csv")
    assert "no recipe 'demo-pivvot'" in message and "did you mean 'demo-pivot'?" in message


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (
            "--stages",
            "claen..tidy",
            "no step 'claen' in the recipe (did you mean 'clean'?); its steps: clean, tidy, spoken",
        ),
        ("--stages", "clean,tody", "no step 'tody' in the recipe (did you mean 'tidy'?)"),
        ("--stages", "tidy..clean", "tidy comes after clean; the order is clean -> tidy -> spoken"),
        (
            "--set",
            "claen.language=en",
            "no step 'claen' (did you mean 'clean'?); steps: clean, tidy, spoken",
        ),
        ("--set", "clean", "not of the form step.field=value"),
    ],
)
def test_a_step_that_is_not_in_the_recipe_is_named_with_the_nearest_one(
    project: Path, option: str, value: str, said: str
) -> None:
    assert said in refused(project, 21, *RUN, option, value)


def test_setting_a_field_the_stage_does_not_have_is_a_mistake_of_the_recipe(project: Path) -> None:
    assert "did you mean 'colloquial'?" in refused(
        project, 20, *RUN, "--set", "clean.coloquial=true"
    )
