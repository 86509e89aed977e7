"""Token counts of a data file: with the tokenizers of the models that a run would use."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkpoints_families import make_marian
from commandline import ROOT, pivot_sum

from pivot_sum.data.samples import read_samples
from pivot_sum.eda.eda import eda
from pivot_sum.eda.tokens import TokenCounts, count_tokens
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.stages.models.checkpoints import load_tokenizer


def counted(recipe: str, samples: Path, *settings: str) -> dict[tuple[str, str], TokenCounts]:
    found = count_tokens(load_recipe(recipe, settings), read_samples(samples))
    return {(counts.step, counts.side): counts for counts in found}


def test_tokens_are_those_of_the_steps_own_tokenizer_special_ones_included(data: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(
        str(ROOT / "stages" / "models" / "demo" / "translator" / "tokenizer.json")
    )
    found = counted("demo-pivot", data)["to-english", "input"]
    assert found.ids == ["e_0", "e_0", "e_0", "e_1", "e_1", "e_1", "e_2", "e_2"]
    assert found.counts[0] == len(tokenizer.encode("안녕하세요.").ids)
    assert found.limit == 256


def test_texts_beyond_a_limit_are_counted_and_named(data: Path) -> None:
    found = counted("demo-pivot", data, "to-english.max_source_tokens=8")["to-english", "input"]
    over = [id for id, count in zip(found.ids, found.counts, strict=True) if count > 8]
    assert found.texts_exceeding == len(over) > 0
    assert found.exceeding == list(dict.fromkeys(over))


def test_what_only_a_run_can_tell_is_said_to_be_so(data: Path) -> None:
    found = counted("demo-pivot", data)
    assert found["to-english", "answer"].why == "no-english"
    assert found["summarize", "input"].why == "no-english"
    assert found["to-korean", "answer"].why is None  # the references stand for it
    assert counted("demo-direct", data)["summarize", "answer"].counts


def test_english_originals_stand_for_what_the_steps_before_would_give(tmp_path: Path) -> None:
    row = {
        "fname": "e_0",
        "dialogue": "#Person1#: 안녕하세요.",
        "dialogue_en": "#Person1#: Hello there.",
        "summary": "#Person1#은 인사한다.",
        "summary_en": "#Person1# says hello.",
    }
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    assert all(
        len(counts.counts) == 1 and counts.why is None
        for counts in counted("demo-pivot", path).values()
    )


def test_a_model_that_is_not_here_is_said_not_to_be_here(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert counted("pivot-nllb-t5", data)["to-english", "input"].why == "not-downloaded"
    nowhere = counted("demo-direct", data, "summarize.model=./nowhere")
    assert nowhere["summarize", "input"].why == "no-model"
    (tmp_path / "bare").mkdir()
    bare = counted("demo-direct", data, f"summarize.model={tmp_path / 'bare'}")
    assert bare["summarize", "input"].why == "no-tokenizer"


def put_into_the_hub_cache(cache: Path, model: str, tokenizer: Path) -> None:
    """A tokenizer as `hf download` leaves it."""
    folder = cache / f"models--{model.replace('/', '--')}"
    shutil.copytree(tokenizer, folder / "snapshots" / ("0" * 40))
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("0" * 40)


def test_without_a_recipe_those_count_whose_tokenizers_are_on_this_machine(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    assert {counts.recipe for counts in eda(str(data)).tokens} == {"demo-pivot", "demo-direct"}
    assert "tokens-demo" in eda(str(data)).html.partition('type="application/json"')[0]
    kobart = ROOT / "stages" / "models" / "demo" / "summarizer-ko"
    put_into_the_hub_cache(cache, "gogamza/kobart-summarization", kobart)
    made = eda(str(data))
    assert {(counts.recipe, counts.model) for counts in made.tokens} == {
        ("direct-kobart", "gogamza/kobart-summarization")
    }
    assert all(counts.counts for counts in made.tokens)
    assert "tokens-demo" not in made.html.partition('type="application/json"')[0]
    assert {counts.recipe for counts in eda("demo:dialogues", limit=1).tokens} == {
        "demo-pivot",
        "demo-direct",
    }


def test_a_tokenizer_without_tokenizer_json_counts_as_transformers_loads_it(
    data: Path, tmp_path: Path
) -> None:
    """OPUS-MT's is two sentencepiece models."""
    pytest.importorskip("torch")  # there is no build of it for every Python (.ci/run)
    folder = make_marian(tmp_path / "marian", None, None)
    assert not (folder / "tokenizer.json").exists()
    found = counted("pivot-opus-bart", data, f"to-english.model={folder}")["to-english", "input"]
    assert found.counts[0] == len(load_tokenizer(folder)("안녕하세요.").input_ids)


def test_the_command_loads_no_model_and_says_what_is_too_long(data: Path, tmp_path: Path) -> None:
    ran = pivot_sum(
        tmp_path,
        "eda",
        data,
        "--recipe",
        "demo-direct",
        "--set",
        "summarize.max_new_tokens=1",
        "--out",
        "out/eda.html",
    )
    assert re.search(r"^out/eda\.html: 3 dialogues, 0\.\d MB$", ran.stdout, re.MULTILINE)
    assert "demo-direct, summarize: 3 of 3 texts (answer) are longer than 1 tokens" in ran.stdout
    assert (tmp_path / "out" / "eda.html").exists()


def test_the_command_says_where_no_tokenizer_is_at_hand(data: Path, tmp_path: Path) -> None:
    recipes = ("--recipe", "demo-direct", "--recipe", "demo-pivot")
    ran = pivot_sum(tmp_path, "eda", data, *recipes, "--set", "summarize.model=./nowhere")
    lines = [line for line in ran.stdout.splitlines() if "tokens not counted" in line]
    assert lines == [
        f"{name}: tokens not counted for summarize: there is no model folder ./nowhere; correct the"
        " path in the recipe, or give it with --set STEP.model=FOLDER"
        for name in ("demo-direct", "demo-pivot")
    ]
    assert "demo-pivot: tokens counted with the tokenizer of demo:translator\n" in ran.stdout


def test_the_command_says_how_to_get_a_tokenizer_that_is_not_downloaded(
    data: Path, tmp_path: Path
) -> None:
    ran = pivot_sum(tmp_path, "eda", data, "--recipe", "direct-kobart")
    assert "tokens counted" not in ran.stdout
    assert (
        "direct-kobart: tokens not counted for summarize: gogamza/kobart-summarization is not"
        " downloaded yet. A run of the recipe does it; for the tokenizer alone: hf download"
        " gogamza/kobart-summarization --include '*.json'" in ran.stdout
    )


def test_the_command_says_when_only_the_demos_tokenizers_count_other_data(
    data: Path, tmp_path: Path
) -> None:
    advice = "Name the recipe you mean to run: --recipe direct-kobart"
    assert advice in pivot_sum(tmp_path, "eda", data).stdout
    shipped = pivot_sum(tmp_path, "eda", "demo:dialogues", "--limit", "1").stdout
    assert "demo-direct: tokens counted with the tokenizer of demo:summarizer-ko" in shipped
    assert advice not in shipped


def test_looking_at_data_needs_no_torch() -> None:
    code = (
        "import sys; from pivot_sum.eda.eda import eda; eda('demo:dialogues', limit=2); "
        "print(*{'torch', 'transformers'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    assert ran.stdout.strip() == ""
