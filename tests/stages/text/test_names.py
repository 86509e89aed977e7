"""Speakers by name: written as placeholders in a dialogue, and as names again in its summary."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.base import Seen, declared_identity
from pivot_sum.stages.clean import DOUBTFUL, Clean
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.text.names import name_speakers, names_of, with_names
from pivot_sum.stages.text.particles import final_sound, with_particle
from pivot_sum.stages.text.placeholders import find

TALK = "상담원: 무엇을 도와드릴까요?\n민수: 예약이요.\n상담원: 언제요?\n민수: 내일이요."


def cleaned(dialogue: str) -> str:
    return Clean(speakers="auto")([dialogue])[0]


def test_labels_become_numbered_speakers_in_the_order_they_first_speak() -> None:
    answer = Clean(speakers="auto").answers([TALK])[0]
    assert answer.text == (
        "#Person1#: 무엇을 도와드릴까요?\n#Person2#: 예약이요.\n"
        "#Person1#: 언제요?\n#Person2#: 내일이요."
    )
    assert answer.note == {
        "named": {"#Person1#": -2, "#Person2#": -2},
        "repairs": {"speakers by name": 4},
    }
    assert Clean()([TALK]) == [TALK]


@pytest.mark.parametrize(
    "label",
    [
        "민수:", "민수 :", "민수：", "[10:02] 민수:", "(10:02:33) 민수:", "10:02 민수:",
        "[오후 3:02] 민수:", "2026-11-26 10:02 민수:", "민수 [10:02]:", "민수(영업):",
        "김 대리 (영업 1팀):", "A:", "Tom Lee:",
        "상담원1:", "  민수:", "\u200b민수:", "민수님:",
    ],
)  # fmt: skip
def test_a_label_is_read_however_it_is_written(label: str) -> None:
    lines = [f"{label} 네.", "지영: 아니요.", f"{label}또요?", "지영: 네."]
    assert cleaned("\n".join(lines)).split("\n") == [
        "#Person1#: 네.",
        "#Person2#: 아니요.",
        "#Person1#: 또요?",
        "#Person2#: 네.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "시간: 3시", "주의: 미끄러워요", "전화번호: 010-0000-0000", "예약 시간: 세 시",
        "http://example.com/a", "https://example.com", "10:30에 만나요", "오후 3:30까지요",
        "C:\\work", "Note: bring an umbrella",
        "그렇지만, 그래도: 네", "#PhoneNumber#: 네",
    ],
)  # fmt: skip
def test_other_lines_with_a_colon_are_no_turns_however_often_they_occur(line: str) -> None:
    dialogue = f"{TALK}\n{line}\n지영: 네.\n{line}\n지영: 아니요."
    lines = cleaned(dialogue).split("\n")
    assert lines[4] == lines[6] == line
    assert lines[5] == "#Person3#: 네."


def test_a_label_before_one_turn_only_is_left_and_flagged() -> None:
    answer = Clean(speakers="auto").answers([f"{TALK}\n팀장: 수고했어요.\n고맙습니다."])[0]
    assert answer.text.endswith("팀장: 수고했어요.\n고맙습니다.")
    assert answer.note["flags"] == [DOUBTFUL]
    (named,) = Clean(speakers=["팀장", "민수", "상담원"]).answers(
        [f"{TALK}\n팀장: 수고했어요.\n네."]
    )
    assert "\n#Person3#: 수고했어요.\n네." in named.text
    assert "flags" not in named.note


def test_where_every_line_has_a_label_one_turn_each_is_enough() -> None:
    assert cleaned("손님: 있어요?\n점원: 네.") == "#Person1#: 있어요?\n#Person2#: 네."
    assert cleaned("손님: 있어요?\n점원: 네.\n고마워요.") == "손님: 있어요?\n점원: 네.\n고마워요."
    assert cleaned("손님: 있어요?") == "손님: 있어요?"


def test_names_that_are_given_are_the_only_speakers_and_brackets_may_be_left_out() -> None:
    dialogue = "김 대리(영업): 네.\n김 대리(개발): 네.\n이 주임: 네.\n박 과장: 네."
    assert Clean(speakers=["김 대리", "이 주임"])([dialogue]) == [
        "#Person1#: 네.\n#Person1#: 네.\n#Person2#: 네.\n박 과장: 네."
    ]
    assert Clean(speakers=["김 대리(개발)"])([dialogue]) == [
        "김 대리(영업): 네.\n#Person1#: 네.\n이 주임: 네.\n박 과장: 네."
    ]
    assert Clean(speakers="이 주임") == Clean(speakers=["이 주임"])  # type: ignore[arg-type]
    assert Clean(speakers=False) == Clean()  # type: ignore[arg-type]


def test_names_called_inside_turns_and_lines_without_a_label_stay() -> None:
    dialogue = "민수: 지영아, 여기야!\n어서 와.\n지영: 민수: 라고 썼네?\n민수: 응.\n지영: 민수야."
    assert cleaned(dialogue) == (
        "#Person1#: 지영아, 여기야!\n어서 와.\n#Person2#: 민수: 라고 썼네?\n"
        "#Person1#: 응.\n#Person2#: 민수야."
    )


def test_a_number_that_is_there_already_is_nobody_elses() -> None:
    dialogue = "영희: 갈까?\n#Person1#: 응.\n영희: #Person3#도?\n민수: 나도.\n민수: 갈래."
    assert cleaned(dialogue) == (
        "#Person2#: 갈까?\n#Person1#: 응.\n#Person2#: #Person3#도?\n"
        "#Person4#: 나도.\n#Person4#: 갈래."
    )
    assert names_of(dialogue, cleaned(dialogue)) == {"#Person2#": "영희", "#Person4#": "민수"}


def test_names_only_where_the_lines_correspond() -> None:
    assert names_of(TALK, cleaned(TALK)) == {"#Person1#": "상담원", "#Person2#": "민수"}
    assert names_of(TALK, TALK) == {}
    assert names_of(f"{TALK}\n네.", cleaned(TALK)) == {}


def test_brackets_stay_behind_names_that_only_they_tell_apart() -> None:
    dialogue = "김 대리(영업): 네.\n김 대리(개발): 네.\n이 주임(개발): 네."
    assert names_of(dialogue, cleaned(dialogue)) == {
        "#Person1#": "김 대리(영업)",
        "#Person2#": "김 대리(개발)",
        "#Person3#": "이 주임",
    }


@pytest.mark.parametrize(
    ("name", "particles"),
    [
        ("민수", "는 를 와 로 라고 에게"),
        ("상담원", "은 을 과 으로 이라고 에게"),
        ("하늘", "은 을 과 로 이라고 에게"),
        ("김 대리(영업)", "는 를 와 로 라고 에게"),
        ("상담원1", "은 을 과 로 이라고 에게"),
        ("Tom", "은 을 과 으로 이라고 에게"),
        ("Anna", "는 를 와 로 라고 에게"),
        ("王", "은 을 과 으로 이라고 에게"),  # nobody knows: as it was
    ],
)  # fmt: skip
def test_particles_follow_the_name(name: str, particles: str) -> None:
    expected = " ".join(f"{name}{particle}" for particle in particles.split())
    text = "#Person3#은 #Person3#을 #Person3#과 #Person3#으로 #Person3#이라고 #Person3#에게"
    assert with_names(text, {"#Person3#": name}) == (expected, {"#Person3#": 6})


@pytest.mark.parametrize(
    ("closed", "open_"),
    [
        ("Jane", "Kate"), ("Jack", "David"), ("Daniel", "Chris"), ("Bob", "Mark"), ("VM", "CS"),
        ("R", "A"),
    ],
)  # fmt: skip
def test_latin_names_are_read_as_koreans_say_them(closed: str, open_: str) -> None:
    assert final_sound(closed) and final_sound(open_) == ""
    assert with_particle("Daniel", "으로 간다") == ("Daniel로", 2)
    assert with_particle("Kate", " 이 사람") == ("Kate", 0)


NAME = st.from_regex(r"[가-힣]{2,4}|[A-Z][a-z]{2,6}|[가-힣]{2,3} [가-힣]{2}", fullmatch=True)
UTTERANCE = st.sampled_from(
    ["네.", "내일 만나요.", "시간: 세 시요.", "10:30에 봐요.", "#PhoneNumber#요?", "좋아요!"]
)


@given(
    st.lists(NAME, min_size=2, max_size=5, unique=True),
    st.lists(st.tuples(st.integers(0, 4), UTTERANCE), min_size=2, max_size=12),
)
def test_what_clean_takes_off_polish_puts_back(
    names: list[str], turns: list[tuple[int, str]]
) -> None:
    spoken = [(names[number % len(names)], utterance) for number, utterance in turns]
    dialogue = "\n".join(f"{name}: {utterance}" for name, utterance in spoken)
    given_names = Clean(speakers=tuple(names))([dialogue])[0]
    assert Clean(speakers=tuple(names))([given_names]) == [given_names]
    assert not any(
        line.startswith(tuple(f"{name}:" for name in names)) for line in given_names.split("\n")
    )
    order = list(dict.fromkeys(name for name, _ in spoken))
    people = {f"#Person{number}#": name for number, name in enumerate(order, 1)}
    assert names_of(dialogue, given_names) == people
    text, written = with_names(given_names, people)
    assert text == dialogue
    assert sum(written.values()) == len(turns)
    auto = name_speakers(dialogue, "auto").text
    assert name_speakers(auto, "auto").text == auto


@given(st.text(alphabet="민수지영: \n#Person12[]()0:：시간.", max_size=60))
def test_naming_loses_no_placeholder_and_no_line(text: str) -> None:
    named = name_speakers(text, "auto")
    assert len(named.text.split("\n")) == len(text.split("\n"))
    before, after = find(text), find(named.text)
    assert all(after.count(found) >= before.count(found) for found in before)
    assert not {int(n) for n in re.findall("#Person([0-9]+)#", text)} & {
        int(person[7:-1]) for person in named.written
    }


def test_polish_puts_names_back_and_counts_them() -> None:
    stage = Polish(speakers="name")
    seen = Seen(TALK, cleaned(TALK), "#Person2# 은 #Person1#에게 #Person4#를 묻는다.")
    (answer,) = stage.answers([seen.packed()])
    assert answer.text == "민수는 상담원에게 #Person4#를 묻는다."
    assert answer.note == {
        "repairs": {"spaces before a particle": 1, "particles": 1, "names put back": 2},
        "named": {"#Person2#": 1, "#Person1#": 1},
    }
    bare = seen._replace(cleaned=seen.dialogue).packed()
    assert stage([bare]) == ["#Person2#는 #Person1#에게 #Person4#를 묻는다."]
    with pytest.raises(ValueError, match=r"packed by Seen"):
        stage([seen.text])


def test_identities_hold_the_fields_only_where_they_are_used() -> None:
    assert "speakers" not in declared_identity(Clean()) | declared_identity(Polish())
    assert declared_identity(Clean(speakers="auto"))["speakers"] == "auto"
    assert declared_identity(Clean(speakers=["민수"]))["speakers"] == ["민수"]
    assert declared_identity(Polish(speakers="name"))["speakers"] == "name"
    with pytest.raises(ValueError, match="speakers"):
        Clean(speakers=["민수: "])
    assert Clean(speakers="auto").mistakes("dialogue") == [] == Clean().mistakes("turn")
    assert Clean(speakers="auto").mistakes("turn")[0].startswith("speakers: ")
