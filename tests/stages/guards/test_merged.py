"""The note of a text that is made of several answers: their flags once, their repairs added up."""

from __future__ import annotations

from typing import Any

from pivot_sum.stages.answer import Answer
from pivot_sum.stages.guards.retry import FIRST, escalated, merged_flags, merged_repairs


def test_flags_are_named_once_in_their_order() -> None:
    answers = [
        Answer("", {"flags": ["length", "copy"]}),
        Answer("", {}),
        Answer("", {"flags": ["copy"]}),
    ]
    assert merged_flags(answers) == ["copy", "length"]
    assert merged_flags([]) == []


def test_repairs_are_added_up_by_kind() -> None:
    answers = [
        Answer("", {"repairs": {"numbers": 2, "names": 1}}),
        Answer("", {}),
        Answer("", {"repairs": {"numbers": 3}}),
    ]
    assert merged_repairs(answers) == {"numbers": 5, "names": 1}
    assert merged_repairs([]) == {}


def test_flags_that_an_attempt_itself_noted_come_first() -> None:
    attempts = {FIRST: lambda texts: {text: Answer("x", {"flags": ["refused"]}) for text in texts}}
    found = escalated(["a"], attempts, lambda text, answer: ["length"])
    assert found == {"a": Answer("x", {"flags": ["refused", "length"]})}


def test_a_later_attempt_is_asked_only_for_what_is_still_flagged_and_may_leave_texts_out() -> None:
    asked: list[list[str]] = []

    def later(texts: object) -> dict[str, Answer]:
        asked.append(list(texts))  # type: ignore[call-overload]  # a sequence of texts
        return {"b": Answer("right", {"rung": "xml"})}

    attempts = {
        FIRST: lambda texts: {
            text: Answer("wrong" if text != "a" else "right", {}) for text in texts
        },
        "beams": later,
        "halves": later,
        "never": lambda texts: {text: Answer("worse", {}) for text in texts},
    }
    flags = {"right": [], "wrong": ["copy"], "worse": ["copy", "length"]}
    found = escalated(["a", "b", "c"], attempts, lambda text, answer: flags[answer])
    assert asked == [["b", "c"], ["c"]]
    assert found == {
        "a": Answer("right", {}),
        "b": Answer("right", {"rung": "xml", "retry": "beams"}),
        "c": Answer("wrong", {"flags": ["copy"]}),
    }


def test_where_nothing_is_flagged_no_other_attempt_is_made() -> None:
    attempts: dict[str, Any] = {
        FIRST: lambda texts: dict.fromkeys(texts, Answer("x", {})),
        "never": lambda texts: 1 / 0,
    }
    assert escalated(["a"], attempts, lambda *_: []) == {"a": Answer("x", {})}
    assert escalated([], attempts, lambda *_: []) == {}
