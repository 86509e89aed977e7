"""Untrusted recipes and settings of models: YAML is values, as many as a recipe can have, and never
code."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pivot_sum.errors import RecipeInvalid
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.scoring.comet import Comet
from pivot_sum.stages.errors import DamagedModel
from pivot_sum.strict_yaml import read_yaml

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


DECEIVING = (
    LAUGHS,
    "[" * 5000,
    "a: " + "[" * 100 + "]" * 100,
    "a: &a [*a]",
    "- x\n" * 400_000,
    "? [a]: b\n: c",
    "when: 2021-99-99",
    "n: !!int nothing",
    "n: 1" + "0" * 5000,
    "!!python/object/apply:os.system [touch /tmp/owned]",
    "a: !!python/name:os.system",
    "a: 1\na: 2",
    "\x00",
    "a: \ud800",
)


@pytest.mark.parametrize("text", DECEIVING, ids=lambda text: text[:20])
def test_what_no_recipe_can_be_is_one_error(text: str, tmp_path: Path) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)
    file = tmp_path / "r.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(RecipeInvalid, match="is not readable YAML"):
        load_recipe(str(file))


@pytest.mark.parametrize("text", DECEIVING, ids=lambda text: text[:20])
def test_settings_of_a_model_that_are_no_values_are_one_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "model.ckpt").touch()
    (tmp_path / "hparams.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(DamagedModel, match=r"hparams\.yaml cannot be read"):
        Comet(str(tmp_path))


def test_anchors_that_are_used_as_people_use_them_are_read() -> None:
    assert read_yaml("a: &x {b: 1}\nc: [*x, *x]") == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}
