"""Choosing among summaries without references: what is known about each, and what decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import recorded_step, run_record
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import Sample
from pivot_sum.routing import METHODS, Choice, Judged, choose, judge
from pivot_sum.routing.judging import normalised
from pivot_sum.running.record import parse_record
from pivot_sum.scoring import Rouge, load_tokenizer

SCORER = Rouge(load_tokenizer("eojeol"))
DIALOGUE = (
    "#Person1#: 토요일 오후에 같이 도서관에 가서 수학 시험 공부를 할까요?\n"
    "#Person2#: 좋아요, 두 시에 정문 앞에서 만나요. 끝나고 저녁도 같이 먹어요."
)
SAMPLE = Sample("d1", DIALOGUE, (), None, None)
FAIR = "#Person1#과 #Person2#는 토요일에 도서관에서 공부하기로 한다."
ALIKE = "#Person1#과 #Person2#는 토요일에 도서관에서 시험 공부를 하기로 한다."
ODD = "#Person1#은 두 시에 저녁을 먹자고 말한다."


def judged(*texts: str) -> tuple[Judged, ...]:
    (row,) = judge(
        [System(str(place), {"d1": text}) for place, text in enumerate(texts)], [SAMPLE], SCORER
    )
    return row


def made(text: str, consensus: float = 0.0, votes: int = 1, flags: tuple[str, ...] = ()) -> Judged:
    return Judged(text, consensus, votes, flags, 0.2, 1.0)


def test_consensus_is_the_mean_score_with_the_others_as_references() -> None:
    row = judged(FAIR, ALIKE, ODD)
    assert row[0].consensus == pytest.approx(
        (SCORER.pair(FAIR, ALIKE).final + SCORER.pair(FAIR, ODD).final) / 2
    )
    assert row[2].consensus < row[0].consensus


def test_the_summary_most_like_the_others_serves() -> None:
    assert choose(judged(ODD, ALIKE, FAIR), "mbr") in (
        Choice(1, "consensus"),
        Choice(2, "consensus"),
    )


def test_two_summaries_are_alike_both_ways_so_flags_decide_and_then_the_order() -> None:
    one, other = judged(ODD, FAIR)
    assert one.consensus == other.consensus > 0
    assert choose((one, other), "mbr") == Choice(0, "first")
    assert choose(judged("The man goes to the library.", FAIR), "mbr") == Choice(1, "flags")


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("", "empty"),
        ("The man goes to the library.", "wrong script"),
        ("둘은 토요일에 도서관에서 공부하기로 한다.", "placeholder lost"),
        ("#Person1#과 #Person3#은 토요일에 도서관에서 공부하기로 한다.", "placeholder invented"),
        ("#Person1#은 공부 공부 공부 공부 공부 공부 공부를 한다.", "repetition"),
        ("네.", "length"),
    ],
)
def test_guards_and_placeholders_raise_flags(text: str, flag: str) -> None:
    flagged, fair = judged(text, FAIR)
    assert flag in flagged.flags and fair.flags == ()


def test_what_the_steps_of_a_run_remarked_counts_but_repairs_do_not(tmp_path: Path) -> None:
    remarks = {"unfinished": 1, "placeholder repaired": 2, "split": 1}
    lines = [{"id": "d1", "text": "x", "remarks": remarks}, {"id": "d2", "text": "y"}]
    (tmp_path / "01-a.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8"
    )
    record = parse_record(run_record(steps=[recorded_step("a", file="01-a.jsonl")]))
    run = System("run", {"d1": FAIR}, tmp_path, record)
    ((own, other),) = judge([run, System("file", {"d1": ALIKE})], [SAMPLE], SCORER)
    assert own.flags == ("unfinished",) and other.flags == ()


def test_length_and_support_are_shares() -> None:
    short, copy = judged("#Person1#은 공부한다.", DIALOGUE.replace("\n", " "))
    assert 0 < short.share < 0.2 and copy.share == pytest.approx(1) and copy.support == 1.0
    assert (
        judged("우주선이 달나라로 날아가서 외계인들과 함께 커다란 잔치를 벌인다.", FAIR)[0].support
        < 0.2
    )


def test_a_majority_says_the_same_but_for_blanks_case_and_full_stops() -> None:
    row = judged(ODD, FAIR, FAIR.replace("에서 공부", "에서  공부").rstrip("."), ALIKE)
    assert [candidate.votes for candidate in row] == [1, 2, 2, 1]
    assert choose(row, "majority").candidate in (1, 2) and choose(row, "majority").why in (
        "votes",
        "consensus",
        "first",
    )
    assert normalised("OK. 네！ ") == normalised("ok.네!") == "ok.네"


def test_a_tied_majority_falls_to_consensus_then_flags_then_the_first() -> None:
    assert choose((made("a", 10), made("b", 20), made("c", 5)), "majority") == Choice(
        1, "consensus"
    )
    assert choose(
        (made("a", 20, flags=("copy",)), made("b", 20), made("c", 5)), "majority"
    ) == Choice(1, "flags")
    assert choose((made("a", 20), made("b", 20), made("c", 5)), "majority") == Choice(0, "first")


def test_rules_look_at_flags_before_consensus() -> None:
    row = (made("a", 50, flags=("length",)), made("b", 10), made("c", 20))
    assert (choose(row, "mbr"), choose(row, "rules")) == (
        Choice(0, "consensus"),
        Choice(2, "consensus"),
    )


def test_where_all_say_the_same_the_first_serves() -> None:
    assert all(choose(judged(FAIR, FAIR, FAIR), method) == Choice(0, "same") for method in METHODS)


@given(
    st.lists(st.sampled_from([FAIR, ALIKE, ODD, "", "네."]), min_size=2, max_size=5),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_candidates_matters_only_in_ties(texts: list[str], random: object) -> None:
    row = judged(*texts)
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    for method in METHODS:
        chosen, again = choose(row, method), choose([row[place] for place in order], method)
        if chosen.why not in ("first", "same") and again.why != "first":
            assert row[chosen.candidate].text == row[order[again.candidate]].text
