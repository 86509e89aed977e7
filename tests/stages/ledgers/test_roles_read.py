"""How a dialogue and a summary are read to see who does what: content, clauses, names."""

from __future__ import annotations

import pytest

from pivot_sum.stages.ledgers.roles_clauses import clauses
from pivot_sum.stages.ledgers.roles_names import persons_named
from pivot_sum.stages.ledgers.roles_turns import content, said

PAIR = ("#Person1#", "#Person2#")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Words of the same beginning are one; words of up to three letters are too short for that.
        ("Asks asked asking ASK", {"ask"}),
        ("dogs, a bus and gas", {"dog", "bus", "gas"}),
        ("possibility, possible", {"possib"}),
        ("parties studied quickly", {"part", "stud", "quick"}),
        ("the museum's doors", {"museum", "door"}),
        # Short words, and those that only join others, say nothing; numbers do.
        ("We go to the TV, don't we?", set()),
        ("5 of 12 rooms", {"5", "12", "room"}),
        ("#Person1# rooms", {"room"}),
        ("매일 갔다 나", {"매일", "갔다"}),
        ("도서관", {"도서", "서관"}),
        ("가방을", {"가방", "방을"}),
    ],
)
def test_content_is_what_carries_meaning(text: str, expected: set[str]) -> None:
    assert content(text) == expected


def test_sentences_of_a_dialogue_have_their_speaker_content_and_signs() -> None:
    dialogue = (
        "A note.\n#Person1#: Can I help you? The shop is open.\n"
        " #Person2# : I ' d like a hat, please.\n#Person2# says this."
    )
    first, second, third = said(dialogue, "en")
    assert [each.speaker for each in (first, second, third)] == [*PAIR[:1], *PAIR]
    assert second.content == {"shop", "open"}
    assert {"any", "question", "seller", "offer"} <= first.signs
    assert second.signs == {"any", "statement"}
    assert {"any", "statement", "request", "buyer"} <= third.signs


def test_sentences_of_a_korean_dialogue_have_their_signs() -> None:
    asked, answered = said("#Person1#: 얼마예요?\n#Person2#: 저는 몰라요.", "ko")
    assert asked.signs == {"any", "question", "buyer"}
    assert answered.signs == {"any", "statement", "first person"}


@pytest.mark.parametrize(
    ("summary", "language", "expected"),
    [
        ("Today #Person1# leaves.", "en", []),
        ("Then #Person1# leaves.", "en", [("#Person1#", "state", "leaves.")]),
        ("Both #Person1# and #Person2# ask.", "en", []),
        (
            "#Person1#'s leaving and #Person2#'s a doctor.",
            "en",
            [
                ("#Person1#", "state", "'s leaving"),
                ("#Person2#", "state", "'s a doctor."),
                ("#Person1#", "own", "leaving and"),
                ("#Person2#", "own", "a doctor"),
            ],
        ),
        ("#Person1#'s friend helps #Person2#.", "en", [("#Person1#", "own", "friend helps")]),
        (
            "#Person1#'s help makes #Person2# happy.",
            "en",
            [("#Person1#", "own", "help makes"), ("#Person1#", "serve", "")],
        ),
        (
            "#Person1# helps #Person2#, and #Person2# pays.",
            "en",
            [("#Person1#", "serve", ""), ("#Person2#", "buy", "pays.")],
        ),
        (
            "#Person1# offers a seat and leaves.",
            "en",
            [("#Person1#", "serve", "offers a seat"), ("#Person1#", "state", "leaves.")],
        ),
        # The last act of a Korean clause counts, the first of an English one.
        ("#Person1#은 사고 싶다고 말한다.", "ko", [("#Person1#", "tell", "사고 싶다고 말한다.")]),
        ("#Person1# tells what to buy.", "en", [("#Person1#", "tell", "tells what to buy.")]),
        ("어제 #Person1#은 왔다.", "ko",
         [("#Person1#", "state", "어제"), ("#Person1#", "state", "왔다.")]),
        ("민수는 가고, #Person1#은 온다.", "ko", [("#Person1#", "state", "온다.")]),
        ("#Person1#은 웃고 민수는 울고 간다.", "ko", [("#Person1#", "state", "웃고")]),
        (
            "#Person1#은 묻고 #Person2#가 대답한다.",
            "ko",
            [("#Person1#", "ask", "묻고"), ("#Person2#", "tell", "대답한다.")],
        ),
        # What the topic's person says of another one is the topic's.
        ("#Person2#는 #Person1#이 늦는다고 말한다.", "ko",
         [("#Person2#", "tell", "#Person1#이 늦는다고 말한다.")]),
        (
            "#Person1#은 #Person2#가 늦는다고 말한다.",
            "ko",
            [("#Person1#", "tell", "#Person2#가 늦는다고 말한다.")],
        ),
        (
            "#Person1#은 웃는다. 그리고 간다.",
            "ko",
            [("#Person1#", "state", "웃는다.")],
        ),
        (
            "#Person1#은 웃으며 #Person2#는 운다.",
            "ko",
            [("#Person1#", "state", "웃으며"), ("#Person2#", "state", "운다.")],
        ),
    ],
)  # fmt: skip
def test_clauses_are_cut_and_given_to_their_subject(
    summary: str, language: str, expected: list[tuple[str, str, str]]
) -> None:
    found = [(each.person, each.act, each.text.strip()) for each in clauses(summary, language)]
    assert found == expected


MINSU = "#Person1#: May I have your name?\n#Person2#: {}\n#Person1#: {}"


@pytest.mark.parametrize(
    ("dialogue", "summary", "expected"),
    [
        # By the last word of what somebody is called, or the first of the name in the summary.
        ("#Person1#: Hi, Mr. Kim.", "Kim greets.", {"Kim": "#Person2#"}),
        ("#Person1#: Hi, MR. KIM.", "Kim greets.", {"Kim": "#Person2#"}),
        ("#Person1#: Hi, Mary.", "Mary Lee greets.",
         {"Mary": "#Person2#", "Mary Lee": "#Person2#"}),
        ("#Person2#: Hi, Mary.", "Anna Mary greets.", {"Mary": "#Person1#"}),
        ("#Person1#: This is Mary Ann.", "Mary Ann greets.",
         {"Mary Ann": "#Person1#", "Mary": "#Person1#", "Ann": "#Person1#"}),
        # By title, where the summary has it in small letters.
        ("#Person1#: Thank you, Doctor.", "The doctor greets.", {"doctor": "#Person2#"}),
        ("#Person1#: Thank you, doctor.", "A lawyer greets.", {}),
        # Who gives the name as their own counts twice as much as who is called so.
        ("#Person1#: I'm Minsu. Hi, Minsu.", "Minsu greets.", {"Minsu": "#Person1#"}),
        ("#Person1#: I'm Minsu. Hi, Minsu. Yes, Minsu.", "Minsu greets.", {}),
        ("#Person1#: I'm Minsu. Hi, Minsu. Yes, Minsu. Oh, Minsu.", "Minsu greets.",
         {"Minsu": "#Person2#"}),
        ("#Person1#: I'm Minsu. This is Minsu. Hi, Minsu. Yes, Minsu. Oh, Minsu.", "Minsu greets.",
         {"Minsu": "#Person1#"}),
        # A name alone is an answer where one was asked for in the turn before, else a call.
        (MINSU.format("Minsu.", "Thanks."), "Minsu greets.", {"Minsu": "#Person2#"}),
        (MINSU.format("It is long.", "Minsu?"), "Minsu greets.", {"Minsu": "#Person2#"}),
        (MINSU.format("It is long. What is your name?", "Minsu."), "Minsu greets.",
         {"Minsu": "#Person1#"}),
        # Of a third one nothing is said.
        ("#Person3#: I'm Minsu.\n#Person1#: Hi.", "Minsu greets.", {}),
    ],
)  # fmt: skip
def test_who_is_called_what_in_english(
    dialogue: str, summary: str, expected: dict[str, str]
) -> None:
    assert persons_named(dialogue, summary, "en", PAIR) == expected


@pytest.mark.parametrize(
    ("dialogue", "summary", "expected"),
    [
        ("#Person1#: 민수 씨, 안녕하세요.", "민수에게 인사한다.", {"민수": "#Person2#"}),
        ("#Person1#: 민수 씨, 안녕하세요.", "오늘 민수 씨는 온다.", {"민수": "#Person2#"}),
        ("#Person1#: 민수 씨, 안녕하세요.", "민수만 인사한다.", {}),
        ("#Person1#: 철, 안녕.", "철이 인사한다.", {}),  # one syllable is any word
        ("#Person1#: 이쪽은 김 민수예요.", "민수는 간다.", {"민수": "#Person1#"}),
        ("#Person1#: 이름이 뭐예요?\n#Person2#: 민수.", "민수는 간다.", {"민수": "#Person2#"}),
    ],
)
def test_who_is_called_what_in_korean(
    dialogue: str, summary: str, expected: dict[str, str]
) -> None:
    assert persons_named(dialogue, summary, "ko", PAIR) == expected
