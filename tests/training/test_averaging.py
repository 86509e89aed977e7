"""The mean of several checkpoints' weights, as one model."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints_members import another
from commandline import pivot_sum
from safetensors.torch import load_file, save_file

from pivot_sum.errors import AverageRefused
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models.content import content_hash
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate
from pivot_sum.training.averaging import average
from pivot_sum.training.selection import best_checkpoints, last_checkpoints

Small = Callable[[str], Path]


@pytest.fixture
def three(small: Small, tmp_path: Path) -> list[str]:
    """Three checkpoints of one BART."""
    folders = [another(small("bart"), tmp_path / f"member-{seed}", seed=seed) for seed in range(3)]
    return [str(folder) for folder in folders]


def weights(folder: Path | str) -> dict[str, Any]:
    return {
        name: tensor
        for file in sorted(Path(folder).glob("*.safetensors"))
        for name, tensor in load_file(file).items()
    }


def summary(folder: Path) -> list[str]:
    free()
    stage = Summarize(model=str(folder), language="en", engine="transformers", max_new_tokens=12)
    return stage(["#Person1#: Hello.\n#Person2#: See you at the library at three."])


def test_every_weight_is_the_mean_and_the_folder_is_a_model(
    three: list[str], tmp_path: Path
) -> None:
    made = average(three, tmp_path / "mean")
    members, mean = [weights(folder) for folder in three], weights(made.folder)
    assert made.tensors == len(mean) and mean.keys() == members[0].keys()
    for name, tensor in mean.items():
        expected = torch.stack([member[name].double() for member in members]).mean(0)
        torch.testing.assert_close(tensor.double(), expected, rtol=1e-6, atol=1e-7)
    assert len(summary(made.folder)) == 1
    assert not any(path.name.startswith(".mean") for path in tmp_path.iterdir())


@pytest.mark.parametrize("family", ["nllb", "t5", "marian-ko-en", "m2m100"])
def test_a_model_and_the_mean_of_two_opposite_changes_of_it_answer_alike(
    family: str, small: Small, tmp_path: Path
) -> None:
    """So nothing of the tokenizer, the settings or the tied weights is lost on the way."""
    changed = []
    for sign in (1, -1):
        folder = Path(shutil.copytree(small(family), tmp_path / f"{family}{sign}"))
        moved = {}
        for name, tensor in weights(folder).items():
            step = 2.0**-6 * torch.ones_like(tensor)  # exact in float32 for weights of this size
            moved[name] = (tensor * 2**10).round() / 2**10 + sign * step
        save_file(moved, folder / "model.safetensors", metadata={"format": "pt"})
        changed.append(folder)
    middle = Path(shutil.copytree(small(family), tmp_path / "middle"))
    rounded = {name: (tensor * 2**10).round() / 2**10 for name, tensor in weights(middle).items()}
    save_file(rounded, middle / "model.safetensors", metadata={"format": "pt"})
    made = average([str(folder) for folder in changed], tmp_path / "mean")
    assert all(torch.equal(tensor, rounded[name]) for name, tensor in weights(made.folder).items())

    def answers(folder: Path) -> list[str]:
        free()
        settings: Any = {"model": str(folder), "max_new_tokens": 12, "engine": "transformers"}
        if family == "t5":
            return Summarize(language="en", **settings)(["Hello, do you have time?"])
        return Translate(source="ko", target="en", **settings)(["네, 세 시에 만나요."])

    assert answers(made.folder) == answers(middle)


def test_neither_order_nor_place_of_the_members_changes_the_content(
    three: list[str], tmp_path: Path
) -> None:
    first = average(three, tmp_path / "first")
    moved = [str(shutil.move(folder, f"{folder}-moved")) for folder in three]
    second = average(moved[::-1], tmp_path / "second")
    assert content_hash(first.folder) == content_hash(second.folder)
    assert (
        list(first.members) == list(second.members) == sorted(map(content_hash, map(Path, moved)))
    )


def test_the_mean_of_weights_in_16_bits_is_summed_in_32(small: Small, tmp_path: Path) -> None:
    """The mean of 1 and of eight times 1 + 2⁻⁷: in bfloat16 their sum would lose every 2⁻⁷."""
    folders = []
    for number in range(9):
        folder = Path(shutil.copytree(small("bart"), tmp_path / str(number)))
        value = 1.0 if number == 0 else 1.0 + 2.0**-7
        changed = {
            name: torch.full_like(tensor, value, dtype=torch.bfloat16)
            for name, tensor in weights(folder).items()
        }
        changed["final_logits_bias"] = torch.full((1, 1), float(number), dtype=torch.float64)
        save_file(changed, folder / "model.safetensors", metadata={"format": "pt"})
        folders.append(str(folder))
    mean = weights(average(folders, tmp_path / "mean").folder)
    assert mean.pop("final_logits_bias").item() == 4.0
    assert {tensor.dtype for tensor in mean.values()} == {torch.bfloat16}
    assert {value for tensor in mean.values() for value in tensor.unique().tolist()} == {
        1.0 + 2.0**-7
    }


def test_shards_and_pickles_are_read_as_one_model(three: list[str], tmp_path: Path) -> None:
    from transformers import AutoModelForSeq2SeqLM

    expected = weights(average(three, tmp_path / "whole").folder)
    sharded, pickled = Path(three[0]), Path(three[1])
    model = AutoModelForSeq2SeqLM.from_pretrained(sharded)
    (sharded / "model.safetensors").unlink()
    model.save_pretrained(sharded, max_shard_size="40KB")
    assert len(list(sharded.glob("model-*.safetensors"))) > 1
    torch.save(weights(pickled), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    made = average(three, tmp_path / "mean")
    found = weights(made.folder)
    assert found.keys() == expected.keys()
    for name, tensor in found.items():
        torch.testing.assert_close(tensor, expected[name])
    assert len(summary(made.folder)) == 1


def test_the_card_names_the_members_by_content_and_keeps_their_cards(
    three: list[str], tmp_path: Path
) -> None:
    for folder in three[:2]:
        (Path(folder) / "README.md").write_text("trained on train.csv abc123", encoding="utf-8")
    card = (average(three, tmp_path / "mean").folder / "README.md").read_text(encoding="utf-8")
    for folder in three:
        assert f"| {folder} | `{content_hash(Path(folder))}` |" in card
    assert card.count("trained on train.csv abc123") == 1
    assert f"--set STEP.model={tmp_path / 'mean'}" in card


def refused(models: list[str], out: Path) -> str:
    before = out.exists()
    with pytest.raises(AverageRefused) as caught:
        average(models, out)
    assert out.exists() == before
    assert not list(out.parent.glob(f".{out.name}-*"))
    return str(caught.value)


def test_what_does_not_fit_together_is_refused_with_everything_at_once(
    three: list[str], small: Small, tmp_path: Path
) -> None:
    larger = another(small("bart"), tmp_path / "larger", larger=True)
    message = refused([three[0], str(larger), str(small("kobart"))], tmp_path / "mean")
    assert "config.json: d_model" in message and "tokens of their tokenizers" in message
    assert str(larger) in message and str(small("kobart")) in message
    changed = weights(three[1])
    changed["other"] = changed.pop("final_logits_bias")
    save_file(changed, Path(three[1]) / "model.safetensors", metadata={"format": "pt"})
    message = refused(three, tmp_path / "mean")
    assert "1 tensor (final_logits_bias)" in message and "1 tensor (other)" in message


def test_settings_that_change_no_answer_may_differ(three: list[str], tmp_path: Path) -> None:
    file = Path(three[0]) / "config.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings |= {"transformers_version": "4.40.0", "_name_or_path": "elsewhere"}
    file.write_text(json.dumps(settings), encoding="utf-8")
    assert len(average(three, tmp_path / "mean").members) == 3


def test_too_few_members_and_a_folder_that_exists_are_refused(
    three: list[str], tmp_path: Path
) -> None:
    copy = str(shutil.copytree(three[0], tmp_path / "copy"))
    assert "two different checkpoints" in refused([three[0]], tmp_path / "mean")
    assert "they hold the same" in refused([three[0], copy], tmp_path / "mean")
    assert "is left as it is" in refused(three, Path(three[1]))
    with pytest.raises(ModelUnreachable, match=f"no folder {Path('nowhere').absolute()}") as error:
        average(["nowhere", "neither"], tmp_path / "mean")
    assert not re.search("STEP|--set|--offline", str(error.value))


def training(small: Small, folder: Path, scores: dict[int, float], better: str) -> Path:
    """A training's folder as the trainer of transformers leaves it."""
    best = (max if better == "more" else min)(scores, key=lambda step: scores[step])
    for step in scores:
        another(small("bart"), folder / "checkpoints" / f"checkpoint-{step}", seed=step)
    history = [
        entry
        for step, score in scores.items()
        for entry in (
            {"loss": 1.0, "step": step},
            {"eval_other": 3.0, "eval_score": score, "step": step},
        )
    ]
    state = {"best_metric": scores[best], "best_global_step": best, "log_history": history}
    for step in scores:
        known = state if step == max(scores) else {}
        file = folder / "checkpoints" / f"checkpoint-{step}" / "trainer_state.json"
        file.write_text(json.dumps(known), encoding="utf-8")
    last = folder / "checkpoints" / f"checkpoint-{max(scores)}"
    (last / "optimizer.pt").write_bytes(b"state")
    return folder


def test_the_last_and_the_best_checkpoints_of_a_training(small: Small, tmp_path: Path) -> None:
    scores = {5: 40.0, 10: 44.0, 15: 42.0, 100: 43.0}
    more = training(small, tmp_path / "more", scores, "more")
    less = training(small, tmp_path / "less", scores, "less")

    def steps(folders: list[Path]) -> list[int]:
        return [int(folder.name.partition("-")[2]) for folder in folders]

    assert steps(last_checkpoints(more, 3)) == [10, 15, 100]
    assert steps(best_checkpoints(more, 3)) == [10, 100, 15]
    assert steps(best_checkpoints(less, 2)) == [5, 15]
    assert steps(last_checkpoints(more / "checkpoints", 2)) == [15, 100]
    with pytest.raises(AverageRefused, match=r"holds 4 whole checkpoints .* not 5"):
        last_checkpoints(more, 5)
    # A training that was killed while it wrote: the state comes last.
    (more / "checkpoints" / "checkpoint-100" / "trainer_state.json").unlink()
    weights_file = more / "checkpoints" / "checkpoint-5" / "model.safetensors"
    weights_file.write_bytes(weights_file.read_bytes()[:1000])
    assert steps(last_checkpoints(more, 2)) == [10, 15]
    with pytest.raises(AverageRefused, match="does not say which of its checkpoints was the best"):
        best_checkpoints(more, 2)


def test_the_command_averages_a_training_and_says_how_to_use_it(
    small: Small, tmp_path: Path
) -> None:
    training(small, tmp_path / "trained", {5: 40.0, 10: 44.0, 15: 42.0}, "more")
    done = pivot_sum(tmp_path, "average", "trained", "--best", "2", "--out", "mean", "--json")
    members = json.loads(done.stdout)["members"]
    assert {Path(member["name"]).name for member in members} == {"checkpoint-10", "checkpoint-15"}
    assert not (tmp_path / "mean" / "optimizer.pt").exists()
    again = pivot_sum(tmp_path, "average", "trained", "--last", "2", "--out", "mean", code=78)
    assert "exists and is left as it is" in again.message
    both = pivot_sum(tmp_path, "average", "a", "b", "--last", "2", "--out", "other", code=78)
    assert "one training" in both.message
    two = ["average", "trained", "--last", "2", "--out", "other"]
    full = pivot_sum(tmp_path, *two, file_limit=20_000, code=78)
    assert "other cannot be written: File too large" in full.message
    assert not [path for path in tmp_path.iterdir() if "other" in path.name]
    plain = pivot_sum(tmp_path, *two)
    assert "use it: --set STEP.model=other" in plain.stdout
