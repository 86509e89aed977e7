"""The turns of a dialogue in the report, side by side, where speakers are called by their names."""

from __future__ import annotations

import pytest

from pivot_sum.data.samples import Sample
from pivot_sum.html.i18n import Interface
from pivot_sum.report.cards import Card
from pivot_sum.report.cards import card as card_of
from pivot_sum.report.systems import ReportSystem, StageTexts
from pivot_sum.stages.clean import Clean, SpeakerNames

DIALOGUE = "민수: 표 두 장  주세요.\r\n 박 과장 : 네, 만 원입니다\u200b.\r\n민수: 고맙습니다."


def card(dialogue: str, *texts: str) -> Card:
    """The card of a dialogue with what its stages gave, each in Korean."""
    sample = Sample("a", dialogue, (), None, None)
    stages = tuple(
        StageTexts(f"s{number}", "ko", {"a": text}, {}, False) for number, text in enumerate(texts)
    )
    system = ReportSystem(0, "one", {"a": "끝."}, stages)
    return card_of(sample, 0, [system], None, [], 0, Interface())


def cleaned(dialogue: str, speakers: SpeakerNames = "auto") -> str:
    return Clean(speakers=speakers).answers([dialogue])[0].text


def test_a_speaker_by_name_is_the_speaker_of_the_turn_and_only_the_name_is_marked() -> None:
    rows = card(DIALOGUE, cleaned(DIALOGUE)).rows
    assert [(row.speaker, row.kind) for row in rows] == [
        ("민수", "p1"),
        ("박 과장", "p2"),
        ("민수", "p1"),
    ]
    assert [row.cells for row in rows][::2] == [
        [said, f'<del>민수</del> <ins><b class="p p1">#Person1#</b></ins>: {shown}']
        for said, shown in (
            ("표 두 장  주세요.", "표 두 장  주세요."),
            ("고맙습니다.", "고맙습니다."),
        )
    ]
    assert rows[1].cells[1].startswith('<del>박 과장</del> <ins><b class="p p2">#Person2#</b>')


def test_what_stands_in_front_of_a_name_goes_with_it() -> None:
    dialogue = "[오전 10:12] 박 과장: 세 시죠?\n[오전 10:13] 이 대리 : 네."
    first, second = card(dialogue, cleaned(dialogue)).rows
    assert (first.speaker, second.speaker) == ("[오전 10:12] 박 과장", "[오전 10:13] 이 대리")
    assert first.cells == [
        "세 시죠?",
        '<del>[오전 10:12] 박 과장</del> <ins><b class="p p1">#Person1#</b></ins>: 세 시죠?',
    ]


def test_names_that_a_stage_leaves_stand_once_in_front_of_the_turn() -> None:
    dialogue = "민수: 네.\n수지: 표요?\n민수: 네."
    rows = card(dialogue, dialogue.replace("표요", "표 두 장요")).rows
    assert [row.speaker for row in rows] == ["민수", "수지", "민수"]
    assert rows[1].cells == ["표요?", "<del>표요</del><ins>표 두 장요</ins>?"]
    assert rows[0].cells == ["네.", "네."]


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("그런데 누구: 네", "#Person1#: 네", '<ins><b class="p p1">#Person1#</b></ins>: '),
        ("#Person1#: 네", "네", '<del><b class="p p1">#Person1#</b></del> 네'),
    ],
)
def test_a_speaker_that_comes_or_goes_is_marked_without_a_colon_of_its_own(
    before: str, after: str, shown: str
) -> None:
    last = "\n#Person2#: 그래\n지문"
    cell = card(before + last, after + last).rows[0].cells[1]
    assert cell.startswith(shown)
    assert "<del>:" not in cell


def test_in_another_language_a_name_is_a_part_of_the_text() -> None:
    sample = Sample("a", "민수: 네.\n수지: 아니요.", (), None, None)
    stage = StageTexts("to-english", "en", {"a": "Minsu: Yes.\nSuji: No."}, {}, False)
    system = ReportSystem(0, "one", {"a": "End."}, (stage,))
    rows = card_of(sample, 0, [system], None, [], 0, Interface()).rows
    assert [row.cells[1] for row in rows] == ["Minsu: Yes.", "Suji: No."]
