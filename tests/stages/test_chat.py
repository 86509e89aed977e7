"""The stage `chat` over real HTTP: what it asks, and what it makes of the answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from chatserver import MODEL, ChatServer
from chatstages import chat, requests, summarizer
from faulttexts import right

from pivot_sum.stages.errors import TextTooLong
from pivot_sum.stages.seen import Seen
from pivot_sum.stages.text.placeholders import count

DIALOGUE = "#Person1#: 하나\n#Person2#: 둘\n#Person1#: 셋 #Email#\n#Person2#: 넷"
COMPLAINT = "That was not right: "


# What is asked


def test_a_request_says_everything_explicitly(chat_server: ChatServer) -> None:
    assert chat()(["안녕"]) == [right("안녕")]
    (asked,) = chat_server.asked
    (system, user) = asked.body.pop("messages")
    assert asked.body == {"model": MODEL, "max_tokens": 1024, "temperature": 0, "seed": 0}
    assert system["role"] == "system"
    assert "from Korean into English" in system["content"]
    assert user == {"role": "user", "content": "Translate this turn into English:\n\n안녕"}


def test_settings_a_server_refuses_can_be_left_out_and_others_sent(chat_server: ChatServer) -> None:
    chat_server.refuses = ("temperature", "seed", "max_tokens")
    stage = chat(
        temperature=None,
        seed=None,
        token_limit="max_completion_tokens",
        extra_body='{"reasoning_effort": "low", "chat_template_kwargs": {"thinking": false}}',
    )
    assert stage(["안녕"]) == [right("안녕")]
    (asked,) = chat_server.asked
    del asked.body["messages"]
    assert asked.body == {
        "model": MODEL,
        "max_completion_tokens": 1024,
        "reasoning_effort": "low",
        "chat_template_kwargs": {"thinking": False},
    }


def test_a_text_that_occurs_twice_is_asked_once_and_answers_keep_their_order(
    chat_server: ChatServer,
) -> None:
    texts = [f"{number}번" for number in range(20)]
    chat_server.fail("503", "0번", times=2)
    outputs = chat(concurrency=4)([*texts, *texts])
    assert outputs == [right(text) for text in [*texts, *texts]]
    assert set(chat_server.answered.values()) == {1}


def test_several_requests_are_in_flight_but_never_more_than_allowed(
    chat_server: ChatServer,
) -> None:
    chat_server.delay = 0.1
    chat(concurrency=3)([f"{number}번" for number in range(12)])
    assert chat_server.most_in_flight == 3


def test_a_prompt_of_your_own_is_filled_and_never_read_from_a_dialogue(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    prompt = tmp_path / "mine.md"
    prompt.write_text("## user\n\nInto {target}, please.\n\n{text}\n", encoding="utf-8")
    chat(prompt=str(prompt))(["## system {target} {{text}}"])
    assert requests(chat_server) == ["Into English, please.\n\n## system {target} {{text}}"]


def test_a_request_shows_the_terms_of_a_glossary_that_occur_in_it(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    terms = tmp_path / "terms.csv"
    terms.write_text("도서관,library\n우체국,post office\n", encoding="utf-8")
    chat(glossary=str(terms))(["도서관으로 가요"])
    chat(glossary=str(terms))(["집으로 가요"])
    with_term, without = [asked.body["messages"][0]["content"] for asked in chat_server.asked]
    assert "도서관 → library" in with_term and "우체국" not in with_term
    assert "→" not in without and "Terms" not in without


# Placeholders and guards


@pytest.mark.parametrize(
    ("drop", "rung"), [("", "as-is"), ("#[A-Za-z0-9]+#", "xml"), ("#[A-Za-z0-9]+#|<x[^>]*>", "cut")]
)
def test_placeholders_that_get_lost_are_saved_by_the_next_rung(
    drop: str, rung: str, chat_server: ChatServer
) -> None:
    def say(text: str) -> str:
        pieces = re.split(r"(#[A-Za-z0-9]+#|<x[^>]*>)", text)
        said = [piece if index % 2 else right(piece) for index, piece in enumerate(pieces)]
        return re.sub(drop, "", "".join(said)) if drop else "".join(said)

    chat_server.say = say
    texts = ["#Person1#은 #Person2#에게 #PhoneNumber#를 줘요.", "안녕, #Person1#!"]
    answers = chat(retries=()).answers(texts)
    assert [count(answer.text) for answer in answers] == [count(text) for text in texts]
    assert {answer.note["rung"] for answer in answers} == {rung}


def test_a_flagged_answer_is_asked_for_again_with_what_is_wrong(chat_server: ChatServer) -> None:
    text = "도서관으로 가 주세요."
    chat_server.answer = lambda messages, body: (
        "To the library, please." if messages[-1]["content"].startswith(COMPLAINT) else text
    )
    (answer,) = chat().answers([text])
    assert (answer.text, answer.note["retry"]) == ("To the library, please.", "again")
    assert "flags" not in answer.note
    first, second = [asked.body["messages"] for asked in chat_server.asked]
    assert second[:2] == first
    assert second[2] == {"role": "assistant", "content": text}
    assert second[3]["content"].startswith(COMPLAINT + "parts of it are not in English")


def test_the_first_answer_stays_where_the_second_is_no_better(chat_server: ChatServer) -> None:
    chat_server.answer = lambda messages, body: (
        "#Person9# 도서관으로" if COMPLAINT in messages[-1]["content"] else "도서관으로"
    )
    (answer,) = chat(masks=()).answers(["도서관으로"])
    assert (answer.text, len(chat_server.asked)) == ("도서관으로", 2)
    assert "wrong script" in answer.note["flags"] and "retry" not in answer.note


def test_without_retries_a_flagged_answer_is_kept_and_asked_once(chat_server: ChatServer) -> None:
    chat_server.say = lambda text: text
    (answer,) = chat(retries=()).answers(["도서관으로 가 주세요."])
    assert "wrong script" in answer.note["flags"]
    assert len(chat_server.asked) == 1


def test_dressing_around_an_answer_is_taken_off_and_noted(chat_server: ChatServer) -> None:
    chat_server.answer = lambda messages, body: (
        "<think>hm</think>Here is the translation:\n\nTo the library, please."
    )
    (answer,) = chat().answers(["도서관으로 가 주세요."])
    assert answer.text == "To the library, please."
    assert answer.note["repairs"] == {"thinking removed": 1, "introduction removed": 1}


# Context, and several texts in a request


def test_context_is_the_turns_around_and_only_the_turn_is_translated(
    chat_server: ChatServer,
) -> None:
    (answer,) = chat(context=1).answers([DIALOGUE])
    assert answer.text == "\n".join(
        f"#Person{1 + n % 2}#: {right(turn)}"
        for n, turn in enumerate(["하나", "둘", "셋 #Email#", "넷"])
    )
    about = {asked.texts[0]: asked.body["messages"][-1]["content"] for asked in chat_server.asked}
    assert (
        "#Person1#: 하나\n#Person2#: (…)\n#Person1#: 셋 #Email#\n\nTranslate this turn"
        in about["둘"]
    )
    assert "넷" not in about["둘"]
    assert about["하나"].count("\n#Person") == 2


def test_several_texts_go_into_one_request(chat_server: ChatServer) -> None:
    texts = [f"{number}번 손님" for number in range(7)]
    answers = chat(texts_per_request=3).answers(texts)
    assert [answer.text for answer in answers] == [right(text) for text in texts]
    assert sorted(len(asked.texts) for asked in chat_server.asked) == [1, 3, 3]
    assert any("[1] 0번 손님\n[2] 1번 손님\n[3] 2번 손님" in one for one in requests(chat_server))
    assert sum(answer.note["billed"] for answer in answers) == sum(chat_server.billed)


@pytest.mark.parametrize("fault", ["one too few", "one too many", "wrong numbers", "no content"])
def test_numbers_that_do_not_come_back_are_asked_in_halves(
    fault: str, chat_server: ChatServer
) -> None:
    texts = [f"{number}번 손님" for number in range(4)]
    chat_server.fail(fault, "0번", times=2)
    outputs = chat(texts_per_request=4)(texts)
    assert outputs == [right(text) for text in texts]
    assert {1, 2, 4} >= {len(asked.texts) for asked in chat_server.asked} >= {4, 2}


def test_numbers_in_another_order_are_put_in_order(chat_server: ChatServer) -> None:
    texts = [f"{number}번 손님" for number in range(4)]
    chat_server.fail("reordered", "0번")
    assert chat(texts_per_request=4)(texts) == [right(text) for text in texts]
    assert len(chat_server.asked) == 1


def test_a_text_that_looks_like_a_number_is_asked_alone(chat_server: ChatServer) -> None:
    texts = ["[1] 첫째", "하나", "둘", "[2]: 둘째"]
    chat_server.say = lambda text: "so"
    chat(texts_per_request=4, guards=())(texts)
    listed = {re.sub(r".*\n\n", "", one, flags=re.DOTALL) for one in requests(chat_server)}
    assert listed == {"[1] [1] 첫째", "[1] 하나\n[2] 둘", "[1] [2]: 둘째"}


def test_a_text_with_line_breaks_of_another_kind_is_listed_on_one_line(
    chat_server: ChatServer,
) -> None:
    assert chat(texts_per_request=4)(["하나\u2028둘", "셋\x0b넷"]) == [
        right("하나 둘"),
        right("셋 넷"),
    ]


# Texts longer than the model reads


def test_a_text_too_long_is_halved_until_it_fits_and_joined_in_order(
    chat_server: ChatServer,
) -> None:
    sentences = [f"{number}번 손님이 도서관에서 기다려요." for number in range(40)]
    chat_server.context = 400
    (answer,) = chat(retries=(), guards=()).answers([" ".join(sentences)])
    # Line breaks between the pieces of a turn are the translator's business, the order is not.
    assert answer.text.split() == [word for one in sentences for word in right(one).split()]
    assert answer.note["flags"] == ["split"]
    assert {asked.outcome for asked in chat_server.asked} == {"200", "context too long"}


def test_a_dialogue_too_long_is_summarised_in_parts(chat_server: ChatServer) -> None:
    turns = [f"#Person{1 + n % 2}#: {n}번 손님이 도서관에서 기다려요." for n in range(60)]
    chat_server.context = 550
    chat_server.say = lambda text: (
        f"{re.findall('[0-9]+번', text)[0]}부터 {re.findall('[0-9]+번', text)[-1]}까지."
    )
    (answer,) = summarizer(retries=(), guards=()).answers(["\n".join(turns)])
    parts = [int(number) for number in re.findall("([0-9]+)번", answer.text)]
    assert (parts[0], parts[-1]) == (0, 59)
    assert parts == sorted(parts) and len(parts) >= 4
    assert answer.note["flags"] == ["split"]


def test_where_the_server_does_not_say_so_the_recipe_sets_the_longest_text(
    chat_server: ChatServer,
) -> None:
    text = " ".join(f"{number}번 손님이 기다려요." for number in range(20))
    chat(max_source_characters=60, guards=())([text])
    assert max(len(asked.texts[0]) for asked in chat_server.asked) <= 60


def test_a_model_that_does_not_even_read_its_prompt_is_refused(chat_server: ChatServer) -> None:
    chat_server.context = 20
    with pytest.raises(TextTooLong, match="use a model with a longer context, or a shorter prompt"):
        chat()(["안녕"])


# Summaries and corrections


def test_a_summary_is_one_line_with_the_placeholders_of_its_dialogue(
    chat_server: ChatServer,
) -> None:
    chat_server.answer = lambda messages, body: "#person1#은 하나를 원한다.\n#Person2#는 넷이다."
    (answer,) = summarizer(guards=()).answers([DIALOGUE])
    assert answer.text == "#Person1#은 하나를 원한다. #Person2#는 넷이다."
    assert requests(chat_server) == [DIALOGUE]


def test_a_correction_sees_the_dialogue_beside_the_summary(chat_server: ChatServer) -> None:
    summary = "#Person2#는 셋을 원한다."
    chat_server.answer = lambda messages, body: "#Person1#은 셋을 원한다."
    stage = chat(task="rewrite", target="ko", guards=())
    seen = Seen(DIALOGUE.replace("둘", "ㄷㄹ"), DIALOGUE, summary)
    (answer,) = stage.answers([seen.packed()])
    assert (answer.text, stage.sees) == ("#Person1#은 셋을 원한다.", "source")
    assert requests(chat_server) == [f"대화:\n{DIALOGUE}\n\n요약문:\n{summary}"]


@pytest.mark.parametrize("task", ["summarize", "rewrite"])
def test_a_flagged_summary_is_asked_for_again(task: Any, chat_server: ChatServer) -> None:
    text = Seen(DIALOGUE, DIALOGUE, "#Person9#는 온다.").packed() if task == "rewrite" else DIALOGUE
    chat_server.answer = lambda messages, body: (
        "#Person1#과 #Person2#는 하나부터 넷까지 센다."
        if messages[-1]["content"].startswith(COMPLAINT)
        else "#Person1#과 #Person9#는 하나부터 넷까지 센다."
    )
    (answer,) = chat(task=task, target="ko", guards=("invented placeholder",)).answers([text])
    assert answer.text == "#Person1#과 #Person2#는 하나부터 넷까지 센다."
    assert answer.note["retry"] == "again" and "flags" not in answer.note
    assert "names a #...# that the text does not have" in requests(chat_server)[-1]


def test_nothing_to_correct_keeps_the_summary_and_what_keeps_nothing_of_it_is_asked_again(
    chat_server: ChatServer,
) -> None:
    dialogue = "#Person1#: 회의는 내일 오전 아홉 시에 오 층 회의실에서 열려요.\n#Person2#: 네."
    summary = "#Person1#은 #Person2#에게 회의가 내일 오전 아홉 시에 회의실에서 열린다고 알린다."
    chat_server.answer = lambda messages, body: (
        "수정할 부분이 없습니다."
        if messages[-1]["content"].startswith(COMPLAINT)
        else "검토를 마쳤으며 이대로 쓰셔도 좋겠네요."
    )
    stage = chat(task="rewrite", target="ko")
    (answer,) = stage.answers([Seen(dialogue, dialogue, summary).packed()])
    assert answer.text == summary
    assert answer.note["repairs"] == {"nothing to correct": 1}
    assert (answer.note["retry"], answer.note["flags"]) == ("again", ["length"])
