"""`augment`, `split` and `overlap` as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import dialogues, pivot_sum, write_csv

from pivot_sum.data.readers import read_table
from pivot_sum.errors import RecipeInvalid, UnknownStep
from pivot_sum.recipes.settings import chosen_columns

SAID = "마감이 금요일이라서 이번 주에는 회의를 못 해요. 다음 주 월요일 오전은 어때요?"


def test_the_demo_is_back_translated_and_replayed_to_the_last_byte(tmp_path: Path) -> None:
    words = [
        "augment",
        "--data",
        "demo:dialogues",
        "--limit",
        3,
        "--recipe",
        "demo-pivot",
        "--swap",
    ]
    said = json.loads(pivot_sum(tmp_path, *words, "--out", "a.csv", "--json").stdout)
    assert said["rows"] == said["ways"]["swap"]["kept"] == 3
    back = said["ways"]["back-translation"]
    assert back["tried"] == back["kept"] + sum(back["rejected"].values()) == 3
    printed = pivot_sum(tmp_path, *words, "--out", "b.csv", "--offline").stdout
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert "written: b.csv (3 rows of the data," in printed
    table = read_table(tmp_path / "a.csv")
    assert len(table.rows) == 3 + said["added"]
    original = read_table(tmp_path / "a.csv").rows[:3]
    assert all(row["augmentation"] == "" for row in original)
    assert {row["augmented_from"] for row in table.rows[3:]} <= {row["fname"] for row in original}
    assert "exists" in pivot_sum(tmp_path, *words, "--out", "b.csv", code=16).message


def test_shared_dialogues_are_shown_counted_and_left_out(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", [*dialogues(4), ("same", f"#Person1#: {SAID}")])
    write_csv(tmp_path / "dev.csv", [("x", f"#Person2#: {SAID}"), ("y", "#Person1#: 안녕하세요.")])
    words = ["overlap", "train.csv", "dev.csv", "--threshold", 0.9]
    ran = pivot_sum(tmp_path, *words, code=17)
    assert "same" in ran.stdout and "train.csv and dev.csv share dialogues" in ran.stderr
    said = json.loads(pivot_sum(tmp_path, *words, "--json", code=17).stdout)
    assert [(pair["first"], pair["second"]) for pair in said["pairs"]] == [("same", "x")]
    assert (
        "written: clean.csv (4 rows of 5)"
        in pivot_sum(tmp_path, *words, "--write", "clean.csv").stdout
    )
    pivot_sum(tmp_path, "overlap", "clean.csv", "dev.csv", "--threshold", 0.9)


def test_folds_are_files_that_a_run_reads(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", dialogues(9))
    words = ["split", "--data", "train.csv", "--threshold", 1, "--folds", 3, "--out", "folds"]
    said = json.loads(pivot_sum(tmp_path, *words, "--json").stdout)
    assert [(fold["train"], fold["dev"]) for fold in said["folds"]] == [(6, 3)] * 3
    ids = [
        row["fname"]
        for place in (1, 2, 3)
        for row in read_table(tmp_path / "folds" / f"fold_{place}" / "dev.csv").rows
    ]
    assert sorted(ids) == sorted(id_ for id_, _ in dialogues(9))
    assert "exists" in pivot_sum(tmp_path, *words, code=16).message


def test_pairs_of_words_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", dialogues(2))
    words = ["augment", "--data", "train.csv", "--out", "a.csv"]
    assert "nothing to do" in pivot_sum(tmp_path, *words, code=19).message
    ran = pivot_sum(tmp_path, *words, "--synonyms", "lost.csv", code=19)
    assert "lost.csv does not exist" in ran.message
    assert not (tmp_path / "a.csv").exists()


def test_columns_of_other_names_are_named_with_set(tmp_path: Path) -> None:
    header = ("번호", "대화", "요약")
    rows = [(id_, text, "요약이다.") for id_, text in dialogues(4)]
    write_csv(tmp_path / "train.csv", rows, header)
    columns = ["--set", "data.columns.id=번호", "--set", "data.columns.dialogue=대화"]
    words = ["overlap", "train.csv", "train.csv", "--threshold", 1]
    assert "data.columns.dialogue=NAME" in pivot_sum(tmp_path, *words, code=12).message
    ran = pivot_sum(tmp_path, *words, *columns, code=17)
    again = ran.stderr.partition("Leave them out: ")[2].split()
    assert again[:4] == ["pivot-sum", "overlap", "train.csv", "train.csv"]
    assert "data.columns.dialogue=대화" in " ".join(again) and "--threshold" in again
    words = ["split", "--data", "train.csv", "--threshold", 1, "--folds", 2, "--out", "folds"]
    pivot_sum(tmp_path, *words, *columns)
    assert read_table(tmp_path / "folds" / "fold_1" / "train.csv").names == list(header)
    words = ["augment", "--data", "train.csv", "--swap", "--out", "more.csv", *columns]
    assert json.loads(pivot_sum(tmp_path, *words, "--json").stdout)["added"] > 0


def test_only_columns_can_be_set_for_a_data_file() -> None:
    assert chosen_columns(["data.columns.references=[a, b]"]).references == ("a", "b")
    with pytest.raises(UnknownStep, match="only the names of columns can be set here"):
        chosen_columns(["data.file=train.csv"])
    with pytest.raises(RecipeInvalid, match="did you mean 'dialogue'"):
        chosen_columns(["data.columns.dialoge=text"])
