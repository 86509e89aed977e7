"""Answers restricted to the tokens that Korean and English can need: which these are, that the
answers are those of a model that has no others, and what gets the whole vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from checkpoints import ENGLISH, FOREIGN, KOREAN, make_nllb
from checkpoints_families import _livelier, make_m2m100, make_mbart50

from pivot_sum.stages.base import declared_identity, resolved_identity
from pivot_sum.stages.engines.base import Engine, EngineSpec, Generated, Search
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.engines.korean_english import LIST, RULE, can_need, needed_tokens
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import DamagedModel, FieldsInvalid
from pivot_sum.stages.models.architectures import architecture
from pivot_sum.stages.models.checkpoints import load_config, load_tokenizer
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

LINES = KOREAN + ENGLISH + FOREIGN
TEXTS = [*KOREAN, *ENGLISH, "😊 (3) ⟦1⟧ ‘네’…", "https://example.com/a?b=1"]
FIRST = {"nllb": "eng_Latn", "mbart50": "en_XX", "m2m100": "__en__"}
MAKERS: Mapping[str, Callable[[Path], Path]] = {
    "nllb": lambda folder: _livelier(make_nllb(folder, lines=LINES)),
    "mbart50": lambda folder: make_mbart50(folder, lines=LINES),
    "m2m100": lambda folder: make_m2m100(folder, lines=LINES),
}
GREEDY = Search(1, 16, 0, 1.0, 0, 1.0)
BEAM = replace(GREEDY, num_beams=4)

families = pytest.mark.parametrize("family", MAKERS)


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The small checkpoint of a family whose tokenizer has Cyrillic, Han and kana too."""
    folder = tmp_path_factory.mktemp("multilingual")

    def made(family: str) -> Path:
        return folder / family if (folder / family).is_dir() else MAKERS[family](folder / family)

    return made


def load(folder: Path, dtype: str = "float32", **fields: Any) -> CTranslate2Engine:
    return CTranslate2Engine(EngineSpec(str(folder), "main", dtype, "cpu", 1, **fields))


def ask(
    engine: Engine, family: str, texts: list[str], search: Search = GREEDY, **how: Any
) -> list[Generated]:
    return engine.generate(
        engine.encode(texts), search, batch_tokens=1000, forced_bos_token=FIRST.get(family), **how
    )


# Which tokens


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, café São ½ ₩\t",
        "안녕 ㅋㅋ 제3 ‘…’ →①Ⅳ",
        "😊👩\u200d👧1️⃣👍🏽🇰🇷",
        "⟦1⟧ #Person1# \ufffd",
    ],
)
def test_what_korean_and_english_can_need_is_kept(text: str) -> None:
    assert can_need(text)


@pytest.mark.parametrize(
    "text", ["Привет", "大韓", "の", "α", "ş", "ế", "عربي", "हिन्दी", "क्", "๑", "٣", "Hиc", "안녕你"]
)
def test_letters_and_digits_of_other_scripts_are_not(text: str) -> None:
    assert not can_need(text)


@families
def test_a_token_is_left_out_for_its_characters_or_its_language_alone(
    family: str, multilingual: Callable[[str], Path]
) -> None:
    folder = multilingual(family)
    tokenizer, config = load_tokenizer(folder), load_config(folder)
    kept = needed_tokens(tokenizer, config)
    dropped = [
        tokenizer.convert_ids_to_tokens(number)
        for number in range(config.vocab_size)
        if number not in kept
    ]
    languages = {token for token in dropped if architecture(config.model_type).is_language(token)}
    assert languages.isdisjoint({"eng_Latn", "kor_Hang", "en_XX", "ko_KR", "__en__", "__ko__"})
    assert languages >= {"nllb": set(), "mbart50": {"ja_XX"}, "m2m100": {"__ja__"}}[family]
    assert not any(can_need(token.strip("▁")) for token in dropped if token not in languages)
    assert any("н" in token for token in dropped) and any("图" in token for token in dropped)
    rows = tokenizer(KOREAN + ENGLISH).input_ids
    assert {token for row in rows for token in row} <= {*kept}
    for token in (FIRST[family], "</s>", "<unk>"):
        assert tokenizer.convert_tokens_to_ids(token) in kept
    assert kept == sorted({*kept})


def test_parts_of_a_character_stay_and_a_row_without_a_token_goes(bart: Path) -> None:
    tokenizer, config = load_tokenizer(bart), load_config(bart)
    assert needed_tokens(tokenizer, config) == list(range(config.vocab_size))  # bytes of letters
    config.vocab_size += 3
    assert needed_tokens(tokenizer, config) == list(range(config.vocab_size - 3))


# Answers


@families
@pytest.mark.parametrize("search", [GREEDY, BEAM, replace(GREEDY, no_repeat_ngram_size=2)])
def test_the_answers_are_those_of_a_model_without_the_other_tokens(
    family: str, search: Search, multilingual: Callable[[str], Path]
) -> None:
    """All but one, as between the two engines elsewhere."""
    folder = multilingual(family)
    engine, other = (
        load(folder, vocabulary="ko-en"),
        TransformersEngine(EngineSpec(str(folder), "main", "float32", "cpu", 1)),
    )
    kept = needed_tokens(load_tokenizer(folder), load_config(folder))
    dropped = sorted({*range(engine.config.vocab_size)} - {*kept})

    def without(_: object, __: object, scores: Any) -> Any:
        scores[..., dropped] = -1e9
        return scores

    unrestricted = ask(other, family, TEXTS, search)
    other.model.lm_head.register_forward_hook(without)
    expected = ask(other, family, TEXTS, search)
    assert expected != unrestricted
    answers = ask(engine, family, TEXTS, search)
    same = sum(answer == wanted for answer, wanted in zip(answers, expected, strict=True))
    assert same >= len(TEXTS) - 1


@families
def test_a_text_that_holds_another_token_is_answered_with_the_whole_vocabulary(
    family: str, multilingual: Callable[[str], Path]
) -> None:
    folder = multilingual(family)
    engine, whole = load(folder, "int8", vocabulary="ko-en"), load(folder, "int8")
    mixed = [FOREIGN[0], KOREAN[0], FOREIGN[1], ENGLISH[0], FOREIGN[2], KOREAN[1] + FOREIGN[1][:3]]
    told: dict[int, Generated] = {}
    answers = ask(engine, family, mixed, ready=told.update)
    assert [told[place] for place in range(len(mixed))] == answers
    for text, answer in zip(mixed, answers, strict=True):
        one = ask(engine, family, [text])
        assert [answer] == one, "an answer depends on the texts beside it"
        if text not in (KOREAN[0], ENGLISH[0]):
            assert one == ask(whole, family, [text])
    assert ask(engine, family, KOREAN + ENGLISH) != ask(whole, family, KOREAN + ENGLISH)
    for answer in ask(engine, family, KOREAN + ENGLISH, BEAM):
        assert can_need(answer.text)


@pytest.mark.parametrize("family", ["nllb", "marian-ko-en"])
def test_where_nothing_is_left_out_nothing_changes(
    family: str, small: Callable[[str], Path]
) -> None:
    engine, whole = load(small(family), vocabulary="ko-en"), load(small(family))
    for search in (GREEDY, BEAM):
        assert ask(engine, family, TEXTS, search) == ask(whole, family, TEXTS, search)


# Identity and files


def test_the_default_keeps_its_keys_and_the_list_has_keys_of_its_own() -> None:
    for stage in (
        Translate(model="demo:translator", source="ko", target="en"),
        Summarize(model="demo:summarizer-en", language="en"),
    ):
        restricted = replace(stage, vocabulary="ko-en")
        for identity in (declared_identity, resolved_identity):
            assert "vocabulary" not in identity(stage)
        assert declared_identity(restricted) == declared_identity(stage) | {"vocabulary": "ko-en"}
        named = {"vocabulary": f"ko-en-{RULE}"}  # another rule would give other answers
        assert resolved_identity(restricted) == resolved_identity(stage) | named


def test_each_vocabulary_has_a_folder_of_its_own_and_the_whole_one_that_of_before(
    nllb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "kept"))
    load(nllb, vocabulary="ko-en")
    [restricted] = (tmp_path / "kept").iterdir()
    assert restricted.name.endswith(f"-float32-2-ko-en-{RULE}") and (restricted / LIST).is_file()
    load(nllb)
    [whole] = {*(tmp_path / "kept").iterdir()} - {restricted}
    assert whole.name.endswith("-float32-2") and not (whole / LIST).exists()


@pytest.mark.parametrize("content", [None, b"\t1 2 x", b"\xff"])
def test_a_damaged_list_is_named(
    content: bytes | None, nllb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "kept"))
    load(nllb, vocabulary="ko-en")
    [file] = (tmp_path / "kept").glob(f"*/{LIST}")
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(DamagedModel, match=r"converted model in .* cannot be read: .*Delete that"):
        load(nllb, vocabulary="ko-en")


@pytest.mark.parametrize("fields", [{"engine": "transformers"}, {"ensemble": ("demo:translator",)}])
def test_what_only_ctranslate2_can_do_is_refused_elsewhere(fields: dict[str, Any]) -> None:
    with pytest.raises(FieldsInvalid, match=r"vocabulary: only CTranslate2 .*ko-en"):
        Translate(model="demo:translator", source="ko", target="en", vocabulary="ko-en", **fields)


def test_a_stage_restricts_its_answers_and_asks_for_ctranslate2(
    multilingual: Callable[[str], Path],
) -> None:
    stage = Translate(
        model=str(multilingual("nllb")), source="ko", target="en", max_new_tokens=16, guards=()
    )
    restricted = replace(stage, vocabulary="ko-en")
    assert isinstance(restricted.load(), CTranslate2Engine)
    assert restricted(KOREAN) != stage(KOREAN)
    assert all(map(can_need, restricted(KOREAN)))
    assert restricted(FOREIGN) == stage(FOREIGN)
