"""The ledger of a dialogue, and where a summary departs from it."""

from __future__ import annotations

from pivot_sum.stages.ledgers.name_alignment import Entry, Place, misspelt, name_ledger

DIALOGUE = (
    "#Person1#: 더슨 씨, 안나한테 전화하셨어요?\n"
    "#Person2#: 아니요. 안나는 지금 그린델에 있어요.\n"
    "#Person1#: 그럼 소니에 다니는 하니 씨는요?"
)
TRANSLATED = (
    "#Person1#: Mr. Dawson, did you call Anna?\n"
    "#Person2#: No. Anna is in Grindel now.\n"
    "#Person1#: What about Hani, who works at Sony?"
)


def spelt(*names: str, dialogue: str = DIALOGUE, translated: str = TRANSLATED) -> dict[str, str]:
    found = name_ledger(names, dialogue, translated)
    return {name: entry.spelling for name, entry in found.items()}


def test_a_name_is_spelt_as_in_the_turns_whose_translation_has_it() -> None:
    assert spelt("Dawson", "Anna", "Grindel", "Sony", "Hani") == {
        "Dawson": "더슨",
        "Anna": "안나",
        "Grindel": "그린델",
        "Sony": "소니",
        "Hani": "하니",
    }


def test_what_is_an_ordinary_word_too_is_not_certain() -> None:
    ledger = name_ledger(["Rose", "Tom"], "로즈와 톰은 꽃을 샀다.", "Rose and Tom bought a rose.")
    assert ledger == {"Rose": Entry("로즈", certain=False), "Tom": Entry("톰", certain=True)}


def test_without_the_turns_it_is_looked_for_in_the_whole() -> None:
    assert spelt("Dawson", translated=TRANSLATED.replace("\n", " ")) == {"Dawson": "더슨"}


def test_names_that_were_translated_not_spelt_or_are_not_there_are_left_out() -> None:
    assert spelt("Korea", dialogue="#Person1#: 한국에 가요.", translated="I go to Korea.") == {}
    assert spelt("Peter") == {}
    assert spelt("Now", translated=TRANSLATED) == {}  # `now` in small letters


def test_a_part_of_a_name_that_is_one_word_in_korean_is_no_name_of_its_own() -> None:
    found = spelt("New Delhi", "Delhi", dialogue="뉴델리에 가요.", translated="I go to New Delhi.")
    assert found == {"New Delhi": "뉴델리"}
    found = spelt("Dan Brown", "Dan", dialogue="댄브라운이 왔다.", translated="Dan Brown came.")
    assert found == {"Dan Brown": "댄브라운"}


def departures(summary: str, **ledger: str) -> tuple[list[tuple[str, str]], list[str]]:
    entries = {name: Entry(spelling) for name, spelling in ledger.items()}
    places, missing = misspelt(entries, DIALOGUE, summary)
    return [(summary[place.begin : place.end], place.spelling) for place in places], missing


def test_another_spelling_is_found_wherever_it_stands() -> None:
    summary = "도슨은 애나에게 전화한다. 도슨 씨는 애나를 찾는다."
    assert departures(summary, Dawson="더슨", Anna="안나") == (
        [("도슨", "더슨"), ("애나", "안나"), ("도슨", "더슨"), ("애나", "안나")],
        [],
    )


def test_right_names_and_words_of_the_dialogue_stay() -> None:
    assert departures("더슨은 안나를 찾는다.", Dawson="더슨", Anna="안나") == ([], [])
    assert departures("하니는 전화한다.", Anna="안나", Hana="하나") == ([], ["Anna", "Hana"])


def test_a_name_that_is_not_there_in_any_like_spelling_is_reported() -> None:
    assert departures("그는 전화한다.", Dawson="더슨") == ([], ["Dawson"])


def test_a_noun_with_its_verb_is_no_name() -> None:
    assert departures("제안하고 있다.", John="존") == ([], ["John"])


def test_an_everyday_word_is_never_written_over() -> None:
    assert departures("#Person1#은 자신의 일을 걱정한다.", Martin="마틴") == ([], ["Martin"])
    assert departures("데이트 상대를 찾는다.", David="데이비드") == ([], ["David"])
    assert departures("같이 저녁을 먹기로 한다.", Mickey="미키") == ([], ["Mickey"])
    assert departures("감기에 걸린 친구를 만난다.", Karen="카렌") == ([], ["Karen"])


def test_an_uncertain_entry_is_not_missed() -> None:
    assert misspelt({"Dawson": Entry("더슨", certain=False)}, DIALOGUE, "그는 간다.") == ([], [])


def test_names_in_latin_script_come_back_in_it_and_the_other_way_round() -> None:
    assert departures("소니가 좋다.", Sony="SONY")[0] == []  # a word of this dialogue
    assert misspelt({"Nokia": Entry("Nokia")}, "Nokia요?", "노키아를 산다.")[0] == [
        Place(0, 3, "Nokia")
    ]
    assert departures("Dawson은 간다.", Dawson="더슨")[0] == [("Dawson", "더슨")]


def test_two_names_do_not_take_the_same_place() -> None:
    places, missing = departures("제이슨이 왔다.", Jayson="재이손", Jason="제이선")
    assert len(places) == len(missing) == 1
