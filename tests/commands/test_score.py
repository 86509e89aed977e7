"""`pivot-sum score` as it is typed: any predictions file, a run folder, and every reason not to
print a figure."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from commandline import dialogues, pivot_sum, text_project, without_tokenizer, write_csv

ROWS = dialogues(12)
REFERENCES = [
    (id, dialogue, f"{id} 둘은 만나기로 한다.", f"#Person1#은 #Person2#와 {id}에 만난다.")
    for id, dialogue in ROWS
]
HEADER = ("fname", "dialogue", "summary1", "summary2")
ANSWERS = [(id, f"#Person2#는 #Person1#과 {id}에 만나기로 한다.") for id, _ in ROWS]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Data with two references a dialogue, and predictions for it."""
    write_csv(tmp_path / "dev.csv", REFERENCES, HEADER)
    predictions(tmp_path, ANSWERS)
    return tmp_path


def predictions(
    folder: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = ("fname", "summary")
) -> Path:
    return write_csv(folder / "p.csv", rows, header)


def said(folder: Path, *words: object) -> Any:
    return json.loads(pivot_sum(folder, "score", *words, "--json").stdout)


def test_a_file_is_scored_with_placeholders_whole_and_raw_and_signed(project: Path) -> None:
    printed = pivot_sum(project, "score", "p.csv", "--data", "dev.csv").stdout
    figures = {
        row.split()[0]: row.split()[1:]
        for row in printed.splitlines()
        if row.startswith(("whole", "raw"))
    }
    found = said(project, "p.csv", "--data", "dev.csv")["scores"]
    assert list(found) == list(figures) == ["whole", "raw"]
    for way, scores in found.items():
        assert figures[way] == [
            f"{scores[name]:.2f}" for name in ("rouge1", "rouge2", "rougeL", "final")
        ]
        assert f"signature: {scores['signature']}" in printed
        assert f"|placeholders:{way}|refs:2|over-refs:mean|n:12|" in scores["signature"]
    assert 0 < found["whole"]["final"] < found["raw"]["final"] < 100
    assert "scores of 12 summaries" in printed and "empty (each scores 0): 0" in printed


def test_options_choose_tokenizer_placeholders_and_what_becomes_of_references(
    project: Path,
) -> None:
    words = (
        "p.csv",
        "--data",
        "dev.csv",
        "--tokenizer",
        "eojeol",
        "--placeholders",
        "whole",
        "--over",
        "max",
    )
    (scores,) = said(project, *words)["scores"].values()
    assert scores["signature"].startswith(
        "rouge-f1|tok:eojeol-1|placeholders:whole|refs:2|over-refs:max|"
    )
    mean = said(project, *words[:-1], "mean")["scores"]["whole"]
    assert mean["final"] < scores["final"]


def test_the_same_rows_in_another_order_print_the_same_bytes(project: Path) -> None:
    printed = pivot_sum(project, "score", "p.csv", "--data", "dev.csv").stdout
    assert pivot_sum(project, "score", "p.csv", "--data", "dev.csv").stdout == printed
    predictions(project, random.Random(1).sample(ANSWERS, len(ANSWERS)))
    write_csv(project / "dev.csv", random.Random(2).sample(REFERENCES, len(REFERENCES)), HEADER)
    assert pivot_sum(project, "score", "p.csv", "--data", "dev.csv").stdout == printed


def test_empty_and_foreign_rows_are_counted(project: Path) -> None:
    rows = [
        (ANSWERS[0][0], ""),
        (ANSWERS[1][0], "They agree to meet at the library."),
        *ANSWERS[2:],
    ]
    predictions(project, rows)
    printed = pivot_sum(project, "score", "p.csv", "--data", "dev.csv").stdout
    assert "empty (each scores 0): 1; in another script than their reference: 1" in printed
    scores = said(project, "p.csv", "--data", "dev.csv")["scores"]["whole"]
    assert (scores["empty"], scores["wrong_script"], scores["samples"]) == (1, 1, 12)


def test_summaries_without_a_word_and_words_for_a_missing_value_are_remarked_on_and_scored(
    project: Path,
) -> None:
    assert (
        "without any word" not in pivot_sum(project, "score", "p.csv", "--data", "dev.csv").stdout
    )
    odd = ["...", "🙂🙂", "nan", "None", "#Person1#"]
    predictions(
        project,
        [(id, text) for (id, _), text in zip(ANSWERS, odd, strict=False)] + ANSWERS[len(odd) :],
    )
    printed = pivot_sum(project, "score", "p.csv", "--data", "dev.csv").stdout
    assert (
        "without any word (only punctuation, emoji or the like), scored as they are: 2\n" in printed
    )
    assert "only `nan`, `None` or the like, scored as words: 2. " in printed
    found = said(project, "p.csv", "--data", "dev.csv")
    assert (found["wordless"], found["named_missing"], found["scores"]["whole"]["empty"]) == (
        2,
        2,
        0,
    )


def test_the_next_command_is_over_the_same_data_with_the_same_tokenizer(project: Path) -> None:
    printed = pivot_sum(
        project, "score", "p.csv", "--data", "dev.csv", "--tokenizer", "eojeol"
    ).stdout
    assert (
        "next:\n  pivot-sum compare p.csv OTHER --data dev.csv --tokenizer eojeol    # " in printed
    )


def test_columns_under_other_names_are_said_how_to_name_where_the_command_has_no_set(
    project: Path,
) -> None:
    write_csv(project / "odd.csv", REFERENCES, ("fname", "text", "summary1", "summary2"))
    refused = pivot_sum(project, "score", "p.csv", "--data", "odd.csv", code=12)
    assert "Rename them in the file, or say" in refused.message
    assert "`report` have no --set: name them the folder of a run that had it." in refused.message
    text_project(project, [])
    named = ("--set", "data.columns.dialogue=text", "--no-score")
    pivot_sum(project, "run", "text.yaml", "--data", "odd.csv", "--out", "out", *named)
    pivot_sum(project, "score", "out", "--data", "odd.csv")


def test_english_is_scored_by_its_own_tokenizer_as_rouge_score_does(tmp_path: Path) -> None:
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")
    references = [f"#Person1# invites #Person2# to the library at {hour}." for hour in range(2, 9)]
    answers = [
        f"#Person2# was invited to libraries at {hour}, to #Address#." for hour in range(2, 9)
    ]
    ids = [f"e{number}" for number in range(7)]
    data = [(id, "#Person1#: Shall we?", text) for id, text in zip(ids, references, strict=True)]
    write_csv(tmp_path / "en.csv", data, ("fname", "dialogue", "summary"))
    predictions(tmp_path, list(zip(ids, answers, strict=True)))
    (scores,) = said(tmp_path, "p.csv", "--data", "en.csv", "--tokenizer", "english")[
        "scores"
    ].values()
    theirs = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    pairs = [
        theirs.score(reference, answer)
        for reference, answer in zip(references, answers, strict=True)
    ]
    for metric in ("rouge1", "rouge2", "rougeL"):
        assert scores[metric] == pytest.approx(
            100 * sum(pair[metric].fmeasure for pair in pairs) / 7, abs=1e-10
        )
    assert (
        "tok:english-rouge-score-" in scores["signature"]
        and "|placeholders:raw|" in scores["signature"]
    )
    refused = pivot_sum(tmp_path, "score", "p.csv", "--data", "en.csv", code=52)
    assert (
        "7 of 7 (100%) samples are English" in refused.message
        and "--tokenizer english" in refused.message
    )


def test_a_run_folder_is_scored_against_the_data_it_was_made_from(tmp_path: Path) -> None:
    project = text_project(tmp_path / "project", [])
    write_csv(project / "data.csv", REFERENCES, HEADER)
    pivot_sum(project, "run", "text.yaml", "--data", "data.csv", "--limit", "5", "--out", "run")
    found = said(project, "run")
    assert found["data"] == "data.csv" and found["translations"] == {}
    assert found["scores"]["whole"]["samples"] == 5
    # As a mere file it has to be for all of the data.
    refused = pivot_sum(project, "score", "run/predictions.csv", "--data", "data.csv", code=52)
    assert (
        "7 of 12 ids of data.csv have no row in it: d5, d6, d7, d8, d9 and 2 more"
        in refused.message
    )
    assert "or --limit N, where it is of the beginning of that data" in refused.message
    words = ("--data", "data.csv", "--limit", "5")
    as_file = said(project, "run/predictions.csv", *words)
    assert as_file["scores"] == found["scores"]
    # Rows of the dialogues behind the limit are left out.
    assert said(project, "run", "--limit", "2")["scores"]["whole"]["samples"] == 2


def test_a_run_that_translates_is_scored_against_the_english_originals(tmp_path: Path) -> None:
    original = (
        "#Person1#: Shall we meet at the library at two?\n#Person2#: Yes, that suits me very well."
    )
    worse = original.replace("Shall we meet", "Do we meet")
    lines = [
        json.dumps(
            {"fname": row[0], "dialogue": row[1], "summary": row[3], "dialogue_en": original}
        )
        for row in REFERENCES
    ]
    (tmp_path / "data.jsonl").write_text("\n".join(lines), encoding="utf-8")
    project = text_project(tmp_path / "project", [])
    pivot_sum(project, "run", "text.yaml", "--data", "../data.jsonl", "--out", "run")
    # Stands for a run of a translator: its recipe and one step say that the dialogues were
    # translated.
    record = json.loads((project / "run" / "run.json").read_text(encoding="utf-8"))
    record["steps"][1] |= {"task": "translate", "source": "ko", "target": "en"}
    (project / "run" / "run.json").write_text(json.dumps(record), encoding="utf-8")
    texts = [
        json.dumps({"id": row[0], "text": worse if row[0] == "d3" else original})
        for row in REFERENCES
    ]
    (project / "run" / record["steps"][1]["file"]).write_text(
        "\n".join(texts) + "\n", encoding="utf-8"
    )
    ((name, scores),) = said(project, "run")["translations"].items()
    assert name == "tidy" and (scores["turns"], scores["dialogues"], scores["left_out"]) == (
        24,
        12,
        0,
    )
    assert 90 < scores["bleu"] < 100 and 90 < scores["chrf"] < 100
    printed = pivot_sum(project, "score", "run").stdout
    assert "translation into English against the originals" in printed
    assert all(f"|{signature}" in printed for signature in scores["signatures"])


# Bad input, each with its message


def test_ids_that_do_not_match_are_named(project: Path) -> None:
    predictions(project, [*ANSWERS[1:], ("test_466", "둘은 만난다.")])
    refused = pivot_sum(project, "score", "p.csv", "--data", "dev.csv", code=52)
    assert (
        "1 of 12 ids of dev.csv have no row in it: d0. 1 of its 12 ids are not in dev.csv: test_466"
        in refused.message
    )


def test_without_data_the_demo_is_meant_and_the_message_says_how_to_name_another(
    project: Path,
) -> None:
    refused = pivot_sum(project, "score", "p.csv", code=52)
    assert "heldout.jsonl" in refused.message and "--data" in refused.message


def test_a_test_file_has_no_references(project: Path) -> None:
    write_csv(project / "test.csv", ROWS)
    refused = pivot_sum(project, "score", "p.csv", "--data", "test.csv", code=52)
    assert "test.csv has no reference summary for 12 of 12 ids" in refused.message


def test_an_english_file_against_korean_references_is_refused_with_its_share(project: Path) -> None:
    predictions(project, [(id, "They agree to meet at the library.") for id, _ in ANSWERS])
    refused = pivot_sum(project, "score", "p.csv", "--data", "dev.csv", code=52)
    assert (
        "12 of 12 (100%) hypotheses are in another script than their references" in refused.message
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("no.csv", "--data", "dev.csv"), 51, "There is no file no.csv"),
        (("p.csv", "--data", "no.csv"), 10, "There is no file no.csv"),
        ((".", "--data", "dev.csv"), 50, "is not a run folder"),
        (("dev.csv", "--data", "dev.csv"), 51, "dev.csv has no column of summaries"),
        (
            ("p.csv", "--data", "dev.csv", "--tokenizer", "mecap"),
            53,
            "There is no tokenizer 'mecap'",
        ),
    ],
)
def test_what_is_not_there_is_said(
    project: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    assert message in pivot_sum(project, "score", *words, code=code).message


@pytest.mark.parametrize(
    "words",
    [
        ("score", "no-such-file.csv"),
        ("compare", "no-such-recipe", "demo-pivot"),
        ("route", "no-such-file.csv", "p.csv", "--learn", "dev.csv", "--save", "rule.json"),
        ("attribute", "no-such-run"),
    ],
)
def test_without_the_tokenizer_nothing_is_read_or_run_and_no_other_takes_its_place(
    project: Path, words: tuple[str, ...]
) -> None:
    refused = pivot_sum(project, *words, env=without_tokenizer(project), code=53)
    assert "mecab-ko cannot be loaded (no wheel for this Python)" in refused.message
    assert "pip install mecab-ko" in refused.message and "--tokenizer kiwi" in refused.message
    assert not (project / "runs").exists()


def test_a_file_of_another_program_needs_no_change(project: Path) -> None:
    rows = [(str(number), id, text) for number, (id, text) in enumerate(ANSWERS)]
    expected = said(project, "p.csv", "--data", "dev.csv")["scores"]
    with (project / "theirs.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("", "fname", "summary"), *rows])
    assert said(project, "theirs.csv", "--data", "dev.csv")["scores"] == expected
