"""Checking a predictions file: everything that is wrong is said at once, and repaired where it is
certain."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from submissions import (
    DIALOGUE,
    GOOD,
    IDS,
    ROWS,
    checked,
    file,
    found,
    with_summary,
)

from pivot_sum.data.samples import Sample
from pivot_sum.errors import PredictionsUnreadable
from pivot_sum.submission import check, write_fixed


def test_a_file_like_the_test_file_passes_with_and_without_an_index_column() -> None:
    assert checked(file()).problems == ()
    numbered = file([(number, *row) for number, row in enumerate(ROWS)], ("", "fname", "summary"))
    assert checked(numbered).problems == checked(numbered, index=True).problems == ()


SUMMARIES = {
    "": "empty",
    " \t ": "empty",
    "None": "not a value",
    "nan": "not a value",
    "<NA>": "not a value",
    "[번역실패]": "failure",
    "#Person1#은 【요약 오류】": "failure",
    "번역 실패: 시간 초과": "failure",
    "Error: rate limit": "failure",
    "죄송하지만 요약할 수 없습니다.": "failure",
    "#Person1# and #Person2# go to the library.": "not korean",
    "#Person1##Person2#": "not korean",
    "12:30": "not korean",
    "#Person1#は図書館に行くと言います。": "not korean",
    "=도서관에 가기로 한다.": "formula",
    "+82로 전화하기로 한다.": "formula",
    "-도서관에 가기로 한다.": "formula",
    "@도서관에 가기로 한다.": "formula",
    "['#Person1#은 도서관에 간다.']": "list",
    "#Person1#은 도서관에 간다.</s>": "model token",
    "kor_Hang #Person1#은 도서관에 간다.": "model token",
    "#Person1#은 도서\ufffd에 간다.": "broken character",
    "사람1은 도서관에 가자고 한다.": "malformed placeholder",
    "Person1은 도서관에 가자고 한다.": "malformed placeholder",
    "#Mrs. Dawson#은 도서관에 가자고 한다.": "malformed placeholder",
    "#은 도서관에 가자고 한다.": "malformed placeholder",
    "#Person3#은 도서관에 가자고 한다.": "unknown placeholder",
    "#Email#로 연락하기로 한다.": "unknown placeholder",
}


@pytest.mark.parametrize("summary", SUMMARIES)
def test_only_a_summary_that_is_read_as_empty_is_refused(summary: str) -> None:
    report = checked(with_summary(summary))
    problem = next(problem for problem in report.problems if problem.kind == SUMMARIES[summary])
    level = "error" if problem.kind in ("empty", "not a value") else "warning"
    assert (problem.level, problem.certain, problem.row, problem.id) == (
        level,
        False,
        3,
        "test_2",
    )


REPAIRED = {
    "#Person1#은\n도서관에  간다.": ("line break", "#Person1#은 도서관에  간다."),
    "#Person1#은 \r\n\r\n 도서관에 간다.": ("line break", "#Person1#은 도서관에 간다."),
    "#Person1#은\u2028도서관에 간다.": ("line break", "#Person1#은 도서관에 간다."),
    "#person1#은 도서관에 간다.": ("damaged placeholder", "#Person1#은 도서관에 간다."),
    "#Person1은 도서관에 간다.": ("damaged placeholder", "#Person1#은 도서관에 간다."),
    "#사람1#은 # Phone Number #를 준다.": (
        "damaged placeholder",
        "#Person1#은 #PhoneNumber#를 준다.",
    ),
    unicodedata.normalize("NFD", "도서관에 간다."): ("decomposed letters", "도서관에 간다."),
    "#Person1#은 도서\u200b관에 \x08간다.": ("invisible characters", "#Person1#은 도서관에 간다."),
    " #Person1#은 도서관에 간다.\n": ("spaces", "#Person1#은 도서관에 간다."),
    '"#Person1#은 도서관에 간다."': ("quotes", "#Person1#은 도서관에 간다."),
}


@pytest.mark.parametrize("summary", REPAIRED)
def test_what_is_certain_in_a_summary_is_put_right(summary: str, tmp_path: Path) -> None:
    report = checked(with_summary(summary))
    kind, meant = REPAIRED[summary]
    assert (kind, True) in found(report) and not report.uncertain
    write_fixed(report, tmp_path / "fixed.csv")
    assert (tmp_path / "fixed.csv").read_bytes() == with_summary(meant)


def test_quoted_words_inside_a_summary_are_no_quotes_around_it() -> None:
    assert checked(with_summary('"도서관"에 가자는 말에 #Person2#는 "좋아요"')).problems == ()


LAYOUTS = {
    "bom": b"\xef\xbb\xbf" + file(),
    "encoding": file().decode().encode("cp949"),
    "delimiter": file().replace(b",", b"\t"),
    "line ends": file().replace(b"\n", b"\r\n"),
    "blank lines": file().replace(b"\n", b"\n\n"),
    "header": file(header=("id", "prediction")),
    "extra column": file([(*row, "주제") for row in ROWS], ("fname", "summary", "topic")),
    "index": file(
        [(number + 1, *row) for number, row in enumerate(ROWS)], ("", "fname", "summary")
    ),
    "cells": file().replace(b"\xea\xb0\x80\xec\x84\x9c", b"\xea\xb0\x80\xec\x84\x9c,"),
    "id spelling": file([(f"{id_.title()} ", summary) for id_, summary in ROWS]),
    "order": file(list(reversed(ROWS))),
    "duplicate id": file([*ROWS, ROWS[1]]),
    "unknown id": file([*ROWS, ("test_3", GOOD.format("중앙"))]),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_what_is_wrong_around_the_summaries_is_named_and_put_right(
    kind: str, tmp_path: Path
) -> None:
    report = checked(LAYOUTS[kind])
    assert found(report) == {(kind, True)}
    write_fixed(report, tmp_path / "fixed.csv")
    rows = list(csv.reader((tmp_path / "fixed.csv").read_text(encoding="utf-8").splitlines()))
    assert [row[-2:] for row in rows] == [
        ["fname", "summary"],
        *([id_, text] for id_, text in report.meant),
    ]
    assert [id_ for id_, _ in report.meant] == IDS and checked(
        (tmp_path / "fixed.csv").read_bytes()
    ).problems == ()


def test_other_layouts_that_can_be_read_are() -> None:
    assert found(checked(file().decode().encode("utf-16"))) == {("encoding", True)}
    headless = file().split(b"\n", 1)[1]
    assert found(checked(headless)) == {("header", True)} and len(checked(headless).meant) == len(
        ROWS
    )
    semicolons = headless.replace(GOOD[-4:].encode(), b"; ".join([b"\xea\xb0\x80"] * 3))
    assert found(checked(semicolons)) == {("header", True)}
    swapped = file([(summary, id_) for id_, summary in ROWS], ("summary", "fname"))
    assert found(checked(swapped)) == {("header", True)} and checked(swapped).meant == tuple(ROWS)
    pandas = file(
        [(number, *row) for number, row in enumerate(ROWS)], ("Unnamed: 0", "fname", "summary")
    )
    assert found(checked(pandas)) == {("header", True)}


def test_an_index_column_can_be_asked_for_or_refused(tmp_path: Path) -> None:
    asked = checked(file(), index=True)
    assert found(asked) == {("index", True)}
    write_fixed(asked, tmp_path / "asked.csv")
    assert (
        (tmp_path / "asked.csv").read_text(encoding="utf-8").startswith(",fname,summary\n0,test_0,")
    )
    refused = checked((tmp_path / "asked.csv").read_bytes(), index=False)
    assert found(refused) == {("index", True)} and not refused.with_index


def test_missing_and_doubly_answered_ids_are_for_the_author() -> None:
    assert found(checked(file(ROWS[:-1]))) == {("missing id", False)}
    twice = checked(file([*ROWS, (IDS[0], "#Person1#은 다른 말을 한다고 한다.")]))
    assert found(twice) == {("duplicate id", False)}


def test_counted_ids_where_the_test_file_has_a_gap_are_seen_through() -> None:
    report = checked(
        file([(f"test_{number}", summary) for number, (_, summary) in enumerate(ROWS)])
    )
    counted = next(problem for problem in report.problems if problem.kind == "counted ids")
    assert (
        counted.row == 4
        and "test_3" in counted.detail
        and {"missing id", "unknown id"} < {kind for kind, _ in found(report)}
    )


def test_the_predictions_of_another_file_are_called_that_once() -> None:
    report = checked(file([(f"dev_{number}", summary) for number, (_, summary) in enumerate(ROWS)]))
    assert (
        len(report.problems) == 1
        and "'dev_0'" in report.problems[0].detail
        and "'test_0'" in report.problems[0].detail
    )


def test_an_odd_length_a_repetition_and_a_dialogue_are_worth_a_warning() -> None:
    samples = [
        Sample(f"t{number}", f"{DIALOGUE} {number}번 자리에서 만나요." * 4, (), None, None)
        for number in range(30)
    ]
    rows = [
        (f"t{number}", f"#Person1#과 #Person2#는 {number}번 자리에서 만나 공부하기로 한다.")
        for number in range(30)
    ]
    rows[3] = (
        "t3",
        "#Person1#과 #Person2#는 " + "3번 자리에서 만나서 함께 밥을 먹고 나서 " * 5 + "공부한다.",
    )
    rows[4] = ("t4", "공부한다.")
    rows[6] = ("t6", rows[5][1])
    rows[8] = ("t8", "#Person1#: 8번 자리에서 만나요. #Person2#: 네, 거기에서 만나요.")
    report = check(file(rows), "p.csv", samples)
    assert not report.errors
    noticed = {
        (problem.kind, problem.id) for problem in report.problems if problem.kind != "doubtful"
    }
    assert noticed == {("length", "t3"), ("length", "t4"), ("repeated", "t5"), ("turns", "t8")}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"PK\x03\x04\x00\x00", "NUL"),
        (b"\xff\x80\x81", "neither UTF-8 nor CP949"),
        (b"", "is empty"),
        (b'fname,summary\ntest_0,"open\n', "line 2"),
        (b"a,b,c\n1,2,3\n", "cannot tell which column"),
    ],
)
def test_a_file_that_is_no_table_is_unreadable(raw: bytes, said: str) -> None:
    with pytest.raises(PredictionsUnreadable, match=said):
        checked(raw)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from([*SUMMARIES, *REPAIRED, GOOD, *"\"\n#'\u200b\ufeff", "＃Person1"]),
        min_size=1,
        max_size=4,
    )
)
def test_a_fixed_file_has_only_what_is_for_the_author(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    report = checked(with_summary("".join(pieces)))
    target = tmp_path_factory.mktemp("fixed") / "fixed.csv"
    write_fixed(report, target)
    again = checked(target.read_bytes())
    assert not again.changes and again.problems == report.left
