"""A recipe is changed as text: the masks of a step are set, and every other byte stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pivot_sum.errors import RecipeUnwritable
from pivot_sum.recipes.edit import require_writable, write_with_masks
from pivot_sum.recipes.recipe import load_recipe

MODEL = "model: some/model, source: ko, target: en"
BLOCK = """\
# A recipe of mine.
data: {{reference_language: en}}  # no way back
steps:
  - name: clean
    stage: clean
  - name: to-english
    stage: translate  # the translator
{masks}    model: some/model
    source: ko
    target: en
  # the end
"""


def written(folder: Path, text: str, masks: list[str], *, step: str = "to-english") -> str:
    """The text of the recipe after the masks of one step were set."""
    source = folder / "mine.yaml"
    source.write_bytes(text.encode())
    write_with_masks(str(source), {step: masks}, folder / "new.yaml")
    assert source.read_bytes().decode() == text
    return (folder / "new.yaml").read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    masks: [as-is, word]  # as ever\n", "    masks: [xml, as-is]  # as ever\n"),
        (
            "    masks:\n      - as-is  # first\n      - word  # second\n",
            "    masks:\n      [xml, as-is]  # second\n",
        ),
        (
            "    masks:\n    - as-is\n    - word\n    # then\n",
            "    masks:\n     [xml, as-is]\n    # then\n",
        ),
        ("    masks: [as-is,\n            word]\n", "    masks: [xml, as-is]\n"),
        ("    masks: []\n", "    masks: [xml, as-is]\n"),
        ("", "    masks: [xml, as-is]\n"),
        ("    'masks': [number]\n", "    'masks': [xml, as-is]\n"),
    ],
)
def test_only_the_masks_change(before: str, after: str, tmp_path: Path) -> None:
    assert written(tmp_path, BLOCK.format(masks=before), ["xml", "as-is"]) == BLOCK.format(
        masks=after
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{name: t, stage: translate, %s}", "{name: t, stage: translate, masks: [number], %s}"),
        ("{name: t, %s, stage: translate}", "{name: t, %s, stage: translate, masks: [number]}"),
        (
            "{masks: [word, as-is], name: t, stage: translate, %s}",
            "{masks: [number], name: t, stage: translate, %s}",
        ),
    ],
)
def test_a_step_on_one_line_stays_on_it(before: str, after: str, tmp_path: Path) -> None:
    head = "data: {reference_language: en}\nsteps:\n  - "
    assert (
        written(tmp_path, head + before % MODEL + "\n", ["number"], step="t")
        == head + after % MODEL + "\n"
    )


def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    text = BLOCK.format(masks="").replace("\n", "\r\n")
    assert written(tmp_path, text, ["xml"]) == BLOCK.format(masks="    masks: [xml]\n").replace(
        "\n", "\r\n"
    )


def test_several_steps_can_be_changed_at_once(tmp_path: Path) -> None:
    write_with_masks(
        "demo-pivot", {"to-english": ["name"], "to-korean": ["xml", "word"]}, tmp_path / "new.yaml"
    )
    shipped, new = load_recipe("demo-pivot"), load_recipe(str(tmp_path / "new.yaml"))
    masks = {step.name: step.stage.masks for step in new.steps if hasattr(step.stage, "masks")}
    assert masks == {"to-english": ("name",), "to-korean": ("xml", "word")}
    assert [step.name for step in new.steps] == [step.name for step in shipped.steps]
    assert (
        (tmp_path / "new.yaml")
        .read_text(encoding="utf-8")
        .startswith("# yaml-language-server: $schema=recipe.schema.json\n# The demo: Korean")
    )


def test_the_recipe_itself_can_be_the_target(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(BLOCK.format(masks=""), encoding="utf-8")
    write_with_masks(str(mine), {"to-english": ["xml"]}, mine)
    assert mine.read_text(encoding="utf-8") == BLOCK.format(masks="    masks: [xml]\n")
    assert list(tmp_path.iterdir()) == [mine]


def test_masks_shared_by_an_anchor_are_left_to_the_user(tmp_path: Path) -> None:
    text = (
        "data: {reference_language: ko}\nsteps:\n  - {name: to-english, stage: translate, masks: &m"
        " [as-is], model: a/b, source: ko, target: en}\n  - {name: back, stage: translate, masks:"
        " *m, model: a/b, source: en, target: ko}\n"
    )
    with pytest.raises(RecipeUnwritable, match=r"write into it yourself: back: masks: \[xml\]"):
        written(tmp_path, text, ["xml"], step="back")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.yaml"]


def test_another_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(RecipeUnwritable, match="exists and is not the recipe itself"):
        write_with_masks("demo-pivot", {"to-english": ["xml"]}, tmp_path / "notes.yaml")
    assert (tmp_path / "notes.yaml").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_missing_or_closed_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeUnwritable, match="nowhere does not exist"):
        require_writable("demo-pivot", tmp_path / "nowhere" / "new.yaml")
    if os.geteuid() != 0:  # nothing is closed to root
        tmp_path.chmod(0o500)
        with pytest.raises(RecipeUnwritable, match="is not writable"):
            require_writable("demo-pivot", tmp_path / "new.yaml")
