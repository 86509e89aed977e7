"""What every stage promises. A new stage needs one line in EXAMPLES."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from chatserver import KEY, ChatServer
from chatstages import USUAL, said_by_model
from faultserver import FaultServer

from pivot_sum.cache import canonical_json
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import (
    Note,
    PlaceholderPolicy,
    Stage,
    Task,
    answers_of,
    declared_identity,
    stage_fields,
)
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.chat import Chat
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.deepl import DeepL
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.errors import FieldsInvalid
from pivot_sum.stages.names import Names
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.rewrite import Rewrite
from pivot_sum.stages.seen import Seen, sees
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.text.placeholders import count
from pivot_sum.stages.translate import Translate

KOREAN = [
    "#Person1#: 안녕하세요, 오늘 오후에 시간 있으세요?\n#Person2#: 네, 세 시에 만나요.",
    "#Person2# 는 #Person1# 에게 #PhoneNumber#를 알려 준다 .",
    "##Person1#：네.\r\n#PErson2#: 좋아요!",
    "ㅋㅋ 커피가 맛있어요.",
    "네",
]
ENGLISH = [
    "#Person1#: Hello, do you have time this afternoon?\n#Person2#: Yes, let's meet at 3.",
    "#Person2# tells #Person1# the phone number #PhoneNumber#.",
    "I would like to make an appointment at the clinic.",
    "Good",
]
TRUE_PLACEHOLDERS = {"#Person1#", "#Person2#", "#PhoneNumber#"}
BLANK = ["", " ", "\n\t \r\n", "\u3000\u00a0"]

TO_ENGLISH = {"model": "to-en"}
TO_KOREAN = {"source": "en", "target": "ko", "model": "to-ko"}
SUMMARY = {"task": "summarize", "source": "en"}
SHORT: dict[str, Any] = {"max_new_tokens": 6, "num_beams": 1}

Models = dict[str, Path]
EXAMPLES: dict[str, list[Callable[[Models], Stage]]] = {
    "clean": [lambda models: Clean(), lambda models: Clean(language="en", colloquial=True)],
    "translate": [
        lambda models: Translate(
            model=str(models["nllb"]), source="ko", target="en", max_new_tokens=8, dtype="float32"
        ),
        lambda models: Translate(
            model=str(models["nllb"]),
            source="en",
            target="ko",
            max_new_tokens=6,
            num_beams=1,
            masks=(),
        ),
    ],
    "deepl": [
        lambda models: DeepL(source="ko", target="en", snapshot="2026-11"),
        lambda models: DeepL(source="en", target="ko", snapshot="2026-11", context=2, masks=()),
    ],
    "summarize": [
        lambda models: Summarize(model=str(models["bart"]), language="ko", max_new_tokens=8),
        lambda models: Summarize(
            model=str(models["bart"]), language="en", max_source_tokens=16, **SHORT
        ),
    ],
    "rewrite": [
        lambda models: Rewrite(model=str(models["bart"]), language="ko", max_new_tokens=8),
        lambda models: Rewrite(
            model=str(models["bart"]), language="en", max_source_tokens=90, **SHORT
        ),
    ],
    "chat": [
        lambda models: Chat(**USUAL | TO_ENGLISH),
        lambda models: Chat(**USUAL | TO_ENGLISH, texts_per_request=3),
        lambda models: Chat(**USUAL | TO_KOREAN, context=2, masks=(), retries=()),
        lambda models: Chat(**USUAL | TO_ENGLISH | SUMMARY, max_source_characters=60),
        lambda models: Chat(**USUAL | TO_KOREAN | {"task": "rewrite", "source": "ko"}),
    ],
    "names": [lambda models: Names()],
    "polish": [lambda models: Polish()],
}


def examples(models: Models, name: str) -> list[tuple[Stage, list[str]]]:
    """The example stages of a name, each with texts of the language it takes."""
    found = []
    for stage in [make(models) for make in EXAMPLES[name]]:
        texts = KOREAN if stage.source == "ko" else ENGLISH
        if sees(stage) != "text":
            pivot = ENGLISH[:2] if sees(stage) == "pivot" else ()
            texts = [Seen(text, text, text, *pivot).packed() for text in texts]
        found.append((stage, texts))
    return found


@pytest.fixture
def models(
    nllb: Path,
    bart: Path,
    deepl_server: FaultServer,
    chat_server: ChatServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Models:
    monkeypatch.chdir(tmp_path)  # outside of a run, batches are recorded in the working folder
    chat_server.models = ["to-en", "to-ko"]
    chat_server.answer = said_by_model
    monkeypatch.setenv("ANOTHER_KEY", KEY)
    return {"nllb": nllb, "bart": bart}


every_stage = pytest.mark.parametrize("name", sorted(STAGES))


def test_every_stage_of_the_table_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(STAGES), (
        "give the new stage examples in EXAMPLES, so that the contract is asked of it too"
    )
    assert all(EXAMPLES.values())


@every_stage
def test_the_table_names_stages_as_they_name_themselves(name: str, models: Models) -> None:
    assert STAGES[name].name == name
    for stage, _ in examples(models, name):
        assert type(stage) is STAGES[name]


@every_stage
def test_a_stage_gives_one_text_for_each_in_order_whatever_stands_beside_it(
    name: str, models: Models
) -> None:
    for stage, texts in examples(models, name):
        together = stage(texts)
        assert len(together) == len(texts)
        assert all(isinstance(output, str) for output in together)
        assert together == [stage([text])[0] for text in texts]


@every_stage
def test_permuted_inputs_give_permuted_outputs(name: str, models: Models) -> None:
    for stage, texts in examples(models, name):
        outputs = stage(texts)
        assert stage(texts[::-1]) == outputs[::-1]
        assert stage(texts[2:] + texts[:2]) == outputs[2:] + outputs[:2]


@every_stage
def test_the_same_text_gives_the_same_answer_every_time(name: str, models: Models) -> None:
    for stage, texts in examples(models, name):
        first = stage(texts)
        assert stage(texts) == first
        free()  # as in another process: the model is loaded again
        assert replace(stage)(texts) == first  # type: ignore[type-var]  # a Protocol cannot say "is a dataclass"


@every_stage
def test_a_repeated_text_gets_the_same_answer_at_each_place(name: str, models: Models) -> None:
    for stage, texts in examples(models, name):
        outputs = stage(texts)
        assert stage([texts[1], *texts, texts[1], texts[0]]) == [
            outputs[1],
            *outputs,
            outputs[1],
            outputs[0],
        ]


@every_stage
def test_blank_texts_stay_exactly_as_they_are(name: str, models: Models) -> None:
    for stage, texts in examples(models, name):
        assert stage(BLANK) == BLANK
        mixed = stage([BLANK[2], texts[0], BLANK[0], BLANK[3]])
        assert mixed == [BLANK[2], stage(texts[:1])[0], BLANK[0], BLANK[3]]


@every_stage
def test_no_texts_give_no_answers(name: str, models: Models) -> None:
    for stage, _ in examples(models, name):
        assert stage([]) == []


@every_stage
def test_fields_outside_the_identity_do_not_change_an_answer(name: str, models: Models) -> None:
    small: dict[str, Any] = {"batch_size": 1, "batch_tokens": 1, "threads": 1, "device": "cpu"}
    small |= {"concurrency": 1, "timeout": 5.0, "attempts": 1, "pause": 0.0, "price_in": 0.5}
    small |= {"key_variable": "ANOTHER_KEY", "token_limit": "max_completion_tokens"}
    small |= {"price_out": 2.0, "currency": "KRW"}
    for stage, texts in examples(models, name):
        small |= {"batch_api": getattr(stage, "texts_per_request", 1) == 1}
        outside = {item.name for item in stage_fields(stage) if not item.metadata["identity"]}
        assert outside <= set(small), "say here which other value such a field may have"
        changed: Stage = replace(stage, **{field: small[field] for field in outside})  # type: ignore[type-var]
        assert changed(texts) == stage(texts)


@every_stage
def test_a_stage_does_not_change_the_list_it_gets(name: str, models: Models) -> None:
    for stage, texts in examples(models, name):
        given = [*texts, *BLANK, texts[0]]
        stage(given)
        assert given == [*texts, *BLANK, texts[0]]


@every_stage
def test_a_stage_prints_nothing(
    name: str, models: Models, capfd: pytest.CaptureFixture[str]
) -> None:
    free()
    for stage, texts in examples(models, name):
        stage(texts)
    assert capfd.readouterr() == ("", "")


@every_stage
def test_notes_are_json_and_say_only_what_the_contract_knows(name: str, models: Models) -> None:
    for stage, texts in examples(models, name):
        for answer in answers_of(stage, texts, Budget()):
            note: Any = answer.note
            assert set(note) <= set(get_type_hints(Note))
            assert json.loads(canonical_json(note)) == note


@every_stage
def test_placeholders_are_treated_as_the_stage_says(name: str, models: Models) -> None:
    for stage, texts in examples(models, name):
        assert stage.placeholders in get_args(PlaceholderPolicy)
        for given, output in zip(texts, stage(texts), strict=True):
            text = given if sees(stage) == "text" else Seen.unpacked(given).text
            match stage.placeholders:
                case "keep":
                    assert count(output) == count(text)
                case "repair":
                    assert count(output).total() >= count(text).total()
                    assert all(
                        found in output for found in count(text) if found in TRUE_PLACEHOLDERS
                    )
                case "select":
                    assert set(count(output)) <= set(count(text))


@every_stage
def test_a_stage_says_which_languages_it_takes_and_gives(name: str, models: Models) -> None:
    for stage, _ in examples(models, name):
        assert {stage.source, stage.target} <= {"ko", "en"}


@every_stage
def test_a_stage_says_how_many_texts_it_wants_at_once(name: str, models: Models) -> None:
    for stage, _ in examples(models, name):
        assert stage.batch_size >= 1


@every_stage
def test_every_field_has_a_help_text_and_says_whether_it_is_in_the_identity(name: str) -> None:
    for item in stage_fields(STAGES[name]):
        assert item.metadata["help"].strip(), item.name
        assert item.metadata["identity"] in (True, False, "unless-default"), item.name
    assert (STAGES[name].__doc__ or "").strip()
    assert STAGES[name].version >= 1


@every_stage
def test_a_stage_is_frozen_and_usable_as_a_key(name: str, models: Models) -> None:
    for stage, _ in examples(models, name):
        field = stage_fields(stage)[0].name
        with pytest.raises(AttributeError):
            setattr(stage, field, "other")
        assert {stage: 1}[replace(stage)] == 1  # type: ignore[type-var]


@every_stage
def test_a_stage_rebuilt_from_its_stored_identity_has_the_same(name: str, models: Models) -> None:
    for stage, _ in examples(models, name):
        stored = json.loads(canonical_json(declared_identity(stage)))
        assert stored == declared_identity(stage)
        kind: Any = STAGES[stored.pop("stage")]
        assert stored.pop("version") == kind.version
        fields = {
            field: tuple(value) if isinstance(value, list) else value
            for field, value in stored.items()
        }
        # Not the stage itself: what the environment filled stands in the identity only.
        assert declared_identity(kind(**fields)) == declared_identity(stage)


@every_stage
def test_a_stage_checks_its_fields_in_python_as_in_a_recipe(name: str, models: Models) -> None:
    for stage, _ in examples(models, name):
        with pytest.raises(FieldsInvalid, match="batch_size") as caught:
            other = next(item.name for item in stage_fields(stage) if item.name != "batch_size")
            replace(stage, batch_size=0, **{other: {"no": "value"}})  # type: ignore[type-var]
        assert len(caught.value.mistakes) >= 2  # all mistakes at once
        assert stage.task in get_args(Task)
        assert pickle.loads(pickle.dumps(stage)) == stage
