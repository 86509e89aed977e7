"""Stages from outside: found by module and class or by an entry point, checked, named in the
identity; each mistake with one message."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pivot_sum.errors import RecipeInvalid
from pivot_sum.recipes.recipe import Recipe, load_recipe, recorded_recipe
from pivot_sum.stages import registry
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.errors import StageUnknown
from pivot_sum.stages.registry import all_stages, find_stage

RULE = """
from pivot_sum.stages.rule import Rule

class Shout(Rule):
    name = "shout"
    version = 3
    word: str = "!"

    def apply(self, text):
        return text + self.word
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder; what is imported from it, and that it was searched, is forgotten."""
    import sys

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
    registry._imported.cache_clear()


def module(folder: Path, name: str, text: str = RULE) -> Path:
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def loaded(folder: Path, stage: str, **fields: Any) -> Recipe:
    step = {"name": "mine", "stage": stage, **fields}
    path = folder / "mine.yaml"
    path.write_text(json.dumps({"steps": [step]}), encoding="utf-8")
    return load_recipe(str(path))


def refused(folder: Path, stage: str, **fields: Any) -> str:
    """The one mistake of a recipe with this step."""
    with pytest.raises(RecipeInvalid) as caught:
        loaded(folder, stage, **fields)
    [_, mistake, _] = str(caught.value).splitlines()
    return mistake.removeprefix("  - ")


def test_a_stage_is_found_by_its_module_and_named_so_in_the_identity(folder: Path) -> None:
    module(folder, "loud")
    [step] = loaded(folder, "loud:Shout", word="?").steps
    assert step.stage(["네", " "]) == ["네?", " "]
    assert step.declared_identity() == step.resolved_identity()
    assert step.declared_identity() == {
        "stage": "loud:Shout",
        "version": 3,
        "language": "ko",
        "word": "?",
    }


def test_its_fields_are_checked_like_those_of_a_built_in_stage(folder: Path) -> None:
    module(folder, "loud")
    assert refused(folder, "loud:Shout", wrod="x") == (
        "steps[0] (mine).wrod: unknown key (did you mean 'word'?)"
    )
    assert refused(folder, "loud:Shout", word=3).startswith(
        "steps[0] (mine).word: input should be a valid string, not 3"
    )


def test_a_note_says_once_that_code_from_outside_runs(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = module(folder, "loud")
    loaded(folder, "loud:Shout")
    loaded(folder, "loud:Shout")
    assert [record.message for record in caplog.records] == [
        f"stage loud:Shout is code from outside pivot-sum: {file}"
    ]


def test_a_module_may_lie_beside_the_recipe_and_never_shadows_an_installed_one(
    folder: Path,
) -> None:
    beside = folder / "recipes"
    beside.mkdir()
    module(beside, "quiet")
    module(beside, "json", "raise AssertionError('imported')\n")
    assert loaded(beside, "quiet:Shout").steps[0].kind == "quiet:Shout"
    assert "json/__init__.py has no 'Shout'" in refused(beside, "json:Shout")


def test_the_recipe_of_a_run_finds_the_module_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = folder / "recipes"
    beside.mkdir()
    module(beside, "again", RULE + '    task = "rewrite"\n')
    filled = json.loads(json.dumps(loaded(beside, "again:Shout").filled()))
    monkeypatch.chdir("/")
    assert recorded_recipe(filled, Path("runs/x/run.json")).steps[0].kind == "again:Shout"


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (RULE, "nowhere:Shout", "there is no module 'nowhere'; it has to be installed, or lie in"),
        (RULE, "made.sub:Shout", "there is no module 'made.sub'"),
        (RULE, "made:Shuot", "made.py has no 'Shuot' (did you mean 'Shout'?)"),
        ("import unheard_of\n", "made:X", "importing it raises ModuleNotFoundError: No module n"),
        ("1 / 0\n", "made:X", "importing it raises ZeroDivisionError: division by zero ("),
        ("def f(:\n", "made:X", "importing it raises SyntaxError: "),
        ("raise SystemExit(3)\n", "made:X", "importing it raises SystemExit: 3"),
        ("def f(texts): return texts\n", "made:f", "is not a stage: it is a function, not a class"),
        (
            "class A:\n    name = 'a'\n    def __call__(self, texts): return texts\n",
            "made:A",
            "write @dataclass(frozen=True, kw_only=True) above it, or derive it from Rule",
        ),
        (
            "from pivot_sum.stages.rule import Rule\nclass A(Rule):\n    name = 'a'\n",
            "made:A",
            "is not a stage: it has no version (a whole number); it has no apply",
        ),
        (
            "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass A:\n    x: int\n",
            "made:A",
            "it has no name (a text); it has no version (a whole number); it has no task (one of"
            " clean, translate, summarize, polish, rewrite); it has no placeholders (one of keep,"
            " repair, select); it has no source (the language it takes), as a field, a property or"
            " a class attribute; it has no target (the language it gives), as a field, a property"
            " or a class attribute; it has no batch_size (how many texts it gets at once), as a"
            " field, a property or a class attribute; it has no __call__(texts)",
        ),
        (RULE + "    task = 'shout'\n", "made:Shout", "its task is 'shout', not one of clean, tr"),
        (RULE + "    over: int = 3\n", "made:Shout", "it has a field over: without an annotation"),
        (RULE + "    far: 'Unknown' = 3\n", "made:Shout", "its fields cannot be checked: name 'Un"),
        (RULE + "    own: object = object()\n", "made:Shout", "own: <object object at"),
    ],
)
def test_what_is_no_stage_is_refused_with_one_message(
    folder: Path, text: str, name: str, said: str
) -> None:
    module(folder, "made", text)
    message = refused(folder, name)
    assert re.match(rf"steps\[0\] \(mine\)\.(stage: {re.escape(name)}|own:)", message), message
    assert said in message


# Registered by an installed package


def registering(monkeypatch: pytest.MonkeyPatch, **places: str) -> None:
    points = [
        SimpleNamespace(name=name, value=place, dist=SimpleNamespace(name="their-package"))
        for name, place in places.items()
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    registry.registered_stages.cache_clear()


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    registry.registered_stages.cache_clear()


def test_a_registered_stage_is_used_by_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(folder, "theirs")
    monkeypatch.syspath_prepend(str(folder))
    registering(monkeypatch, loud="theirs:Shout")
    [step] = loaded(folder, "loud").steps
    assert step.declared_identity()["stage"] == "loud" and step.is_outside
    assert list(all_stages())[-1] == "loud"
    with pytest.raises(StageUnknown, match=r"no stage is called 'luod' \(did you mean 'loud'\?\)"):
        find_stage("luod")


def test_a_built_in_name_stays_the_built_in_stage_and_a_note_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    registering(monkeypatch, clean="theirs:Shout")
    assert find_stage("clean") is Clean
    [record] = caplog.records
    assert record.message == (
        "the stage 'clean' that the package their-package registers is left out: the name means the"
        " built-in stage; write `stage: theirs:Shout` in the recipe"
    )


def test_a_registered_stage_that_cannot_be_imported_does_not_hide_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    registering(monkeypatch, broken="not_there:Shout")
    assert "clean" in all_stages() and "broken" not in all_stages()
    assert "broken: there is no module 'not_there'" in caplog.text
