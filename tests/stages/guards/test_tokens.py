"""Addresses, telephone numbers and codes come back as they are, or the answer has lost them."""

from __future__ import annotations

import pytest

from pivot_sum.stages.guards.tokens import lost_tokens, tokens, without_tokens


@pytest.mark.parametrize(
    ("source", "answer", "lost"),
    [
        ("Write to minsu@example.com.", "minsu@example.com으로 쓰세요.", 0),
        ("Write to minsu@example.com.", "이메일로 쓰세요.", 1),
        ("Go to www. example. com now.", "지금 www.example.com으로 가세요.", 0),
        ("See https://a.kr/b or www.example.com.", "https://a.kr/b를 보세요.", 1),
        ("대표 번호는 02-555-7788이에요.", "The number is 02 555 7788.", 0),
        ("대표 번호는 02-555-7788이에요.", "I gave you the number.", 1),
        ("Flight KE1203 is late.", "비행기가 늦어요.", 1),
        ("#맛집 #카페 추천해 줘.", "Recommend a #restaurant #cafe.", 0),
        ("#맛집 #카페 추천해 줘.", "Recommend a restaurant.", 2),
        ("#Person1#의 #Email#이에요.", "It is an e-mail address.", 0),
        ("키보드의 #을 누르세요.", "Press the pound key.", 0),
        ("See you at 3 p.m. on 2021-03-05.", "2021년 3월 5일 오후 3시에 봐요.", 0),
        ("It was late.I went home.", "늦었어요. 집에 갔어요.", 0),
        ("See A.KR/b, code KE1203.", "a.kr/b, 코드 KE1203", 0),
        ("See a.kr, a.kr and again a.kr.", "a.kr을 보세요.", 0),
        ("Call 02-555-7788 or KE1203.", "전화하세요.", 2),
        ("#맛집 추천해 줘.", "Recommend a #restaurant #cafe a.kr.", 0),
        ("#맛집 a.kr 추천해 줘.", "Recommend a #restaurant #cafe.", 1),
    ],
)
def test_what_is_lost_is_counted(source: str, answer: str, lost: int) -> None:
    assert lost_tokens(source, answer) == lost


def test_the_rest_of_a_text_stays() -> None:
    assert without_tokens("#Person1#, a@b.com 으로 #맛집").split() == [",", "으로"]


def test_each_token_is_told_with_its_place_and_kind() -> None:
    text = "#Url1# a.kr/x www.b.com lee@naver.com @minji #벚꽃 KE907 list_3.txt https://c.kr."
    found = sorted((text[start:end], kind) for start, end, kind in tokens(text))
    assert found == [
        ("#벚꽃", "hashtag"),
        ("@minji", "email"),
        ("KE907", "code"),
        ("a.kr/x", "url"),
        ("https://c.kr", "url"),
        ("lee@naver.com", "email"),
        ("list_3.txt", "code"),
        ("www.b.com", "url"),
    ]
    assert list(tokens("#Person1#은 세 시에 와요. # 3.5")) == []
