"""The stage `names`: what comes back from English is spelt as in the dialogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from pivot_sum.stages.base import Answer, declared_identity, resolved_identity
from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.names import IN_DOUBT, Names
from pivot_sum.stages.seen import Seen

DIALOGUE = "#Person1#: 더슨 씨, 세리 선생님 봤어요?\n#Person2#: 네, 톰이랑 Kodo에 갔어요."
ENGLISH = (
    "#Person1#: Mr. Dawson, did you see Ms. Sherry?\n#Person2#: Yes, she went to Kodo with Tom."
)
SUMMARY = "#Person1# asks Mr. Dawson about Sherry, who went to Kodo with Tom."


def answer(text: str, *, names: Names | None = None, pivot: str = SUMMARY) -> Answer:
    packed = Seen(DIALOGUE, DIALOGUE, text, ENGLISH, pivot).packed()
    [found] = (names or Names()).answers([packed])
    return found


def test_names_return_in_the_dialogues_spelling_and_each_is_counted() -> None:
    found = answer("#Person1#은 도슨 씨에게 셰리 선생님에 대해 묻는다. 셰리는 탐과 고도에 갔다.")
    assert found.text == (
        "#Person1#은 더슨 씨에게 세리 선생님에 대해 묻는다. 세리는 톰과 Kodo에 갔다."
    )
    assert found.note == {"repairs": {"names as in the dialogue": 5}}


def test_particles_agree_with_the_new_spelling() -> None:
    found = answer(
        "셰린은 도스를 만났고 토미가 셰린이라고 했다.", pivot="Sherry met Dawson and Tom."
    )
    assert found.text == "세리는 더슨을 만났고 톰이 세리라고 했다."


def test_a_summary_with_the_right_names_stays_and_gets_no_note() -> None:
    text = "#Person1#은 더슨 씨에게 세리가 톰과 Kodo에 갔는지 묻는다."
    assert answer(text) == Answer(text)


def test_what_is_uncertain_stays_and_is_flagged() -> None:
    text = "#Person1#은 그에게 세리가 톰과 Kodo에 갔는지 묻는다."
    assert answer(text) == Answer(text, {"flags": [IN_DOUBT]})


def test_a_name_that_is_not_in_the_english_summary_is_not_looked_for() -> None:
    assert answer("도슨이 왔다.", pivot="He came.") == Answer("도슨이 왔다.")


@pytest.fixture
def listed(tmp_path: Path) -> Names:
    file = tmp_path / "names.csv"
    file.write_text("Dawson,도오슨\n셰리,쎄리\n", encoding="utf-8")
    return Names(spellings=str(file))


@pytest.mark.parametrize("spelling", ["도슨", "더슨", "도오슨", "다우슨"])
def test_the_list_goes_before_the_dialogue(listed: Names, spelling: str) -> None:
    found = answer(f"{spelling} 씨가 왔다.", names=listed, pivot="Mr. Dawson came.")
    assert found.text == "도오슨 씨가 왔다."


def test_a_wrong_korean_spelling_of_the_list_is_replaced_wherever_it_stands(listed: Names) -> None:
    found = answer("셰리는 셰리 것을, 셰리안은 제 것을 가졌다.", names=listed, pivot="Others did.")
    assert found.text == "쎄리는 쎄리 것을, 셰리안은 제 것을 가졌다."
    assert found.note["repairs"] == {"names as in the list": 2}


def test_of_listed_spellings_that_overlap_the_longer_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("왕 메이,왕메이\n메이,마이\n왕,황\n", encoding="utf-8")
    found = answer("왕 메이는 왕과 메이를 봤다.", names=Names(spellings=str(file)), pivot="Seen.")
    assert found.text == "왕메이는 황과 마이를 봤다."


def test_the_identity_holds_the_list_by_content(listed: Names, tmp_path: Path) -> None:
    before = resolved_identity(listed)
    assert before["spellings"] != declared_identity(listed)["spellings"]
    (tmp_path / "names.csv").write_text("Dawson,더슨\n", encoding="utf-8")
    assert resolved_identity(Names(spellings=listed.spellings)) != before
    with pytest.raises(ModelUnreachable, match=r"list of names \S+ does not exist"):
        resolved_identity(Names(spellings=str(tmp_path / "none.csv")))
    assert resolved_identity(Names()) == declared_identity(Names())


def test_it_runs_over_whole_summaries() -> None:
    assert Names().mistakes("dialogue") == []
    assert "whole summary" in Names().mistakes("sentence")[0]
