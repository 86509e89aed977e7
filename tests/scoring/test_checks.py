"""What is not scored: figures that would mean nothing are refused, with the reason and the share of
the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from pivot_sum.data.samples import Sample
from pivot_sum.errors import ScoreRefused
from pivot_sum.scoring import Rouge, load_tokenizer, measure
from pivot_sum.scoring.checks import beginning, named_missing, paired, wordless

KOREAN = Rouge(load_tokenizer("eojeol"))
ENGLISH = Rouge(load_tokenizer("english"), "raw")
KO = "민수는 지영에게 책을 빌려준다."
EN = "Minsu lends Jiyoung a book."
JA = "太郎は花子に本を貸します。"


def samples(*references: tuple[str, ...]) -> list[Sample]:
    return [
        Sample(f"d{number}", "#Person1#: 네.", known, None, None)
        for number, known in enumerate(references)
    ]


@pytest.mark.parametrize(
    ("hypothesis", "language"), [(EN, "English"), (JA, "neither Korean nor English")]
)
def test_a_file_in_another_script_than_its_references_is_refused(
    hypothesis: str, language: str
) -> None:
    with pytest.raises(
        ScoreRefused,
        match=rf"40 of 40 \(100%\) hypotheses.*first of them is {language}, its reference Korean",
    ):
        measure(KOREAN, [hypothesis] * 40, [[KO]] * 40)


def test_the_share_of_the_rows_decides_and_is_said() -> None:
    with pytest.raises(ScoreRefused, match=r"5 of 40 \(12%\) hypotheses are in another script"):
        measure(KOREAN, [EN] * 5 + [KO] * 35, [[KO]] * 40)
    scores = measure(KOREAN, [EN] * 4 + [KO] * 36, [[KO]] * 40)
    assert scores.wrong_script == 4
    assert scores.final == 90


def test_one_row_among_others_never_blocks_their_figures_but_is_counted() -> None:
    assert measure(KOREAN, [EN, KO], [[KO]] * 2).wrong_script == 1
    with pytest.raises(ScoreRefused, match=r"1 of 1 \(100%\)"):
        measure(KOREAN, [EN], [[KO]])


def test_placeholders_and_crumbs_decide_nothing() -> None:
    scores = measure(KOREAN, ["#Person1#", "OK", "", "1234"] * 5, [[KO]] * 20)
    assert (scores.wrong_script, scores.empty) == (0, 5)


def test_an_english_name_in_a_korean_summary_is_no_wrong_script() -> None:
    text = "#Person1#은 Microsoft Office를 설치하려고 한다."
    assert measure(KOREAN, [text], [[text]]).wrong_script == 0


def test_english_references_are_refused_by_a_korean_tokenizer_and_the_right_one_is_named() -> None:
    with pytest.raises(
        ScoreRefused,
        match=r"of 3 of 3 \(100%\) samples are English.*eojeol is for Korean.*--tokenizer english",
    ):
        measure(KOREAN, [EN] * 3, [[EN]] * 3)
    assert measure(ENGLISH, [EN] * 3, [[EN]] * 3).final == 100


def test_korean_references_are_refused_by_the_english_tokenizer() -> None:
    with pytest.raises(
        ScoreRefused,
        match=r"are Korean, and the tokenizer english is for English.*--tokenizer mecab-ko",
    ):
        measure(ENGLISH, [KO] * 3, [[KO]] * 3)


def test_what_cannot_be_paired_is_refused() -> None:
    with pytest.raises(ScoreRefused, match="no samples"):
        measure(KOREAN, [], [])
    with pytest.raises(
        ScoreRefused, match="2 hypotheses cannot be scored against the references of 1 samples"
    ):
        measure(KOREAN, [KO, KO], [[KO]])
    with pytest.raises(ScoreRefused, match="1 of 2 samples have no reference"):
        measure(KOREAN, [KO, KO], [[KO], []])


def test_texts_are_put_into_the_order_of_the_data() -> None:
    texts, references = paired(
        {"d1": "나", "d0": "가"}, samples(("ㄱ", "ㄴ"), ("ㄷ",)), Path("p.csv"), Path("dev.csv")
    )
    assert (list(texts), list(references)) == (["가", "나"], [("ㄱ", "ㄴ"), ("ㄷ",)])


def test_missing_and_unknown_ids_are_named_together() -> None:
    texts = {"d0": KO, **{f"x{number}": KO for number in range(7)}}
    with pytest.raises(ScoreRefused) as refused:
        paired(texts, samples((KO,), (KO,), (KO,)), Path("p.csv"), Path("dev.csv"))
    assert (
        str(refused.value)
        == "p.csv cannot be scored. 2 of 3 ids of dev.csv have no row in it: d1, d2. 7 of its 8 ids"
        " are not in dev.csv: x0, x1, x2, x3, x4 and 2 more. Name the data it was made from with"
        " --data"
    )


def test_missing_or_unknown_ids_are_named_alone_with_what_may_be_meant() -> None:
    for texts, known, words in (
        ({"d0": KO}, ((KO,), (KO,)), "1 of 2 ids of dev.csv have no row in it: d1. "),
        ({"d0": KO, "x": KO}, ((KO,),), "1 of its 2 ids are not in dev.csv: x. "),
    ):
        with pytest.raises(ScoreRefused) as refused:
            paired(texts, samples(*known), Path("p.csv"), Path("dev.csv"))
        said = f"p.csv cannot be scored. {words}Name the data it was made from with --data"
        beginning_of = (
            ""
            if "x" in texts
            else (", or the run folder, or --limit N, where it is of the beginning of that data")
        )
        assert str(refused.value) == said + beginning_of


def test_a_sample_without_reference_is_named() -> None:
    with pytest.raises(
        ScoreRefused,
        match=r"dev.csv has no reference summary for 1 of 2 ids: d1\. .*a test file has none",
    ):
        paired({"d0": KO, "d1": KO}, samples((KO,), ()), Path("p.csv"), Path("dev.csv"))


def test_a_limit_takes_the_first_samples_and_keeps_texts_that_belong_to_none() -> None:
    samples = [Sample(id, "", ("요약",), None, None) for id in ("a", "b", "c")]
    texts = {"a": "1", "c": "3", "x": "?"}
    assert beginning(texts, samples, 2) == ({"a": "1", "x": "?"}, samples[:2])
    assert beginning(texts, samples, None) == (texts, samples)
    assert beginning(texts, samples, 0) == ({"x": "?"}, [])


def test_hypotheses_that_are_no_text_are_counted_by_what_they_are_instead() -> None:
    assert wordless(["...", "😀", " ", "", "a", "1", "가…"]) == 2
    assert named_missing(["nan", " None ", "NULL", "none of it", "", "N/A"]) == 4
