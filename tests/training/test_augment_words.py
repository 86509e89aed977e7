"""Words swapped, left out and replaced: what changes, and what never does."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.stages.guards.tokens import tokens
from pivot_sum.training.augment_filter import damaged
from pivot_sum.training.augment_words import Operation, WordChange

SYNONYMS = {"표": "티켓", "친구": "벗", "PersonN": "x", "병원": "의원", "Person1": "사람"}
OPERATIONS: tuple[Operation, ...] = ("swap", "deletion", "synonyms")

ODD = """표가 친구를 병원에 가요. 왜? #Person1# #Person2#는 #PhoneNumber#로 #Person1#: #표 표# 7시
a@b.kr www.pyo.kr (표) KE907 : # , 사람1# ##Person1# 표/친구 친구니까"""
WORDS = st.sampled_from([*ODD.split(), "\r", "\n", ""])
TEXTS = st.lists(WORDS, max_size=24).map(" ".join)
LINES = st.lists(
    st.tuples(st.sampled_from(["#Person1#: ", "#Person2# :", "민수: ", "", "#Person1#:"]), TEXTS),
    max_size=4,
).map(lambda lines: "\n".join(head + text for head, text in lines))


def changed(dialogue: str, operation: Operation, share: float = 0.3, **more: int) -> str:
    return WordChange(operation, share, more.get("seed", 0), more.get("copy", 1), SYNONYMS)(
        dialogue, f"d{more.get('id', 0)}"
    )


def untouchable(text: str) -> list[str]:
    return sorted(text[token.start : token.end] for token in tokens(text))


@settings(max_examples=300)
@given(LINES, st.sampled_from(OPERATIONS), st.floats(0, 1), st.integers(0, 99))
@example("#Person1#: \r 표가 #Person1#:", "deletion", 0.0, 0)  # the speaker of a line of its own
def test_speakers_placeholders_addresses_and_numbers_never_change(
    dialogue: str, operation: Operation, share: float, seed: int
) -> None:
    made = changed(dialogue, operation, share, seed=seed)
    assert damaged(dialogue, made) is None
    assert untouchable(made) == untouchable(dialogue)
    assert Counter(filter(str.isdigit, made)) == Counter(filter(str.isdigit, dialogue))
    assert len(made.splitlines()) == len(dialogue.splitlines())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_real_dialogue_changes_by_its_share_the_same_way_each_time(operation: Operation) -> None:
    sample = read_samples(DEMO_FILE)[0]
    made = changed(sample.dialogue, operation, 0.1)
    before, after = Counter(sample.dialogue.split()), Counter(made.split())
    times = round(0.1 * sum(len(line.split()) - 1 for line in sample.dialogue.splitlines()))
    assert 0 < (before - after).total() <= 2 * times
    assert made == changed(sample.dialogue, operation, 0.1)
    if operation != "synonyms":  # which has few words to choose from
        others = {
            changed(sample.dialogue, operation, 0.1, **{name: 7}) for name in ("seed", "copy", "id")
        }
        assert len({made, *others}) == 4


def test_a_swap_keeps_every_word_in_its_sentence_and_every_full_stop_in_its_place() -> None:
    made = changed("#Person1#: 나는 학교에, 간다. 너는 집에 가라!", "swap", 1.0)
    first, second = made.removeprefix("#Person1#: ").split(".")
    assert Counter(first.replace(",", "").split()) == Counter(["나는", "학교에", "간다"])
    assert Counter(second.strip(" !").split()) == Counter(["너는", "집에", "가라"])
    assert first.split()[1].endswith(",") and second.endswith("!")


def test_deletion_leaves_a_word_in_every_sentence_and_its_full_stop() -> None:
    made = changed(
        "#Person1#: 나는 학교에 간다. 그래?\n#Person2#: 응, 7시에 가자.", "deletion", 1.0
    )
    lines = made.splitlines()
    assert len(lines[0].split()) == 3 and lines[0].count(".") == 1 and lines[0].endswith(" 그래?")
    assert lines[1] == "#Person2#: 7시에"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("표를 샀어. 표는 두 장이야.", "티켓을 샀어. 티켓은 두 장이야."),
        ("친구가 왔어.", "벗이 왔어."),
        ("내 친구니까 괜찮아.", "내 친구니까 괜찮아."),  # nobody here knows the form 벗이니까
        ("발표를 했어. #표 www.표.kr", "발표를 했어. #표 www.표.kr"),
    ],
)
def test_a_synonym_takes_the_particle_its_sound_asks_for(text: str, made: str) -> None:
    assert changed(f"#Person1#: {text}", "synonyms", 1.0) == f"#Person1#: {made}"
