"""Placeholders in training: as tokens of their own, as text, as names, in every architecture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from trainings import TINY, TRANSLATE, rows, trained, with_files

from pivot_sum.errors import TrainingRefused
from pivot_sum.stages.models.checkpoints import load_tokenizer
from pivot_sum.stages.models.trained import Trained
from pivot_sum.stages.models.trained import trained as note_of
from pivot_sum.stages.summarize import Summarize
from pivot_sum.training.encoding import Encoder
from pivot_sum.training.examples import Example
from pivot_sum.training.model import Loaded, TrainedEngine, load, save
from pivot_sum.training.placeholders import ADDED
from pivot_sum.training.recipe import checked_recipe

TEXT = "#Person1#은 #Person2#에게 전화번호 #PhoneNumber#를 알려 준다."
ADD = "text.placeholders=added-tokens"


def loaded(model: Path, *settings: str, task: str = "summarize") -> Loaded:
    base = TINY if task == "summarize" else TRANSLATE
    return load(checked_recipe(base, "tiny", [f"model={model}", *settings]))


@pytest.mark.parametrize("family", ["bart", "kobart", "t5", "mt5", "pegasus"])
def test_added_tokens_are_read_and_written_as_they_are(
    family: str, small: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = small(family)
    before, made = loaded(folder), loaded(folder, ADD)
    save(made, tmp_path)
    tokenizer = load_tokenizer(tmp_path)
    ids = tokenizer(TEXT, add_special_tokens=False).input_ids
    added = [tokenizer.convert_tokens_to_ids(token) for token in ADDED]
    assert len(set(added)) == len(ADDED) and tokenizer.unk_token_id not in added
    assert [ids.count(number) for number in added].count(1) == 3
    assert tokenizer.decode(ids, skip_special_tokens=True).strip() == TEXT
    plain = "오늘 오후에 만나요.\n네,  좋아요."
    assert tokenizer(plain).input_ids == before.tokenizer(plain).input_ids
    inner, outer = made.network.get_input_embeddings(), made.network.get_output_embeddings()
    assert inner.weight.shape[0] == outer.weight.shape[0] > max(added)
    tied = before.network.get_input_embeddings().weight is (
        before.network.get_output_embeddings().weight
    )
    assert (inner.weight is outer.weight) is tied
    for table, old in (
        (inner, before.network.get_input_embeddings()),
        (outer, before.network.get_output_embeddings()),
    ):
        for token, number in zip(ADDED, added, strict=True):
            pieces = before.tokenizer(token, add_special_tokens=False).input_ids
            assert torch.equal(table.weight[number], old.weight[pieces].mean(dim=0))
        assert torch.equal(table.weight[: added[0]], old.weight[: added[0]])


@pytest.mark.parametrize("family", ["nllb", "mbart50", "m2m100", "marian-ko-en"])
def test_a_tokenizer_that_would_put_spaces_behind_added_tokens_is_refused(
    family: str, small: Callable[[str], Path]
) -> None:
    with pytest.raises(TrainingRefused, match=r"Set text\.placeholders: plain"):
        loaded(small(family), ADD, task="translate")
    loaded(small(family), task="translate")


@pytest.mark.parametrize(
    ("family", "task"),
    [
        *((family, "summarize") for family in ("bart", "kobart", "t5", "mt5", "pegasus")),
        *((family, "translate") for family in ("nllb", "m2m100", "mbart50", "madlad")),
        ("marian-ko-en", "translate"),
    ],
)
def test_labels_are_what_the_model_has_to_write(
    family: str, task: str, small: Callable[[str], Path]
) -> None:
    """Decoded as an engine decodes an answer they are the target; they end with the end token, and
    begin as the engine makes an answer begin."""
    model = small(family)
    base = TINY if task == "summarize" else TRANSLATE
    recipe = checked_recipe(base, "tiny", [f"model={model}"])
    engine = TrainedEngine(load(recipe), "tiny")
    encoder = Encoder(engine, recipe)
    target = "네, 만나요." if task == "summarize" else "Yes, see you."
    prompt = encoder.prompt((recipe.source, recipe.target))
    example = Example("d0", "안녕하세요", (target,), (recipe.source, recipe.target))
    [feature] = encoder.pairs([example]).features
    assert feature["labels"][-1] == engine.generation_config.eos_token_id
    assert feature["input_ids"] == engine.encode(["안녕하세요"], prompt.prefix)[0]
    if prompt.forced_token is not None:
        forced = engine.tokenizer.convert_tokens_to_ids(prompt.forced_token)
        assert feature["labels"][0] == forced
    words = [token for token in feature["labels"] if token not in engine._control]
    text = engine.tokenizer.batch_decode([words], skip_special_tokens=False)[0]
    known = engine.tokenizer.unk_token_id
    assert text.strip() == target or known in feature["labels"]


@pytest.mark.slow
@pytest.mark.parametrize("placeholders", ["added-tokens", "names"])
def test_what_was_chosen_in_training_is_followed_by_the_stage(
    placeholders: str, bart: Path, tmp_path: Path
) -> None:
    settings = (
        f"text.placeholders={placeholders}",
        "settings.num_train_epochs=15",
        "settings.learning_rate=1e-2",
        "settings.eval_strategy=steps",
        "settings.eval_steps=60",
    )
    made = trained(with_files(tmp_path), f"model={bart}", *settings)
    assert made.record.scores["final"] > 50
    assert note_of(str(made.folder), "main") == Trained(placeholders)  # type: ignore[arg-type]  # one of the literals
    row = rows(1, first=900)[0]
    for engine in ("transformers", "ctranslate2"):
        stage = Summarize(
            model=str(made.folder),
            language="ko",
            engine=engine,  # type: ignore[arg-type]  # likewise
            dtype="float32",
            num_beams=1,
            max_new_tokens=60,
            retries=(),
        )
        [summary] = stage([row["dialogue"]])
        assert "#Person1#은 #Person2#에게" in summary
