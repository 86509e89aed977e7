"""Texts as HTML: nothing gets lost, nothing gets through unescaped, and what changed is marked."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from pivot_sum.html.marks import Mark, Turn, difference, marked, person, similarity, turns

TAGS = re.compile(
    r"<(?:/?(?:ins|del|b|span)|span class=\"item [a-z ]+\"|b class=\"p (?:p[1-7]|px|bad)\")>"
)
ANY_TEXT = st.text(alphabet=st.sampled_from(" #<>&\"'/12가은는을Personab.,\n\u200b")) | st.text()


def plain(marked_text: str) -> str:
    """What a reader sees, all marks taken off; fails on any tag that is none of ours."""
    bare = TAGS.sub("", marked_text)
    assert "<" not in bare
    return html.unescape(bare)


@given(ANY_TEXT)
def test_marking_placeholders_changes_no_character(text: str) -> None:
    assert plain(marked(text)) == text


@given(ANY_TEXT, ANY_TEXT)
def test_without_the_deletions_a_difference_reads_as_the_new_text(before: str, after: str) -> None:
    shown = re.sub(r"<del>.*?</del>\s*", "", difference(before, after), flags=re.DOTALL)
    assert plain(shown).split() == after.split()


PLACES = st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40)), max_size=4)


@given(ANY_TEXT, ANY_TEXT, PLACES)
def test_marked_items_change_no_character_wherever_they_are(
    before: str, after: str, places: list[tuple[int, int]]
) -> None:
    marks = [Mark(start, end, "number") for start, end in places]
    assert plain(marked(after, marks)) == after
    shown = re.sub(r"<del>.*?</del>\s*", "", difference(before, after, marks), flags=re.DOTALL)
    assert plain(shown).split() == after.split()


def test_a_marked_item_is_escaped_and_has_its_label_behind_it() -> None:
    label = escape("≠ <b>")
    assert marked("a <i> b", [Mark(2, 5, "name changed", label)]) == (
        'a <span class="item name changed">&lt;i&gt;<small>≠ &lt;b&gt;</small></span> b'
    )


def test_of_marks_that_overlap_the_longer_stays() -> None:
    marks = [Mark(3, 5, "number"), Mark(0, 5, "number"), Mark(4, 7, "name")]
    assert marked("오전 11시에 온다", marks) == '<span class="item number">오전 11</span>시에 온다'


def test_a_labelled_item_stays_in_one_piece_where_only_a_part_of_it_is_new() -> None:
    marks = [Mark(4, 10, "number changed", Markup("≠ 5천 원"))]
    assert difference("요금은 5천 원이다.", "요금은 만 5천 원이다.", marks) == (
        "요금은 <del>5천 원이다</del><ins>"
        '<span class="item number changed">만 5천 원<small>≠ 5천 원</small></span>이다</ins>.'
    )


@given(ANY_TEXT)
def test_equal_texts_have_no_marks(text: str) -> None:
    assert not re.search("<ins>|<del>", difference(text, text))
    assert similarity(text, text) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("#Person1#", "p1"),
        ("#Person2#", "p2"),
        ("#Person7#", "p7"),
        ("#Person8#", "p1"),
        ("#PhoneNumber#", "px"),
        ("#person2#", "bad"),
        ("#People1#", "px"),  # well-formed: whether it is known, the verdict says
        ("#Mrs. Dawson#", "bad"),
        ("##Person1##", "bad"),
        ("#Person1", "bad"),
        ("Person 2", "bad"),
        ("사람1#", "bad"),
    ],
)
def test_what_a_spelling_is_shown_as(text: str, kind: str) -> None:
    assert f'<b class="p {kind}">{text}</b>' in marked(f"오늘 {text} 온다.")


@pytest.mark.parametrize(
    "text", ["#키를 눌러", "C# 언어", "1# 그리고 2#", "the person 3 persons", "personal"]
)
def test_what_is_no_placeholder_is_left_alone(text: str) -> None:
    assert "<b" not in marked(text).replace('<b class="p bad">person 3</b>', "")


def test_particles_behind_a_placeholder_are_compared_by_themselves() -> None:
    assert difference("#Person1#는 온다.", "#Person1#은 온다.") == (
        '<b class="p p1">#Person1#</b><del>는</del> <ins>은</ins> 온다.'
    )


def test_turns_are_cut_at_lines_with_their_heads_taken_off() -> None:
    assert turns("#Person1#: 안녕\r\n\n #Person2# ：응: 그래\n지문") == [
        Turn("#Person1#", "안녕", 11),
        Turn("#Person2#", "응: 그래", 28),
        Turn("", "지문", 34),
    ]


def test_names_are_heads_where_they_are_asked_for() -> None:
    text = " [10:12] 박 과장 :  네: 응\n메모: 없음\n박 과장:\n"
    assert turns(text, {"박 과장"}) == [
        Turn("[10:12] 박 과장", "네: 응", 17),
        Turn("", "메모: 없음", 22),
        Turn("박 과장", "", 35),
    ]
    assert [turn.speaker for turn in turns(text)] == ["", "", ""]


def test_other_placeholders_are_nobody() -> None:
    assert [person(name) for name in ("#Person3#", "#Address#", "Person3")] == ["p3", "px", "px"]
