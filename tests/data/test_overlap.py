"""Dialogues that two files share, and what a model's folder says of those it was trained on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.overlap import alike_within, dialogue_hash, normalised, overlap
from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.data.trained_on import TRAINED_ON, read_trained_on, write_trained_on
from pivot_sum.errors import DataUnwritable
from pivot_sum.stages.models.content import content_hash

TICKETS = "#Person1#: 야구 경기 표가 두 장 생겼어. 월요일에 갈래?\n#Person2#: 좋아, 같이 가자!"
REWORDED = "#Person1#: 야구 경기 표가 두 장 생겼어요. 월요일에 갈래요?\n#Person2#: 네, 가요."
OTHER = "#Person1#: 감기에 걸린 것 같아요.\n#Person2#: 열이 있나요? 약을 드릴게요."


def samples(*dialogues: str, prefix: str = "d") -> list[Sample]:
    return [Sample(f"{prefix}{at}", text, (), None, None) for at, text in enumerate(dialogues)]


def test_the_same_dialogue_is_found_whatever_its_id_speakers_spaces_and_line_ends() -> None:
    written = (
        TICKETS.replace("#Person1#:", "#Person4# :").replace("\n", "\r\n").replace(" 갈래", "갈래 ")
    )
    assert dialogue_hash(written) == dialogue_hash(TICKETS) != dialogue_hash(REWORDED)
    found = overlap(samples(OTHER, TICKETS), samples(written, prefix="t"))
    [pair] = found.pairs
    assert (pair.first, pair.second, pair.similarity, pair.exact) == ("d1", "t0", 1.0, True)
    assert (found.first_ids, found.second_ids, found.exact_ids) == (("d1",), ("t0",), ("t0",))


def test_a_reworded_dialogue_is_alike_and_another_one_is_not() -> None:
    found = overlap(samples(TICKETS, OTHER), samples(REWORDED, prefix="t"))
    [pair] = found.pairs
    assert (pair.first, pair.exact) == ("d0", False) and 0.3 <= pair.similarity < 1
    assert not overlap(samples(TICKETS), samples(REWORDED), threshold=0.9).pairs


def test_dialogues_without_letters_enough_are_alike_only_when_they_are_the_same() -> None:
    found = overlap(samples("네", "...", "아니"), samples("네!", "응", prefix="t"))
    assert [(pair.first, pair.second) for pair in found.pairs] == [("d0", "t0")]
    assert not overlap([], samples("네")).pairs and not overlap(samples(TICKETS), []).pairs


@given(st.lists(st.text("가나다 a1😀.", max_size=12), max_size=6), st.floats(0.05, 1))
def test_the_index_is_that_of_the_sets_of_trigrams(texts: list[str], threshold: float) -> None:
    def grams(text: str) -> set[str]:
        plain = normalised(text)
        return {plain[at : at + 3] for at in range(len(plain) - 2)} or {f"whole {plain}"}

    sets = [grams(text) for text in texts]
    expected = [
        (one, two)
        for one in range(len(texts))
        for two in range(one + 1, len(texts))
        if len(sets[one] & sets[two]) / len(sets[one] | sets[two]) >= threshold
    ]
    assert alike_within(texts, threshold) == expected


def test_the_scenes_of_the_demo_are_told_apart() -> None:
    dialogues = read_samples(DEMO_FILE)
    assert len(overlap(dialogues, dialogues[:20], threshold=1).pairs) == 20
    assert not alike_within([sample.dialogue for sample in dialogues], 0.5)


def test_a_models_folder_says_what_it_was_trained_on_and_stays_the_same_model(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    before = content_hash(tmp_path)
    write_trained_on(tmp_path, [TICKETS, OTHER, TICKETS], [REWORDED])
    assert content_hash(tmp_path) == before
    seen = read_trained_on(tmp_path)
    assert seen is not None
    assert seen.train == {dialogue_hash(TICKETS), dialogue_hash(OTHER)}
    assert seen.dev == {dialogue_hash(REWORDED)}


@pytest.mark.parametrize("text", ["", "[]", '{"trained_on": {"train_dialogues": []}}', None])
def test_a_folder_that_does_not_say_so_is_no_error(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / TRAINED_ON).write_text(text, encoding="utf-8")
    assert read_trained_on(tmp_path) is None
    with pytest.raises(DataUnwritable, match="nowhere"):
        write_trained_on(tmp_path / "nowhere", [], [])
