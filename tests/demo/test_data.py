"""The shipped held-out dialogues: what they look like, and that training never sees them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

from pivot_sum.demo import grammar
from pivot_sum.demo.train import write_data
from pivot_sum.demo.train_data import dialogues, held_out, translation_pairs

FILE = Path(grammar.__file__).parent / "data" / "heldout.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
KEYS = [
    "fname",
    "dialogue",
    "summary1",
    "summary2",
    "summary3",
    "topic",
    "dialogue_en",
    "summary_en",
]


def test_the_shipped_file_is_what_the_grammar_gives_today(tmp_path: Path) -> None:
    write_data(tmp_path)
    assert (tmp_path / "heldout.jsonl").read_bytes() == FILE.read_bytes()


def test_a_row_holds_the_agreed_columns_and_a_dialogue_of_the_same_speakers_in_both_languages() -> (
    None
):
    assert 72 <= len(ROWS) <= 96
    for number, row in enumerate(ROWS):
        assert list(row) == KEYS and all(row.values())
        assert row["fname"] == f"demo_{number}"
        heads, heads_en = (
            [line.split(":")[0] for line in row[key].split("\n")]
            for key in ("dialogue", "dialogue_en")
        )
        assert heads == heads_en and heads[0] == "#Person1#"
        assert not {"{", "}", "|"} & set("".join(row.values()))


def test_every_scenario_with_slots_has_three_or_four_rows_and_a_hand_written_dialogue_none() -> (
    None
):
    expected = {scenario.name for scenario in grammar.load() if scenario.slot_names}
    counts = Counter(row["topic"] for row in ROWS)
    assert set(counts) == expected and set(counts.values()) <= {3, 4}


def test_optional_first_turns_vary_who_is_person_one() -> None:
    rng = Random(1)
    numberings = {
        scenario.name: {scenario.dialogue(scenario.draw(rng), rng).turns[-1][0] for _ in range(20)}
        for scenario in grammar.load()
        if scenario.turns[0].optional and scenario.turns[0].speaker != scenario.turns[1].speaker
    }
    assert len(numberings) >= 5
    assert all(len(numbers) > 1 for numbers in numberings.values())


def test_training_samples_neither_a_held_out_dialogue_nor_its_slot_values_nor_its_summary() -> None:
    scenarios, shipped = grammar.load(), held_out()
    by_name = {scenario.name: scenario for scenario in scenarios}
    assert all(by_name[dialogue.topic].held_out(dialogue.combination) for dialogue in shipped)
    kept_away = {(dialogue.topic, dialogue.combination) for dialogue in shipped}
    texts = {row["dialogue"] for row in ROWS} | {row["dialogue_en"] for row in ROWS}
    rng = Random(5)
    for _ in range(40):
        for dialogue in dialogues(scenarios, rng):
            assert (dialogue.topic, dialogue.combination) not in kept_away
            assert not texts & set(dialogue.text())


def test_sampling_is_repeatable_and_translators_meet_speakers_up_to_four() -> None:
    scenarios = grammar.load()
    pairs = translation_pairs(scenarios, Random(2))
    assert pairs == translation_pairs(scenarios, Random(2))
    assert pairs != translation_pairs(scenarios, Random(3))
    for person in range(1, 5):
        assert any(
            f"#Person{person}#" in korean and f"#Person{person}#" in english
            for korean, english in pairs
        )
