"""What the stage `deepl` keeps from DeepL, and DeepL's newer options, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from deeplfaults import korean_to_english
from faultserver import FaultServer
from faulttexts import right

from pivot_sum.stages.errors import FieldsInvalid

# What is not translated


@pytest.mark.parametrize("drop", ["", "<keep>[^<]*</keep>", "<keep>[^<]*</keep>|<x [^<]*>"])
def test_what_is_protected_goes_inside_the_tag_and_comes_back(
    drop: str, deepl_server: FaultServer
) -> None:
    deepl_server.drop = drop
    stage = korean_to_english(protect=("url", "email", "hashtag"))
    text = "#Person1#, 신청은 https://a.kr/?x=1&y=2 나 me@a.kr로! #벚꽃축제"
    (output,) = stage([text])
    for word in ("https://a.kr/?x=1&y=2", "me@a.kr", "#벚꽃축제", "#Person1#"):
        assert output.count(word) == 1
    sent_first = deepl_server.asked[0].body["text"][0]
    assert "<keep>#Url1#</keep>" in sent_first and "a.kr" not in sent_first
    if not drop:
        assert stage.cost([text]) == {"characters": deepl_server.billed}


def test_nothing_is_protected_unless_the_recipe_says_so(deepl_server: FaultServer) -> None:
    korean_to_english()(["신청은 a.kr"])
    assert deepl_server.asked[0].body["text"] == ["신청은 a.kr"]


# Newer options of DeepL


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"custom_instructions": ("Be brief.", "존댓말로 써.")},
            {"custom_instructions": ["Be brief.", "존댓말로 써."]},
        ),
        ({"style_rule": "rule-1"}, {"style_id": "rule-1"}),
        (
            {"translation_memory": "memory-1"},
            {"translation_memory_id": "memory-1", "translation_memory_threshold": 75},
        ),
        (
            {"translation_memory": "memory-1", "translation_memory_threshold": 90},
            {"translation_memory_id": "memory-1", "translation_memory_threshold": 90},
        ),
        ({"model_type": "latency_optimized"}, {"model_type": "latency_optimized"}),
    ],
)
def test_a_newer_option_is_sent_where_it_is_set(
    fields: dict[str, Any], said: dict[str, Any], deepl_server: FaultServer
) -> None:
    assert korean_to_english()(["안녕"]) == korean_to_english(**fields)(["안녕"])
    usual, asked = (asked.body for asked in deepl_server.asked)
    assert asked == usual | said


def test_long_instructions_leave_room_in_a_request(deepl_server: FaultServer) -> None:
    texts = [f"{number}번 " + "가" * 4000 for number in range(10)]
    stage = korean_to_english(custom_instructions=("가" * 300,) * 10, batch_size=10, concurrency=1)
    assert stage(texts) == [right(text) for text in texts]
    assert {asked.outcome for asked in deepl_server.asked} == {"200"}
    assert max(len(asked.texts) for asked in deepl_server.asked) == 4


@pytest.mark.parametrize("given", [("",), ("a" * 301,), ("a",) * 11])
def test_instructions_deepl_would_refuse_are_refused_before(given: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="custom_instructions"):
        korean_to_english(custom_instructions=given)


@pytest.mark.parametrize("fields", [{"custom_instructions": ("a",)}, {"style_rule": "a"}])
def test_faster_models_take_no_instructions_and_no_style_rules(fields: dict[str, Any]) -> None:
    korean_to_english(**fields)
    said = f"model_type: DeepL's faster models take no {next(iter(fields))}; write quality_"
    with pytest.raises(FieldsInvalid, match=said):
        korean_to_english(model_type="latency_optimized", **fields)


def test_a_threshold_needs_a_memory() -> None:
    with pytest.raises(FieldsInvalid, match="translation_memory_threshold: needs a translation_me"):
        korean_to_english(translation_memory_threshold=80)
