"""The stage `deepl` over real HTTP: what it sends, what it makes of the answers, what it counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from deeplfaults import korean_to_english
from faultmatrix import TEXTS, run
from faultserver import FaultServer
from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.stages.deepl import DeepL
from pivot_sum.stages.errors import FieldsInvalid
from pivot_sum.stages.text.placeholders import count


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


def sent(server: FaultServer, field: str) -> set[str]:
    """What all requests said in a field."""
    return {json.dumps(asked.body.get(field)) for asked in server.asked}


# What is sent


def test_a_request_says_everything_explicitly(deepl_server: FaultServer) -> None:
    korean_to_english(formality="prefer_more", variant="EN-GB")(["안녕"])
    (asked,) = deepl_server.asked
    assert asked.body == {
        "text": ["안녕"],
        "source_lang": "KO",
        "target_lang": "EN-GB",
        "formality": "prefer_more",
        "model_type": "quality_optimized",
        "split_sentences": "nonewlines",
        "tag_handling": "xml",
        "tag_handling_version": "v2",
        "ignore_tags": ["keep"],
        "show_billed_characters": True,
    }


def test_korean_has_no_variant(deepl_server: FaultServer) -> None:
    DeepL(source="en", target="ko", snapshot="x")(["Good morning"])
    assert (sent(deepl_server, "source_lang"), sent(deepl_server, "target_lang")) == (
        {'"EN"'},
        {'"KO"'},
    )


def test_a_request_has_at_most_fifty_texts(deepl_server: FaultServer) -> None:
    texts = [f"{number}번" for number in range(130)]
    assert korean_to_english(batch_size=130, concurrency=1)(texts) == [
        right(text) for text in texts
    ]
    assert [len(asked.texts) for asked in deepl_server.asked] == [50, 50, 30]


def test_the_body_of_a_request_stays_below_128_kib(deepl_server: FaultServer) -> None:
    texts = [
        f"{number}번 " + "가" * 4000 for number in range(20)
    ]  # 24 kB each, as JSON writes them
    assert korean_to_english(batch_size=20, concurrency=1)(texts) == [right(text) for text in texts]
    assert {asked.outcome for asked in deepl_server.asked} == {"200"}
    assert max(len(asked.texts) for asked in deepl_server.asked) == 5


def test_several_requests_are_in_flight_but_never_more_than_allowed(
    deepl_server: FaultServer,
) -> None:
    deepl_server.delay = 0.1
    texts = [f"{number}번" for number in range(60)]
    outputs = korean_to_english(concurrency=3)([text + "\n" + text for text in texts])
    assert outputs == [right(text) + "\n" + right(text) for text in texts]
    assert deepl_server.most_in_flight == 3


def test_answers_come_back_in_order_whichever_request_is_answered_first(
    deepl_server: FaultServer,
) -> None:
    texts = [f"{number}번" for number in range(40)]
    for number in range(0, 40, 10):
        deepl_server.fail("503", f"{number}번")
    assert korean_to_english(concurrency=4)(texts) == [right(text) for text in texts]


def test_a_text_that_occurs_twice_is_sent_once(deepl_server: FaultServer) -> None:
    assert korean_to_english()(["안녕", "잘 가", "안녕"]) == [
        right("안녕"),
        right("잘 가"),
        right("안녕"),
    ]
    assert deepl_server.answered == {"안녕": 1, "잘 가": 1}


# Placeholders and markup


@pytest.mark.parametrize(
    "text",
    [
        "#Person1#은 #Person2#에게 #PhoneNumber#를 줘요.",
        "#Person1##Person2# 안녕",
        "1 < 2 & 3 > 2, &amp; &lt; &#35; 그래요",
        '<x id="1"/> #Person1# <keep>안</keep> </keep> <b>',
        "]]> <!-- --> <?xml?> #Person1#",
        "\u0007보이지 않는 것\u0000도",
        "&copy &nbsp; #Email#",
    ],
)
def test_placeholders_and_what_looks_like_markup_come_back_exactly(
    text: str, deepl_server: FaultServer
) -> None:
    (output,) = korean_to_english()([text])
    assert output == " ".join(right(text.replace("\u0007", "").replace("\u0000", "")).split())
    assert {asked.outcome for asked in deepl_server.asked} == {"200"}  # well-formed XML each time


@pytest.mark.parametrize(
    ("drop", "rung"),
    [("", "as-is"), ("<keep>[^<]*</keep>", "xml"), ("<keep>[^<]*</keep>|<x [^<]*>", "cut")],
)
def test_placeholders_that_get_lost_are_saved_by_the_next_rung(
    drop: str, rung: str, deepl_server: FaultServer
) -> None:
    deepl_server.drop = drop
    texts = [text for text in TEXTS if "#" in text]
    outputs = korean_to_english(batch_size=99).answers(texts)
    assert [count(output.text) for output in outputs] == [count(text) for text in texts]
    assert {output.note["rung"] for output in outputs} == {rung}


def test_a_tag_that_comes_back_open_and_closed_is_the_same_tag(
    deepl_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "faultserver.translated_xml",
        lambda xml, target: xml.replace('<x id="1"/>', '<x id="1"></x>'),
    )
    (output,) = korean_to_english(masks=("xml",)).answers(["Hi #Person1#!"])
    assert (output.text, output.note["rung"]) == ("Hi #Person1#!", "xml")


def test_answers_are_one_line_each(
    deepl_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "faultserver.translated_xml", lambda xml, target: f"  {xml}\n\u00a0and more&quot; "
    )
    assert korean_to_english()(["#Person1#: 하나\n#Person2#: 둘"]) == [
        '#Person1#: 하나 and more"\n#Person2#: 둘 and more"'
    ]


def test_answers_are_guarded_turn_by_turn_and_not_asked_for_again(
    deepl_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "faultserver.translated_xml",
        lambda xml, target: xml if "우체국" in xml else "To the library, please.",
    )
    good, bad = korean_to_english().answers(
        ["도서관으로 가 주세요.", "도서관으로 가 주세요.\n우체국으로 가 주세요."]
    )
    assert "flags" not in good.note
    assert {"copy", "wrong script"} <= set(bad.note["flags"])
    assert set(deepl_server.answered.values()) == {1}


# Context


DIALOGUE = "#Person1#: 하나\n#Person2#: 둘\n#Person1#: 셋 #Email#\n#Person2#: 넷"


def test_context_is_the_turns_around_readable_and_not_billed(
    deepl_server: FaultServer,
) -> None:
    (output,) = korean_to_english(context=1).answers([DIALOGUE])
    assert output.text == "\n".join(
        f"#Person{1 + n % 2}#: {right(turn)}"
        for n, turn in enumerate(["하나", "둘", "셋 #Email#", "넷"])
    )
    contexts = {asked.texts[0]: asked.body["context"] for asked in deepl_server.asked}
    assert contexts == {
        "하나": "Person2: 둘",
        "둘": "Person1: 하나\nPerson1: 셋 Email",
        "셋 #Email#": "Person2: 둘\nPerson2: 넷",
        "넷": "Person1: 셋 Email",
    }
    assert output.note["rung"] == "as-is"
    assert output.note["billed"] == len("하나둘셋 #Email#넷")


def test_without_context_turns_of_many_dialogues_share_a_request(deepl_server: FaultServer) -> None:
    korean_to_english(concurrency=1)([DIALOGUE, DIALOGUE + "\n#Person1#: 다섯"])
    assert [sorted(asked.texts) for asked in deepl_server.asked] == [
        sorted(["하나", "둘", "셋 #Email#", "넷", "다섯"])
    ]
    assert sent(deepl_server, "context") == {"null"}


def test_the_same_turn_in_another_neighbourhood_is_asked_for_again(
    deepl_server: FaultServer, cache: Cache
) -> None:
    run(
        korean_to_english(context=1),
        [DIALOGUE, "#Person1#: 영\n#Person2#: 둘"],
        cache,
        over="dialogue",
    )
    assert deepl_server.answered["둘"] == 2


@pytest.mark.parametrize("over", ["turn", "sentence"])
def test_context_needs_whole_dialogues(over: Any) -> None:
    assert korean_to_english(context=1).mistakes(over) == [
        f"context: a {over} has no turns around it; write over: dialogue (it is still translated"
        " turn by turn)"
    ]
    assert (
        korean_to_english(context=1).mistakes("dialogue")
        == korean_to_english().mistakes(over)
        == []
    )


def test_there_is_nothing_to_translate_between_one_language() -> None:
    with pytest.raises(FieldsInvalid, match="target: is ko, as the source is; there is nothing to"):
        korean_to_english(target="ko")
