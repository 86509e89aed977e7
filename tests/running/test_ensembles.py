"""Ensembles in recipes: which identity they have, and that they are cached, explained and replayed
as every step is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from checkpoints_members import another
from commandline import pivot_sum
from modelhub import HUB_MODEL, hub, key
from safetensors.torch import load_file, save_file

from pivot_sum.stages.base import resolved_identity
from pivot_sum.stages.engines.select import choose, free
from pivot_sum.stages.errors import FieldsInvalid, ModelUnreachable, StageError, WrongCheckpoint
from pivot_sum.stages.models.content import content_hash
from pivot_sum.stages.models.hub import DEMO_FOLDER
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

__all__ = ["hub"]

Small = Callable[[str], Path]


def summarize(model: Path | str, *ensemble: Path | str, **fields: str) -> Summarize:
    return Summarize(
        model=str(model),
        language="en",
        ensemble=tuple(map(str, ensemble)),
        **fields,  # type: ignore[arg-type]  # of any stage
    )


def test_every_member_is_in_the_identity_and_their_order_is_not(
    small: Small, tmp_path: Path
) -> None:
    first, second = small("bart"), another(small("bart"), tmp_path / "second")
    third = another(small("bart"), tmp_path / "third", seed=3)
    both = resolved_identity(summarize(first, second, third))
    assert sorted(member["sha256"] for member in both["ensemble"]) == sorted(
        map(content_hash, (first, second, third))
    )
    assert both["engine"] == "transformers"
    keys = [
        key(summarize(*order))
        for order in ((first, second, third), (third, second, first), (second, first, third))
    ]
    assert len(set(keys)) == 1
    others = (summarize(first), summarize(first, second), summarize(first, second, second))
    assert len({keys[0], *map(key, others)}) == 4
    moved = shutil.move(third, tmp_path / "moved")
    assert key(summarize(first, second, moved)) == keys[0]


def test_members_of_the_hub_are_known_by_their_commits(hub: dict[str, str]) -> None:
    hub |= {"v2": "c" * 40, "other-name": "c" * 40}
    fields = {"engine": "transformers", "dtype": "float32"}
    found = resolved_identity(summarize(HUB_MODEL, f"{HUB_MODEL}@v2", **fields))
    assert {"hub": HUB_MODEL, "commit": "c" * 40} in found["ensemble"]
    assert len(found["ensemble"]) == 2 and found["model"] is None
    same = summarize(HUB_MODEL, f"{HUB_MODEL}@other-name", **fields)
    assert key(same) == key(summarize(HUB_MODEL, f"{HUB_MODEL}@v2", **fields))
    assert key(same) != key(summarize(HUB_MODEL, HUB_MODEL, **fields))
    with pytest.raises(ModelUnreachable, match="model folder ''"):
        resolved_identity(summarize(HUB_MODEL, "", **fields))


def test_what_ctranslate2_cannot_do_is_refused_before_anything_is_loaded(small: Small) -> None:
    with pytest.raises(FieldsInvalid) as caught:
        summarize("a", "b", engine="ctranslate2", dtype="int8")
    assert "CTranslate2 has no ensembles" in str(caught.value)
    assert "dtype: int8" in str(caught.value)
    asked = {"engine": "ctranslate2", "dtype": "auto", "device": "cpu"}
    with pytest.raises(StageError, match="no ensembles; set engine: transformers"):
        choose(str(small("bart")), "main", ensemble=True, **asked)


def test_members_that_do_not_fit_are_named_by_the_stage(small: Small, tmp_path: Path) -> None:
    free()
    with pytest.raises(WrongCheckpoint, match="cannot be an ensemble") as caught:
        summarize(small("bart"), small("kobart"))(["Hello."])
    assert str(small("bart")) in str(caught.value) and str(small("kobart")) in str(caught.value)


def test_an_ensemble_of_translators_goes_through_ladder_and_guards(
    small: Small, tmp_path: Path
) -> None:
    free()
    other = another(small("nllb"), tmp_path / "other", larger=True)
    stage = Translate(
        model=str(small("nllb")), ensemble=(str(other),), source="ko", target="en", max_new_tokens=8
    )
    texts = ["#Person1#은 커피를 마셔요.", "네, 세 시에 만나요.", ""]
    answers = stage(texts)
    assert answers[2] == "" and "#Person1#" in answers[0]
    swapped = Translate(
        model=str(other), ensemble=(str(small("nllb")),), source="ko", target="en", max_new_tokens=8
    )
    assert swapped(texts) == answers


def test_a_recipe_runs_with_an_ensemble_is_explained_and_replayed_without_its_members(
    tmp_path: Path,
) -> None:
    member = Path(shutil.copytree(DEMO_FOLDER / "summarizer-ko", tmp_path / "member"))
    weights = load_file(member / "model.safetensors")
    save_file(
        {name: tensor * 0.99 for name, tensor in weights.items()},
        member / "model.safetensors",
        metadata={"format": "pt"},
    )
    recipe = ["demo-direct", "--limit", "2", "--set", "summarize.ensemble=[member]"]
    done = pivot_sum(tmp_path, "run", *recipe, "--out", "out")
    assert "CTranslate2 has no ensembles" in done.stderr
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    identity = record["steps"][1]["identity"]
    members = {model["sha256"] for model in identity["ensemble"]}
    assert members == {content_hash(member), content_hash(DEMO_FOLDER / "summarizer-ko")}
    explained = pivot_sum(tmp_path, "cache", "explain", *recipe)
    assert "summarize  dialogue       2       2           0" in explained.stdout
    shutil.rmtree(member)
    pivot_sum(tmp_path, "run", *recipe, "--offline", "--out", "again")
    assert (tmp_path / "again/predictions.csv").read_bytes() == (
        tmp_path / "out/predictions.csv"
    ).read_bytes()
    without = pivot_sum(tmp_path, "run", *recipe[:3], "--offline", "--out", "without", code=3)
    assert "ensemble" in without.message
