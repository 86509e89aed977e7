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
    came = "Dan Brown came."
    found = spelt("Dan Brown", "Dan", dialogue="댄브라운이 왔다. 댄은 갔다.", translated=came)
    assert found == {"Dan Brown": "댄브라운"}
    assert spelt("Dan Brown", dialogue="댄 브라운이 왔다.", translated=came) == {}  # as two words


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


def test_a_name_may_have_the_particle_that_follows_a_verb_with_gi() -> None:
    assert departures("애나로 불린다.", Anna="안나") == ([("애나", "안나")], [])


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


def ledger(*names: str, dialogue: str, translated: str) -> dict[str, Entry]:
    return name_ledger(names, dialogue, translated)


def test_what_renders_a_name_loosely_is_not_certain() -> None:
    assert ledger("Brian", dialogue="브라이언이 왔다.", translated="Brian came.") == {
        "Brian": Entry("브라이언")
    }
    assert ledger("Brian", dialogue="브라운이 왔다.", translated="Brian came.") == {
        "Brian": Entry("브라운", certain=False)
    }


def test_a_spelling_that_stands_where_the_translation_has_no_such_name_is_another_name() -> None:
    turns = "Ann came.\nShe left."
    assert spelt("Ann", dialogue="안은 앤과 왔다.\n안은 갔다.", translated=turns) == {"Ann": "앤"}
    assert spelt("Ann", dialogue="안은 앤과 왔다.\n앤은 갔다.", translated=turns) == {"Ann": "안"}


def test_a_name_is_a_whole_word_of_the_translation_in_any_case_of_letters() -> None:
    said = "톰은 왔다.\n토미는 갔다."
    assert spelt("Tom", dialogue=said, translated="Tom came.\nTommy left.") == {"Tom": "톰"}
    assert spelt("Tom", dialogue=said, translated="TOM came.\nTom!") == {"Tom": "톰"}
    assert spelt("Tom", dialogue=said, translated="TOM came.\nTOM!") == {}


def test_several_names_are_looked_for_whatever_became_of_those_before_them() -> None:
    said, translated = "댄브라운과 톰이 왔다.", "Dan Brown and Tom came."
    assert spelt("Dan Brown", "Dan", "Peter", "Tom", dialogue=said, translated=translated) == {
        "Dan Brown": "댄브라운",
        "Tom": "톰",
    }


def test_a_name_of_two_words_may_come_back_as_two_and_a_name_of_one_not() -> None:
    for name, dialogue, spelling in (
        ("New Delhi", "뉴델리에 간다.", "뉴델리"),
        ("NewDelhi", "뉴델리에 간다.", "뉴델리"),
    ):
        assert misspelt({name: Entry(spelling)}, dialogue, "뉴 델히에 간다.") == (
            [Place(0, 4, "뉴델리")],
            [],
        )
    [place], _ = misspelt({"Brian": Entry("브라이언")}, "브라이언이다.", "브 라이안이 왔다.")
    assert place.begin == len("브 ")


def test_short_names_have_to_be_more_alike() -> None:
    assert departures("탐이 왔다.", Tom="톰") == ([("탐", "톰")], [])
    assert departures("톨이 왔다.", Tom="톰") == ([], ["Tom"])
    assert departures("브라운이 왔다.", Brian="브라이언") == ([("브라운", "브라이언")], [])


def test_the_likelier_of_two_names_takes_a_place_and_the_other_is_missed() -> None:
    assert departures("애나가 왔다.", Anna="안나요", Hanna="한나요") == (
        [("애나", "안나요")],
        ["Hanna"],
    )
    assert departures("애나가 왔다.", Hanna="한나요", Anna="안나요") == (
        [("애나", "안나요")],
        ["Hanna"],
    )


def test_a_right_name_inside_a_longer_stem_is_not_written_over() -> None:
    assert departures("더슨 안나를 찾는다.", Dawson="더슨", Anna="안나", Dasan="다선") == (
        [],
        ["Dasan"],
    )
