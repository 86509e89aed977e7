"""Texts as HTML: nothing gets lost, nothing gets through unescaped, and what changed is marked."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.html.marks import Turn, difference, marked, person, similarity, turns

TAGS = re.compile(r"<(?:/?(?:ins|del|b)|b class=\"p (?:p[1-7]|px|bad)\")>")
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
        Turn("#Person1#", "안녕"),
        Turn("#Person2#", "응: 그래"),
        Turn("", "지문"),
    ]


def test_other_placeholders_are_nobody() -> None:
    assert [person(name) for name in ("#Person3#", "#Address#", "Person3")] == ["p3", "px", "px"]
