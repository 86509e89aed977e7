"""`pivot-sum route` as a user types it: choose, measure, learn on one file, apply to another."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commandline import everything_in, pivot_sum, write_csv

PLACES = ("도서관", "우체국", "미용실", "수영장", "서점", "병원", "시장", "공원", "학교", "은행")
CHEAP = ("--tokenizer", "eojeol")


def dialogue(number: int) -> str:
    place = PLACES[number % len(PLACES)]
    asked, answered = (
        f"{number}일 오후에 같이 {place}에 가서 일을 볼까요?",
        f"좋아요, 두 시에 {place} 정문 앞에서 만나요.",
    )
    return f"#Person1#: {asked}\n#Person2#: {answered}"


def summary(number: int) -> str:
    return (
        f"#Person1#과 #Person2#는 {number}일 오후 두 시에 {PLACES[number % len(PLACES)]} 앞에서"
        " 만나기로 한다."
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Dialogues with references (dev) and without (test); `sound` is right but vague, `daring`
    right, but in every third row a sentence about something else.
    """
    for name, numbers in (("dev", range(60)), ("test", range(60, 80))):
        rows = [(f"{name}_{number}", dialogue(number), summary(number)) for number in numbers]
        write_csv(
            tmp_path / f"{name}.csv",
            rows if name == "dev" else [row[:2] for row in rows],
            HEADERS[name],
        )
        answers = {
            "sound": lambda number: (
                f"#Person1#과 #Person2#는 {number}일 오후에 만나기로 하고 헤어진다."
            ),
            "daring": lambda number: summary(number) if number % 3 else NONSENSE,
            "third": lambda number: f"#Person1#과 #Person2#는 {number}일 오후에 만나기로 한다.",
        }
        for system, answer in answers.items():
            ids = [(f"{name}_{number}", answer(number)) for number in numbers]
            write_csv(tmp_path / f"{system}-{name}.csv", ids, ("fname", "summary"))
    return tmp_path


NONSENSE = "우주선은 달나라로 날아가고 외계인들은 커다란 잔치를 벌인다."
HEADERS = {"dev": ("fname", "dialogue", "summary"), "test": ("fname", "dialogue")}


def test_the_choice_is_written_with_a_record_of_who_serves_each_dialogue_and_why(
    project: Path,
) -> None:
    names = ("daring-test.csv", "sound-test.csv", "third-test.csv")
    ran = pivot_sum(project, "route", *names, "--data", "test.csv", "--out", "routed.csv", *CHEAP)
    assert "pivot-sum submit routed.csv --test test.csv" in ran.stdout and "gain" not in ran.stdout
    record = json.loads((project / "routed.json").read_text(encoding="utf-8"))
    texts = {
        system: dict(rows(project / f"{system}-test.csv"))
        for system in ("daring", "sound", "third")
    }
    assert record["method"] == "mbr" and record["evaluated"] is None
    assert [candidate["label"] for candidate in record["candidates"]] == [
        "daring-test",
        "sound-test",
        "third-test",
    ]
    chosen = rows(project / "routed.csv")
    assert [line["id"] for line in record["dialogues"]] == [id_ for id_, _ in chosen]
    for (id_, text), line in zip(chosen, record["dialogues"], strict=True):
        assert text == texts[line["candidate"].partition("-")[0]][id_]
        assert (
            line["why"] in ("consensus", "flags", "first", "same")
            and len(line["consensus"]) == len(line["flags"]) == 3
        )
    assert "우주선" not in (project / "routed.csv").read_text(encoding="utf-8")
    assert sum(record["served"].values()) == 20


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_a_rule_learned_on_dev_is_applied_to_test(project: Path) -> None:
    dev = ("daring-dev.csv", "sound-dev.csv")
    learned = pivot_sum(project, "route", *dev, "--learn", "dev.csv", "--save", "rule.json", *CHEAP)
    assert "learned from all 60 dialogues: daring-dev, but sound-dev where" in learned.stdout
    assert (
        "learned (5-fold cross-validation)" in learned.stdout and "not attainable" in learned.stdout
    )
    assert "an upper bound, never written" in learned.stdout and "safer" not in learned.stdout
    test = ("daring-test.csv", "sound-test.csv")
    pivot_sum(
        project, "route", *test, "--data", "test.csv", "--rule", "rule.json", "--out", "routed.csv"
    )
    record = json.loads((project / "routed.json").read_text(encoding="utf-8"))
    assert record["method"] == "learned" and record["tokenizer"].startswith("eojeol")
    bad = {f"test_{number}" for number in range(60, 80) if number % 3 == 0}
    assert {line["id"] for line in record["dialogues"] if line["candidate"] == "sound-test"} == bad
    again = pivot_sum(project, "route", *dev, "--data", "dev.csv", "--rule", "rule.json")
    assert "note: candidates" not in again.stderr
    assert (
        "  pivot-sum route daring-dev.csv sound-dev.csv --data dev.csv --rule rule.json --out"
        " routed.csv\n" in again.stdout
    )
    assert "learned from these very dialogues" in again.stdout


def test_the_next_command_chooses_as_this_one_did(project: Path) -> None:
    names = ("daring-dev.csv", "sound-dev.csv")
    printed = pivot_sum(
        project, "route", *names, "--data", "dev.csv", "--method", "rules", *CHEAP
    ).stdout
    again = " ".join(
        [
            "pivot-sum route",
            *names,
            "--data dev.csv --method rules --tokenizer eojeol --out routed.csv",
        ]
    )
    assert f"next:\n  {again}\n" in printed and "p (randomisation)" in printed


def test_a_candidate_that_cannot_be_scored_is_named(project: Path) -> None:
    write_csv(
        project / "english.csv",
        [(f"dev_{number}", "They agree to meet at two.") for number in range(60)],
        ("fname", "summary"),
    )
    ran = pivot_sum(
        project, "route", "sound-dev.csv", "english.csv", "--data", "dev.csv", *CHEAP, code=52
    )
    assert (
        "english cannot be scored: 60 of 60 (100%) hypotheses are in another script" in ran.message
    )


def test_with_references_every_way_of_choosing_is_measured(project: Path) -> None:
    names = ("daring-dev.csv", "sound-dev.csv", "third-dev.csv")
    told = json.loads(
        pivot_sum(project, "route", *names, "--data", "dev.csv", "--json", *CHEAP).stdout
    )
    outcomes = {outcome["label"]: outcome for outcome in told["evaluated"]["outcomes"]}
    assert list(outcomes) == [
        "daring-dev",
        "sound-dev",
        "third-dev",
        "mbr",
        "rules",
        "majority",
        "oracle (not attainable)",
    ]
    assert outcomes["oracle (not attainable)"]["final"] >= max(
        outcome["final"] for outcome in outcomes.values()
    )
    assert outcomes["oracle (not attainable)"]["kind"] == "bound" and told["written"] is None
    assert outcomes[told["evaluated"]["best"]]["gain"] is None


def test_the_same_bytes_twice_and_figures_that_do_not_depend_on_the_order_of_rows(
    project: Path,
) -> None:
    names = ("daring-dev.csv", "sound-dev.csv", "third-dev.csv")
    learn = ("route", *names, "--learn", "dev.csv", *CHEAP)
    first = pivot_sum(project, *learn)
    for name in (*names, "dev.csv"):
        header, *lines = list(
            csv.reader((project / name).read_text(encoding="utf-8").splitlines(keepends=True))
        )
        write_csv(project / name, list(reversed(lines)), header)
    assert pivot_sum(project, *learn).stdout == first.stdout == pivot_sum(project, *learn).stdout


def test_identical_candidates_are_pointed_out(project: Path) -> None:
    (project / "copy.csv").write_bytes((project / "sound-test.csv").read_bytes())
    ran = pivot_sum(
        project,
        "route",
        "sound-test.csv",
        "copy.csv",
        "daring-test.csv",
        "--data",
        "test.csv",
        *CHEAP,
    )
    assert "note: sound-test and copy say the same about every dialogue" in ran.stderr


DEV, TEST = (
    ["sound-dev.csv", "daring-dev.csv"],
    ["sound-test.csv", "daring-test.csv", "--data", "test.csv"],
)
REFUSED = {
    "one candidate": (56, "at least two", ["sound-test.csv", "--data", "test.csv"]),
    "twice the same": (56, "more than once", ["sound-test.csv", *TEST]),
    "no such run": (56, "pivot-sum run RECIPE --out runs/x", ["runs/x", *TEST]),
    "no such file": (51, "no.csv", ["no.csv", *TEST]),
    "other dialogues": (56, "Run both over the same data", ["sound-dev.csv", *TEST]),
    "no references": (
        52,
        "no reference",
        ["sound-test.csv", "daring-test.csv", "--learn", "test.csv"],
    ),
    "no rule": (59, "rule.json cannot be read", [*TEST, "--rule", "rule.json"]),
    "damaged rule": (59, "test.csv is not a rule", [*TEST, "--rule", "test.csv"]),
    "rule exists": (59, "dev.csv exists", [*DEV, "--learn", "dev.csv", "--save", "dev.csv"]),
    "out exists": (50, "dev.csv exists", [*TEST, "--out", "dev.csv"]),
    "out is json": (50, "predictions are CSV", [*TEST, "--out", "routed.json"]),
    "out of reach": (50, "cannot be written", [*TEST, "--out", "no/where/r.csv"]),
    "no tokenizer": (53, "klingon", [*TEST, "--tokenizer", "klingon"]),
    "too few": (52, "too few for 31 folds", [*DEV, "--learn", "dev.csv", "--folds", "31"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_has_one_message_and_leaves_everything_as_it_was(
    case: str, project: Path
) -> None:
    code, said, words = REFUSED[case]
    words = words if "--tokenizer" in words else [*words, *CHEAP]
    before = everything_in(project)
    assert said in pivot_sum(project, "route", *words, code=code).message
    assert everything_in(project) == before


@pytest.mark.parametrize(
    "words",
    [
        ["--learn", "dev.csv", "--out", "x.csv"],
        ["--save", "rule.json"],
        ["--method", "luck"],
        ["--folds", "1"],
    ],
)
def test_options_that_contradict_each_other_are_refused(words: list[str], project: Path) -> None:
    assert (
        pivot_sum(project, "route", "sound-dev.csv", "daring-dev.csv", *words, code=2).stdout == ""
    )
