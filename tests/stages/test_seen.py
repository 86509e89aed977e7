"""A text packed with its source: read back exactly, and never mistaken."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum import Rule
from pivot_sum.stages.seen import Seen, sees

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(TEXT, min_size=5, max_size=5))
def test_what_is_packed_is_read_back_exactly(texts: list[str]) -> None:
    for seen in (Seen(*texts[:3]), Seen(*texts)):
        assert Seen.unpacked(seen.packed()) == seen
        parts = {name: text for name, text in seen._asdict().items() if text is not None}
        others = [seen._replace(**{name: f"{text}\0"}) for name, text in parts.items()]
        assert len({seen.packed(), *(other.packed() for other in others)}) == 1 + len(parts)


@pytest.mark.parametrize(
    "text", ["", "#Person1#: 네.", '["둘", "뿐"]', '["1", "2", "3", "4"]', "3", "null"]
)
def test_a_text_that_was_not_packed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"takes texts packed by Seen\(dialogue, cleaned, text\)"):
        Seen.unpacked(text)


class Deaf(Rule):
    """Says nothing about what it sees."""

    name = "deaf"
    version = 1

    def apply(self, text: str) -> str:
        return text


class Seeing(Deaf):
    """Sees the source."""

    sees: ClassVar = "source"


class Choosing(Deaf):
    """The recipe says what it sees."""

    sees: str = "text"


def test_a_stage_says_what_it_sees_by_a_class_variable_or_a_field() -> None:
    stages = [Deaf(), Seeing(), Choosing(), Choosing(sees="source")]
    assert [sees(stage) for stage in stages] == ["text", "source", "text", "source"]
