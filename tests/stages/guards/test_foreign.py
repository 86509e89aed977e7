"""Korean is written with Latin names, units and addresses, English with foreign words in quotation
marks; what was left untranslated is another matter."""

from __future__ import annotations

import pytest

from pivot_sum.stages.guards.foreign import in_wrong_script
from pivot_sum.stages.text.scripts import main_script


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("Look at www.example.com first.", "먼저 www.example.com을 봐 주세요."),
        ("Go to www. example. com today.", "오늘 www. example. com에 들어가세요."),
        ("Send it to minsu@example.com.", "minsu@example.com으로 보내 주세요."),
        ("The wifi is slow.", "wifi가 느려요."),
        ("She reads an ebook.", "그녀는 ebook을 읽어요."),
        ("It weighs five kg.", "무게는 다섯 kg이에요."),
        ("You need an X-ray.", "X-ray를 찍어야 해요."),
        ("Olivia is late.", "Olivia는 늦어요."),
        ("He bought an iPhone.", "그는 iPhone을 샀어요."),
        ("I used the α version.", "α 버전을 썼어요."),
        ("There is a dragon on the sign.", "간판에 용(龍)이 있어요."),
        ("The post says #restaurant.", "글에 #restaurant라고 있어요."),
        ("New York is big.", "New York은 커요."),
        ("We saw The Lord of the Rings.", "우리는 The Lord of the Rings를 봤어요."),
        ("Press the word 'cozy'.", "'cozy'라는 단어를 누르세요."),
        ("NASA", "NASA"),
        ("Emma Collins.", "Emma Collins."),
        ("The coil has one ohm.", "코일은 일 Ω이에요."),
        ("He works at the BAR.", "그는 BAR에서 일해요."),
        ("We read Lord of the Rings.", "우리는 Lord of the Rings를 읽었어요."),
        ("Draw the x y axes.", "x y 축을 그리세요."),
        ("Use the rj45 mp3 plugs.", "rj45 mp3 단자를 쓰세요."),
        ("We ate bibim-guksu.", "우리는 bibim-guksu를 먹었어요."),
        ("Say 'cozy warm nights'.", "'cozy warm nights'라고 하세요."),
        ("The PC is old.", "PC가 오래됐어요."),
    ],
)
def test_what_korean_is_written_with_passes(source: str, answer: str) -> None:
    assert not in_wrong_script(source, answer, "ko")


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("응우옌 씨예요.", "This is Mr. Nguyễn."),
        ("이스탄불에서 왔어요.", "I came from İstanbul."),
        ("알파 버전이에요.", "It is the α version."),
        ("'정'은 번역하기 어려워요.", "The word 'jeong' (정) is hard to translate."),
        ("#맛집 추천해 줘.", "Recommend a #맛집."),
        ("간판에 '大'라고 있어요.", "The sign says 大."),
    ],
)
def test_what_english_is_written_with_passes(source: str, answer: str) -> None:
    assert not in_wrong_script(source, answer, "en")


@pytest.mark.parametrize(
    ("source", "answer", "target"),
    [
        ("The library is closed.", "library는 닫았어요.", "ko"),
        ("Breakfast is ready.", "Breakfast가 준비됐어요.", "ko"),
        ("PLEASE sit down.", "PLEASE 앉으세요.", "ko"),
        ("See you at the veterinarian.", "veterinarian에서 봐요.", "ko"),
        ("Tom sold his car.", "Tom sold his 차.", "ko"),
        ("The Olivia library is closed.", "Olivia library는 닫았어요.", "ko"),
        ("Ask for wifi zumba today.", "오늘 wifi zumba를 물어보세요.", "ko"),
        ("He is a well-known man.", "그는 well-known 사람이에요.", "ko"),
        ("We saw Lord of all the Rings.", "우리는 Lord of all the Rings를 봤어요.", "ko"),
        ("도서관이라고 했어요.", "“도서관”", "en"),
        ("We ate bibimguksu.", "우리는 bibimguksu를 먹었어요.", "ko"),
        ("'The library book'", "그는 '이 library 책'이라고 했어요.", "ko"),
        ("He said it is closed.", "그는 'the library is closed'라고 했어요.", "ko"),
        ("The alphabet has α β γ.", "문자는 αβγ예요.", "ko"),
        ("My uncle is here.", "우리 дядя가 왔어요.", "ko"),
        ("도서관은 닫았어요.", "The 도서관 is closed.", "en"),
        ("도서관은 닫았어요.", "図書館 is closed.", "en"),
        ("가자고 했어요.", "“도서관에 지금 바로 같이 가자”", "en"),
    ],
)
def test_what_was_not_translated_is_found(source: str, answer: str, target: str) -> None:
    assert in_wrong_script(source, answer, target)


def test_words_a_summary_takes_from_its_dialogue_are_in_no_wrong_script() -> None:
    dialogue = "#Person1#: library 폴더에 올려 주세요.\n#Person2#: 네, 알겠습니다."
    assert not in_wrong_script(dialogue, "#Person2#는 library 폴더에 올린다.", "ko")
    assert in_wrong_script(dialogue.replace("library ", ""), "library 폴더에 올린다.", "ko")


def test_latin_letters_with_diacritics_are_latin() -> None:
    assert main_script("Nguyễn Żelazowa İstanbul") == "en"
    assert main_script("Здравствуйте") == "other"
