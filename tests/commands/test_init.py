"""`init`, `schema`, and what the shell completes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from commandline import ROOT, dialogues, pivot_sum, text_project

from pivot_sum.commands.init import schema_text
from pivot_sum.recipes.recipe import RECIPES_FOLDER, shipped_recipes
from pivot_sum.recipes.schema import SCHEMA_FILE, recipe_schema
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import stage_fields

LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
SHIPPED = [RECIPES_FOLDER / f"{name}.yaml" for name in shipped_recipes()]


def rules() -> dict[str, Any]:
    """What the schema asks of a step, by the name of its stage."""
    found = recipe_schema(STAGES)["properties"]["steps"]["items"]["allOf"]
    return {rule["if"]["properties"]["stage"]["const"]: rule["then"] for rule in found}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_recipe_names_the_schema_and_keeps_to_it(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(LINE)
    for step in yaml.safe_load(path.read_text(encoding="utf-8"))["steps"]:
        rule = rules()[step["stage"]]
        assert set(rule["required"]) <= set(step) <= set(rule["properties"])


def test_the_shipped_schema_is_what_the_program_prints() -> None:
    shipped = (ROOT / "configs" / SCHEMA_FILE).read_text(encoding="utf-8")
    assert shipped == schema_text(), f"pivot-sum schema > configs/{SCHEMA_FILE}"


@pytest.mark.parametrize("name", STAGES)
def test_the_schema_explains_every_field(name: str) -> None:
    rule = rules()[name]
    for field in stage_fields(STAGES[name]):
        about = rule["properties"][field.name]
        assert about["description"] == field.metadata["help"]
        assert ("default" in about) is (field.name not in rule["required"])
    assert set(rule["properties"]) == {"name", "stage", "over"} | {
        field.name for field in stage_fields(STAGES[name])
    }
    assert rule["additionalProperties"] is False


def test_the_schema_knows_allowed_values_and_bounds() -> None:
    fields = rules()["translate"]["properties"]
    assert fields["source"]["enum"] == ["ko", "en"]
    assert (fields["num_beams"]["type"], fields["num_beams"]["minimum"]) == ("integer", 1)
    assert "xml" in fields["masks"]["items"]["enum"]
    columns = recipe_schema(STAGES)["definitions"]["recipe.ColumnNames"]["properties"]
    kinds = [kind["type"] for kind in columns["references"]["anyOf"]]
    assert kinds == ["string", "array", "null"]


def test_init_copies_a_recipe_that_runs_and_overwrites_nothing(tmp_path: Path) -> None:
    printed = pivot_sum(tmp_path, "init", "demo-direct").stdout
    assert "pivot-sum run demo-direct.yaml\n" in printed
    copied = (tmp_path / "demo-direct.yaml").read_bytes()
    assert copied == (RECIPES_FOLDER / "demo-direct.yaml").read_bytes()
    assert json.loads((tmp_path / SCHEMA_FILE).read_text(encoding="utf-8"))["properties"]["steps"]
    pivot_sum(tmp_path, "run", "demo-direct.yaml", "--limit", "1", "--dry-run")
    (tmp_path / "demo-direct.yaml").write_text("mine", encoding="utf-8")
    (tmp_path / SCHEMA_FILE).write_text("mine", encoding="utf-8")
    assert (
        "exists and is left as it is" in pivot_sum(tmp_path, "init", "demo-direct", code=23).message
    )
    assert "was here and is left" in pivot_sum(tmp_path, "init").stdout
    assert (tmp_path / "demo-direct.yaml").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / SCHEMA_FILE).read_text(encoding="utf-8") == "mine"


def test_init_asks_for_data_where_a_recipe_names_none_and_for_a_recipe_we_ship(
    tmp_path: Path,
) -> None:
    printed = pivot_sum(tmp_path, "init", "direct-t5").stdout
    assert "pivot-sum run direct-t5.yaml --data YOUR.csv" in printed
    assert "no recipe 'demo'" in pivot_sum(tmp_path, "init", "demo", code=22).message


# What the shell completes


def completed(folder: Path, *words: str) -> list[str]:
    """What bash is offered for the last word."""
    ran = pivot_sum(
        folder,
        env={
            "_PYTHON _M PIVOT_SUM_COMPLETE": "complete_bash",  # the tests' name of the program
            "COMP_WORDS": " ".join(("pivot-sum", *words)),
            "COMP_CWORD": str(len(words)),
        },
        code=None,
    )
    return ran.stdout.split()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = text_project(tmp_path / "project", dialogues(1))
    (folder / "runs" / "text-1").mkdir(parents=True)
    (folder / "runs" / "text-1" / "run.json").write_text("{}", encoding="utf-8")
    (folder / "outside.yaml").write_text(
        "steps: [{name: mine, stage: 'nowhere:Stage'}]", encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["run", "demo"], ["demo-direct", "demo-pivot"]),
        (["run", "te"], ["text.yaml"]),
        (["init", "pivot-d"], ["pivot-deepl-bart"]),
        (["run", "text.yaml", "--stages", "t"], ["tidy"]),
        (["run", "text.yaml", "--stages", "clean..s"], ["clean..spoken"]),
        (["run", "text.yaml", "--stages", "clean,"], ["clean,clean", "clean,tidy", "clean,spoken"]),
        (
            ["run", "text.yaml", "--set", "tidy."],
            ["tidy.language=", "tidy.speakers=", "tidy.batch_size="],
        ),
        (["run", "outside.yaml", "--set", "m"], ["mine."]),
        (["run", "missing.yaml", "--set", "m"], []),
        (["run", "--stages", "to-k"], ["to-korean"]),
        (["show", "runs/"], ["runs/text-1", "runs/text-1/"]),
        (["compare", "demo-d"], ["demo-direct"]),
        (["compare", "dat"], ["data.csv"]),
        (["report", "demo-d"], []),  # which takes no recipes
        (["score", "dat"], ["data.csv"]),
        (["score", "data.csv", "--metric", "c"], ["chrf"]),
        (["report", "--tokenizer", "k"], ["kiwi", "komoran", "kkma"]),
        (["sch"], ["schema"]),
    ],
)
def test_tab_completes(project: Path, words: list[str], offered: list[str]) -> None:
    assert completed(project, *words) == offered
