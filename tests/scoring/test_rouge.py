"""Scores: counted by hand, by rouge_score, and by an implementation of their own in this file."""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pivot_sum import __version__
from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.scoring import Rouge, RougeF1, load_tokenizer, measure, rouge
from pivot_sum.scoring.rouge import ROUGES

MECAB = load_tokenizer("mecab-ko")
WORDS = Rouge(load_tokenizer("eojeol"))
DEMO = read_samples(DEMO_FILE)


# Counted by hand


def test_words_left_out_cost_recall_only() -> None:
    # 3 of 3 words and 3 of 4; of the pairs (1,3) (3,4) against (1,2) (2,3) (3,4) one is common: 1/2
    # and 1/3.
    assert WORDS.pair("민수는 학교에 갔다", "민수는 어제 학교에 갔다") == pytest.approx(
        (6 / 7, 2 / 5, 6 / 7), abs=1e-15
    )


def test_another_order_costs_pairs_and_the_longest_common_sequence() -> None:
    # All 4 words are there; the pairs have (3,4) in common, 1 of 3; the longest sequence is two
    # words, 2 of 4.
    assert WORDS.pair("학교에 갔다 민수는 어제", "민수는 어제 학교에 갔다") == pytest.approx(
        (1, 2 / 3, 1 / 2), abs=1e-15
    )


def test_a_word_said_again_counts_as_often_as_the_reference_has_it() -> None:
    # 밥 counts once of three, 먹는다 not at all: 1/3 and 1/2.
    assert WORDS.pair("밥 밥 밥", "밥 먹는다").rouge1 == pytest.approx(2 / 5, abs=1e-15)


def test_one_other_speaker_costs_one_token_and_its_pairs() -> None:
    # #Person1# 은 밥 을 먹 었 다 . against #Person2# 는 밥 을 먹 었 다 . : 6 of 8 tokens, 5 of 7
    # pairs, 6 of 8 in order.
    whole = Rouge(MECAB).pair("#Person1#은 밥을 먹었다.", "#Person2#는 밥을 먹었다.")
    assert whole == pytest.approx((6 / 8, 5 / 7, 6 / 8), abs=1e-15)
    # Raw, # Person 1 # 은 against # Person 2 # 는: 9 of 11 tokens, 6 of 10 pairs. The other speaker
    # looks almost right.
    raw = Rouge(MECAB, "raw").pair("#Person1#은 밥을 먹었다.", "#Person2#는 밥을 먹었다.")
    assert raw == pytest.approx((9 / 11, 6 / 10, 9 / 11), abs=1e-15)


def test_morphemes_see_that_only_the_ending_differs() -> None:
    # 민수 는 학교 에 갔 다 . against 민수 가 학교 에 간다 . : 민수 학교 에 . of 7 and of 6; 학교-에
    # of 6 and of 5 pairs.
    found = Rouge(MECAB).pair("민수는 학교에 갔다.", "민수가 학교에 간다.")
    assert (
        " ".join(MECAB.tokenize("민수는 학교에 갔다. 민수가 학교에 간다."))
        == "민수 는 학교 에 갔 다 . 민수 가 학교 에 간다 ."
    )
    assert found == pytest.approx((8 / 13, 2 / 11, 8 / 13), abs=1e-15)


def test_the_mean_over_references_is_the_default_and_max_takes_the_best_of_each_metric() -> None:
    hypothesis, references = "나는 밥을 먹는다", ["나는 밥을 먹는다", "너는 국을 마신다 나는"]
    # Against the second one word of 3 and of 4, no pair, a sequence of 1.
    mean = WORDS.rows([hypothesis], [references])
    best = Rouge(WORDS.tokenizer, over_references="max").rows([hypothesis], [references])
    assert mean == [pytest.approx(((1 + 2 / 7) / 2, 1 / 2, (1 + 2 / 7) / 2), abs=1e-15)]
    assert best == [RougeF1(1, 1, 1)]
    assert measure(WORDS, [hypothesis], [references]).final == pytest.approx(
        100 * (9 / 14 + 1 / 2 + 9 / 14) / 3, abs=1e-12
    )


def test_max_may_take_each_metric_from_another_reference() -> None:
    references = [
        "가 나 마 바 사",
        "다 나 가",
    ]  # the first has the pair 가 나, the second all the words
    scorer = Rouge(WORDS.tokenizer, over_references="max")
    row = scorer.rows(["가 나 다"], [references])[0]
    one, two = (scorer.pair("가 나 다", reference) for reference in references)
    assert row == tuple(map(max, one, two)) not in (one, two)


def test_the_final_score_is_the_mean_of_the_three_times_100() -> None:
    assert RougeF1(0.6, 0.3, 0.5).final == pytest.approx(140 / 3)


def test_an_empty_hypothesis_scores_0_and_is_counted() -> None:
    texts = ["", " \n", "밥을 먹었다."], [["밥을 먹었다."]] * 3
    scores = measure(Rouge(MECAB), *texts)
    assert scores.empty == 2
    assert Rouge(MECAB).rows(*texts) == [RougeF1(0, 0, 0), RougeF1(0, 0, 0), RougeF1(1, 1, 1)]
    assert scores.final == pytest.approx(100 / 3)


def test_korean_against_itself_scores_100_where_rouge_scores_own_tokenizer_says_0() -> None:
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")
    text = "민수는 내일 오후에 지영과 만나기로 했다."
    assert Rouge(MECAB).pair(text, text).final == 100
    assert rouge_scorer.RougeScorer(["rouge1"]).score(text, text)["rouge1"].fmeasure == 0


# Against rouge_score, to the last bit


@pytest.mark.parametrize("placeholders", ["whole", "raw"])
def test_figures_are_those_of_rouge_score_on_the_same_tokens(placeholders: str) -> None:
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")
    scorer = Rouge(MECAB, "raw" if placeholders == "raw" else "whole")
    theirs = rouge_scorer.RougeScorer(list(ROUGES), tokenizer=scorer)
    hypotheses = shuffled_texts()
    for hypothesis, sample in zip(hypotheses, DEMO, strict=True):
        for reference in sample.references:
            found = theirs.score(reference, hypothesis)
            assert scorer.pair(hypothesis, reference) == tuple(
                found[metric].fmeasure for metric in ROUGES
            )


@given(*[some.lists(some.sampled_from("가나다라마"), max_size=30).map(" ".join)] * 2)
def test_figures_are_those_of_rouge_score_on_any_tokens(hypothesis: str, reference: str) -> None:
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")
    found = rouge_scorer.RougeScorer(list(ROUGES), tokenizer=WORDS).score(reference, hypothesis)
    assert WORDS.pair(hypothesis, reference) == tuple(found[metric].fmeasure for metric in ROUGES)


@given(*[some.lists(some.sampled_from("가나다라마"), max_size=30).map(" ".join)] * 2)
def test_figures_of_long_texts_are_those_of_rouge_score(hypothesis: str, reference: str) -> None:
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer", reason="the peer compared with")
    found = rouge_scorer.RougeScorer(list(ROUGES), tokenizer=WORDS).score(reference, hypothesis)
    with patch.object(rouge, "_LONG", -1):
        assert WORDS.pair(hypothesis, reference) == tuple(
            found[metric].fmeasure for metric in ROUGES
        )


def test_long_texts_with_nothing_in_common_score_0() -> None:
    with patch.object(rouge, "_LONG", -1):
        assert WORDS.pair("가 나", "다 라") == (0, 0, 0)


def test_dialogues_of_ten_thousand_turns_are_compared_without_a_table_of_their_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A table of 100 million cells would not fit: rouge_score keeps all of it.
    monkeypatch.setitem(sys.modules, "rouge_score_rs", None)
    words = [str(number) for number in range(10_000)]
    there, back = " ".join(words), " ".join([*words[5_000:], *words[:5_000]])
    found = Rouge(load_tokenizer("eojeol")).pair(there, back)
    assert (found.rouge1, found.rougeL) == (1, 0.5)


def test_without_the_extra_fast_the_scores_are_the_same_and_the_signature_names_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("rouge_score_rs", reason="the extra `fast` is not installed")
    texts = shuffled_texts(), [sample.references for sample in DEMO]
    fast = measure(Rouge(MECAB), *texts)
    monkeypatch.setitem(sys.modules, "rouge_score_rs", None)
    plain = measure(Rouge(MECAB), *texts)
    assert "|rouge-score-rs:" in fast.signature and "|rouge-score:0." in plain.signature
    assert (fast.values, fast.means) == (plain.values, plain.means)


ENGLISH_TEXT = """generously relational conditionally hopping hoping skies dying news #Person1#
#Person2#'s don't 3:30 café Maximum ponies agreed feed sensibilities controlling rate cease roll-out
happy happily the a of U.S. sized falling #Address# address operators"""


@given(
    *[some.lists(some.sampled_from(ENGLISH_TEXT.split()), min_size=1, max_size=20).map(" ".join)]
    * 2
)
def test_english_scores_are_those_of_rouge_score_with_its_stemmer(
    hypothesis: str, reference: str
) -> None:
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")
    found = rouge_scorer.RougeScorer(list(ROUGES), use_stemmer=True).score(reference, hypothesis)
    theirs = tuple(found[metric].fmeasure for metric in ROUGES)
    assert Rouge(load_tokenizer("english"), "raw").pair(hypothesis, reference) == theirs


def test_english_demo_summaries_score_as_rouge_score_with_its_stemmer_says() -> None:
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")
    theirs = rouge_scorer.RougeScorer(list(ROUGES), use_stemmer=True)
    summaries = [str(sample.english_summary) for sample in DEMO]
    hypotheses = [summaries[index - 1] for index in range(len(summaries))]
    rows = Rouge(load_tokenizer("english"), "raw").rows(hypotheses, [[text] for text in summaries])
    for row, hypothesis, summary in zip(rows, hypotheses, summaries, strict=True):
        found = theirs.score(summary, hypothesis)
        assert row == tuple(found[metric].fmeasure for metric in ROUGES)


# Against an implementation of its own


def grams(tokens: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[start:] for start in range(size)), strict=False))


def longest_common(one: Sequence[str], two: Sequence[str]) -> int:
    """Row by row, each cell the longest so far (Hirschberg's way, one row kept)."""
    row = [0] * (len(two) + 1)
    for token in one:
        diagonal = 0
        for place, other in enumerate(two, 1):
            above = row[place]
            row[place] = diagonal + 1 if token == other else max(above, row[place - 1])
            diagonal = above
    return row[-1]


def f1(common: int, hypothesis: int, reference: int) -> Fraction:
    """Twice what is common over both sizes: precision and recall never appear."""
    return Fraction(2 * common, hypothesis + reference) if common else Fraction(0)


def second_opinion(hypothesis: Sequence[str], reference: Sequence[str]) -> tuple[Fraction, ...]:
    pairs = [(grams(hypothesis, size), grams(reference, size)) for size in (1, 2)]
    by_grams = [f1((one & two).total(), one.total(), two.total()) for one, two in pairs]
    return (*by_grams, f1(longest_common(hypothesis, reference), len(hypothesis), len(reference)))


@pytest.mark.parametrize("tokenizer", ["mecab-ko", "syllable", "eojeol"])
def test_a_second_implementation_finds_the_same_corpus_figures(tokenizer: str) -> None:
    scorer = Rouge(load_tokenizer(tokenizer))
    hypotheses = shuffled_texts()
    found = measure(scorer, hypotheses, [sample.references for sample in DEMO]).means
    rows = [
        [
            second_opinion(scorer.tokenize(hypothesis), scorer.tokenize(reference))
            for reference in sample.references
        ]
        for hypothesis, sample in zip(hypotheses, DEMO, strict=True)
    ]
    for place, metric in enumerate(ROUGES):
        exact = sum(sum(pair[place] for pair in row) / len(row) for row in rows) / len(rows)
        assert abs(found[metric] / 100 - exact) < 1e-12
        assert 0.05 < exact < 0.95


def shuffled_texts() -> list[str]:
    """For each demo dialogue a reference of its own or of the next, with words lost, doubled and
    moved: every kind of error."""
    draw = random.Random(7)
    texts = []
    for index, sample in enumerate(DEMO):
        words = draw.choice([*sample.references, *DEMO[index - 1].references]).split()
        kept = [word for word in words for _ in range(draw.choice([0, 1, 1, 1, 1, 1, 2]))]
        place = draw.randrange(len(kept) + 1)
        texts.append(" ".join(kept[place:] + kept[:place]))
    return texts


# What figures may and may not depend on


def test_the_order_of_rows_and_of_references_changes_not_one_bit() -> None:
    rows = list(zip(shuffled_texts(), [sample.references for sample in DEMO], strict=True))
    texts = [text for text, _ in rows], [references for _, references in rows]
    straight, again = measure(Rouge(MECAB), *texts), measure(Rouge(MECAB), *texts)
    random.Random(3).shuffle(rows)
    mixed = measure(
        Rouge(MECAB), [text for text, _ in rows], [references[::-1] for _, references in rows]
    )
    assert straight.as_json() == again.as_json() == mixed.as_json()
    assert Counter(straight.finals) == Counter(mixed.finals) and straight.finals != mixed.finals


def test_the_mean_is_the_sum_over_the_rows_rounded_once() -> None:
    texts = ["가 나 다"] * 10, [["가 라 마"]] * 10
    scores, rows = measure(WORDS, *texts), WORDS.rows(*texts)
    assert scores.means == rows[0].points
    assert scores.means["rouge1"] == 100 * (math.fsum(row.rouge1 for row in rows) / 10)


def test_the_signature_names_all_that_figures_depend_on() -> None:
    references = [["밥을 먹었다."], ["국을", "밥을"]]
    signature = measure(Rouge(MECAB, "raw", "max"), ["밥을 먹었다."] * 2, references).signature
    name, tokenizer, *rest = signature.split("|")
    assert name == "rouge-f1"
    assert tokenizer.startswith("tok:mecab-ko-1.") and "-dic-1." in tokenizer
    assert rest[:4] == ["placeholders:raw", "refs:1-2", "over-refs:max", "n:2"]
    assert rest[4].startswith(("rouge-score-rs:", "rouge-score:")) and rest[5:] == [
        f"v:{__version__}"
    ]
    assert "|refs:3|over-refs:mean|n:1|" in measure(WORDS, ["밥"], [["밥", "국", "빵"]]).signature


def test_the_scores_of_a_program_are_in_points_with_counts_and_signature() -> None:
    scores = measure(WORDS, ["밥을 먹었다", ""], [["밥을 먹었다"], ["국을 마셨다"]])
    expected = {
        "rouge1": 50,
        "rouge2": 50,
        "rougeL": 50,
        "final": 50,
        "samples": 2,
        "empty": 1,
        "wrong_script": 0,
    }
    assert scores.as_json() == expected | {"signature": scores.signature}
    assert [scores.means[part] for part in ROUGES] == [50, 50, 50]
