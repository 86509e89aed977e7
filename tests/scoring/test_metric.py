"""Any metric: what is asked of it, what it may answer, and the built-in ones against their
library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from pivot_sum import __version__
from pivot_sum.comparison.compare import compare
from pivot_sum.comparison.findings import findings
from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import Sample
from pivot_sum.data.sequences import OnDisk
from pivot_sum.errors import MetricInvalid, ScoreRefused
from pivot_sum.scoring import load_metric, load_metrics, measure, similarities

REFERENCES = ["민수는 내일 학교에 간다.", "둘은 저녁에 함께 밥을 먹는다."]
DIALOGUES = ["#Person1#: 민수는?\n#Person2#: 내일 가요.", "#Person1#: 저녁에 밥 먹어요."]


@dataclass
class Fixed:
    """Gives what it is told to, and remembers what it was asked."""

    values: object
    name: str = "fixed"
    signature: str = "fixed|v1"
    asked: list[tuple[object, object, object]] = field(default_factory=list)

    def score(
        self,
        hypotheses: Sequence[str],
        references: Sequence[Sequence[str]],
        sources: Sequence[str],
    ) -> list[float]:
        self.asked.append((hypotheses, references, sources))
        return self.values  # type: ignore[return-value]


def test_a_metric_is_asked_once_for_all_samples_with_references_and_dialogues() -> None:
    metric = Fixed([40, 60.5])
    found = measure(metric, REFERENCES, [[one] for one in REFERENCES], DIALOGUES)
    assert metric.asked == [(REFERENCES, [[one] for one in REFERENCES], DIALOGUES)]
    assert (found.metric, found.headline, found.final) == ("fixed", "fixed", 50.25)
    assert list(found.finals) == [40.0, 60.5]
    assert found.signature == f"fixed|v1|refs:1|n:2|v:{__version__}"
    assert found.as_json() == {
        "fixed": 50.25,
        "samples": 2,
        "empty": 0,
        "wrong_script": 0,
        "signature": found.signature,
    }


def test_texts_stay_on_disk_for_metrics_that_go_one_by_one_and_are_lists_for_others() -> None:
    class OneByOne(Fixed):
        one_by_one = True

    texts, references = OnDisk(REFERENCES), OnDisk((one,) for one in REFERENCES)
    for metric, given in ((Fixed([1, 2]), list), (OneByOne([1, 2]), OnDisk)):
        assert list(measure(metric, texts, references).finals) == [1.0, 2.0]
        [(hypotheses, known, sources)] = metric.asked
        assert (type(hypotheses), type(known), sources) == (given, given, ["", ""])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([50.0], "fixed gave 1 values for 2 summaries"),
        ([50.0, math.nan], "fixed gave nan for summary 2 of 2"),
        ([math.inf, 1.0], "fixed gave inf for summary 1 of 2"),
        ([50.0, 1000.0], "fixed gave 1000.0 for summary 2 of 2"),
        ([-1.0, 50.0], "fixed gave -1.0 for summary 1 of 2"),
        ([50.0, "60"], "fixed gave '60' for summary 2 of 2"),
        ([50.0, None], "fixed gave None for summary 2 of 2"),
        ([True, False], "fixed gave True for summary 1 of 2"),
        (50.0, "fixed gave float 50.0 instead of a list of numbers"),
        ("ab", "fixed gave str 'ab' instead of a list of numbers"),
    ],
)
def test_what_is_not_a_number_for_each_summary_is_refused_by_the_metrics_name(
    values: object, words: str
) -> None:
    with pytest.raises(MetricInvalid, match=words):
        measure(Fixed(values), REFERENCES, [[one] for one in REFERENCES])
    with pytest.raises(MetricInvalid, match=words):
        similarities(Fixed(values), REFERENCES, REFERENCES, DIALOGUES)


def test_numbers_of_numpy_are_numbers() -> None:
    import numpy as np

    found = measure(Fixed(np.array([1, 2])), REFERENCES, [[one] for one in REFERENCES])
    assert list(found.finals) == [1.0, 2.0] and type(found.finals[0]) is float
    single = measure(Fixed([np.float32(1.5), np.int64(2)]), REFERENCES, [["밥을 먹는다"]] * 2)
    assert list(single.finals) == [1.5, 2.0]


def test_an_english_file_is_refused_whatever_the_metric() -> None:
    english = ["They have lunch together today."] * 2
    with pytest.raises(ScoreRefused, match="in another script than their references"):
        measure(Fixed([1, 2]), english, [[one] for one in REFERENCES])


# chrF and BLEU


def test_chrf_is_sacrebleus_sentence_level_score_and_its_mean() -> None:
    from sacrebleu import sentence_chrf

    hypotheses = ["민수는 오늘 학교에 간다.", "둘은 밥을 먹는다."]
    references = [(REFERENCES[0], "민수가 학교에 갈 것이다."), (REFERENCES[1],)]
    found = measure(load_metric("chrf"), hypotheses, references)
    expected = [
        sentence_chrf(one, list(known)).score
        for one, known in zip(hypotheses, references, strict=True)
    ]
    assert list(found.finals) == expected and found.final == pytest.approx(sum(expected) / 2)
    assert found.signature.startswith("chrF2|mean-of-sentences|nc:6|nw:0|")
    assert "|refs:1-2|n:2|" in found.signature


def test_bleu_counts_the_units_of_our_tokenizer_and_says_so() -> None:
    from sacrebleu import sentence_bleu

    metric = load_metric("bleu", tokenizer="syllable")
    found = measure(metric, ["#Person1#은 밥을 먹었다."], [["#Person1#이 밥을 먹었다."]])
    units = "밥 을 먹 었 다 ."
    assert found.final == pytest.approx(
        sentence_bleu(f"P 은 {units}", [f"P 이 {units}"], tokenize="none").score
    )
    assert "|tok:syllable-1|placeholders:whole|" in found.signature


@pytest.mark.parametrize("name", ["rouge", "chrf", "bleu"])
def test_the_same_text_scores_100_and_an_empty_one_0(name: str) -> None:
    metric = load_metric(name, tokenizer="syllable")
    found = measure(metric, [REFERENCES[0], " "], [[one] for one in REFERENCES])
    assert list(found.finals) == [pytest.approx(100), 0.0]
    assert found.empty == 1


def test_bleu_refuses_references_its_tokenizer_is_not_for() -> None:
    english = ["They have lunch together today."]
    with pytest.raises(ScoreRefused, match="tokenizer syllable is for Korean"):
        measure(load_metric("bleu", tokenizer="syllable"), english, [english])


def test_a_metric_that_is_named_twice_is_there_once_and_those_behind_it_too() -> None:
    assert list(load_metrics(["chrf", "chrf", "placeholders"])) == ["chrf", "placeholders"]


# Comparing by any metric


def compared(*names: str) -> list[str]:
    samples = [
        Sample(f"s{place:02d}", DIALOGUES[0], (REFERENCES[0],), None, None) for place in range(40)
    ]
    ids = [sample.id for sample in samples]
    good = System("good", dict.fromkeys(ids, REFERENCES[0]))
    bad = System("bad", dict.fromkeys(ids, "전혀 다른 말이다."))
    metrics = load_metrics(names, tokenizer="syllable")
    found = compare([good, bad], samples, metrics, resamples=200)
    [difference] = found.differences
    assert (difference.wins, difference.ties, difference.losses) == (0, 0, 40)
    assert found.as_json()["differences"][0]["others"].keys() == set(list(metrics)[1:])
    return findings(found)


def test_the_first_metric_decides_and_is_named_in_the_answer() -> None:
    assert " points below good (chrF, 95 % CI " in compared("chrf", "rouge")[0]
    assert " points below good (final, 95 % CI " in compared("rouge", "chrf")[0]


def test_a_metric_that_finds_the_opposite_is_mentioned() -> None:
    class Backwards(Fixed):
        def score(self, hypotheses, references, sources):  # type: ignore[no-untyped-def]
            return [100.0 - len(text) for text in hypotheses]

    samples = [Sample(f"s{n}", DIALOGUES[0], (REFERENCES[0],), None, None) for n in range(8)]
    ids = [sample.id for sample in samples]
    systems = [
        System("short", dict.fromkeys(ids, "민수는 간다.")),
        System("full", dict.fromkeys(ids, REFERENCES[0])),
    ]
    metrics = {**load_metrics(["chrf"]), "shortness": Backwards([], "shortness")}
    answer, contrary, *_ = findings(compare(systems, samples, metrics, resamples=200))
    assert answer.startswith("full is ") and " above short (chrF, " in answer
    assert contrary.startswith("shortness puts full against short the other way round than chrF: ")
    assert contrary.endswith("shortness -7.00 (95 % CI -7.00 to -7.00, significant).")
