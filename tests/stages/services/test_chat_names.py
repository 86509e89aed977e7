"""The names of a dialogue in the prompt of the stage `chat`, where they are certain."""

from __future__ import annotations

from pathlib import Path

import pytest
from chatserver import ChatServer
from chatstages import chat

from pivot_sum.stages.base import resolved_identity
from pivot_sum.stages.services import chat_fields
from pivot_sum.stages.services.chat_names import mentioned_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#Person1#: 수진 씨, 내일 봐요.\n#Person2#: 네, 민수 씨도요.", ["수진", "민수"]),
        ("#Person1#: 김민수 님 계신가요?", ["김민수"]),
        ("#Person1#: Kate는 안 왔어요. Mary Jane 씨는요?", ["Kate", "Mary Jane"]),
        ("민수: 왔어?\n지영: 응.\n민수: 하나 씨는?", ["민수", "지영", "하나"]),
        ("#Person1#: 해바라기 씨를 심었어요. 수박 씨는 뱉고요.", []),
        ("#Person1#: 고객 님, 팀장 님, 이사장 님, 담임 선생님!", []),
        (
            "#Person1#: 스미스씨, 김민수씨도 왔어요. 오늘날씨, 동네아저씨, 해바라기씨.",
            ["스미스", "김민수"],
        ),
        ("#Person1#: 날씨가 아저씨 마음씨 같네. 김 씨는 몰라.", []),
        ("#Person1#: kate@site.com으로 보내고 www.Kate.com을 봐요. #Kate은 안 돼요.", []),
        ("#Person1#: #Person2#씨, OK예요. Hello!", []),
        ("", []),
    ],
)
def test_korean(text: str, names: list[str]) -> None:
    assert mentioned_names(text, "ko") == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#Person1#: Good morning, Mr. Dawson. Is Dr Kim in?", ["Dawson", "Kim"]),
        ("Kate: Hi.\nTom: Hi, Kate.\nKate: Bye.", ["Kate", "Tom"]),
        ("On Monday Kate goes to London.", []),
    ],
)
def test_english(text: str, names: list[str]) -> None:
    assert mentioned_names(text, "en") == names


NAMED = "#Person1#: 수진 씨, 안녕하세요?\n#Person2#: 네, 안녕하세요."
OTHER = NAMED.replace("수진", "민수")


def test_a_translator_sees_the_names_of_the_whole_dialogue_as_part_of_what_is_asked(
    chat_server: ChatServer,
) -> None:
    chat(guards=())([NAMED, OTHER])
    shown = [asked.body["messages"][0]["content"] for asked in chat_server.asked]
    assert len(shown) == 4  # the second turn is the same, asked with other names
    for name in ("수진", "민수"):
        assert sum(f"Names in this dialogue:\n{name}\n" in f"{prompt}\n" for prompt in shown) == 2
    chat(guards=())(["#Person1#: 네, 안녕하세요."])
    assert "Names in this dialogue" not in chat_server.asked[-1].body["messages"][0]["content"]


def test_several_texts_in_one_request_have_the_same_names(chat_server: ChatServer) -> None:
    chat(guards=(), texts_per_request=9)([NAMED, OTHER])
    assert [len(asked.texts) for asked in chat_server.asked] == [2, 2]


def test_a_prompt_without_a_place_for_names_is_not_asked_twice_for_them(
    chat_server: ChatServer,
) -> None:
    chat(guards=(), prompt="## user\n\nTranslate:\n\n{text}")([NAMED, OTHER])
    assert len(chat_server.asked) == 3


def test_the_identity_holds_the_version_of_the_finder_where_the_prompt_shows_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nameless = tmp_path / "prompt.md"
    nameless.write_text("## user\n\n{text}\n", encoding="utf-8")
    stages = [chat(), chat(prompt=str(nameless))]
    before = [resolved_identity(stage) for stage in stages]
    monkeypatch.setattr(chat_fields, "FINDER", chat_fields.FINDER + 1)
    shows, hides = (
        resolved_identity(stage) != old for stage, old in zip(stages, before, strict=True)
    )
    assert shows and not hides
