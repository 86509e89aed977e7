"""Notes on speakers, before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Recipe, load_recipe
from pivot_sum.running.notes import say_notes

DIALOGUES = ("민수: 갈까요?\n지영: 네.\n민수: 좋아요.", "팀장: 시작합시다.\n지영: 네.")


def recipe(folder: Path, clean: str, polish: str = "placeholder") -> Recipe:
    path = folder / "text.yaml"
    path.write_text(
        f"steps:\n  - {{name: tidy, stage: clean, speakers: {clean}}}\n"
        f"  - {{name: last, stage: polish, speakers: {polish}}}\n",
        encoding="utf-8",
    )
    return load_recipe(str(path))


def notes(
    found: Recipe, caplog: pytest.LogCaptureFixture, dialogues: Sequence[str] = DIALOGUES
) -> list[str]:
    samples = [Sample(str(number), text, (), None, None) for number, text in enumerate(dialogues)]
    caplog.clear()
    say_notes(found, Path("data.csv"), samples)
    return caplog.messages


def test_a_misspelt_auto_is_not_taken_for_a_name_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = notes(recipe(tmp_path, "atuo"), caplog)
    assert "tidy.speakers: no line begins with `atuo:`; did you mean tidy.speakers=auto?" in said
    assert notes(recipe(tmp_path, "auto"), caplog) == []


def test_named_speakers_that_do_not_occur_or_leave_others_out_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert notes(recipe(tmp_path, "[민수, 지영, 팀장]"), caplog) == []
    assert notes(recipe(tmp_path, "[민수, 지영, 영희]"), caplog) == [
        "tidy.speakers: no line begins with `영희:`",
        "tidy.speakers leaves out whom lines begin with as well: 팀장 (1 dialogue)",
    ]


def test_names_that_nothing_took_off_cannot_be_put_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = "last.speakers=name puts no name back: no step writes names as #PersonN#"
    assert any(note.startswith(said) for note in notes(recipe(tmp_path, "off", "name"), caplog))
    assert notes(recipe(tmp_path, "auto", "name"), caplog) == []


def test_lines_whose_speaker_is_in_a_form_that_is_not_read_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    forms = ("- 민수: 갈까요?\n지영: 네.\n지영: 좋아요.", "팀장: 네.\n지영: 네.")
    [said] = notes(recipe(tmp_path, "auto"), caplog, forms)
    assert said.startswith(
        "1 line of 1 dialogue (of 2 looked at) begin with no speaker, the first '- 민수: 갈까요?'"
        " of 0: "
    )
    [said] = notes(recipe(tmp_path, "auto"), caplog, ("[민수] 네", "1: 네"))
    assert said.startswith("no dialogue of data.csv has a #Person1#")
    assert "`[민수]`, `- 민수:`, `1:`) have to be rewritten" in said


@pytest.mark.parametrize(("over", "times"), [("dialogue", 1), ("turn", 0)])
def test_a_translator_that_gets_whole_dialogues_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, over: str, times: int
) -> None:
    path = tmp_path / "pivot.yaml"
    path.write_text(
        "steps:\n"
        f"  - {{name: there, stage: translate, model: m, source: ko, target: en, over: {over}}}\n"
        "  - {name: short, stage: summarize, model: m, language: en}\n"
        "  - {name: back, stage: translate, model: m, source: en, target: ko, over: dialogue}\n",
        encoding="utf-8",
    )
    said = notes(load_recipe(str(path)), caplog, ("#Person1#: 네.",))
    assert len([note for note in said if note.startswith("there translates whole")]) == times
    assert not any(note.startswith("back") for note in said)
