"""What changes a cache key and what does not, for every stage and every field.

A key that misses something gives somebody else's result back without a word; a key that holds too
much throws GPU hours away.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import MISSING, Field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, get_args, get_origin, get_type_hints

import huggingface_hub
import pytest

from pivot_sum.cache import Cache, row_key
from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.runner import Runner
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Stage, resolved_identity, stage_fields
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models.hub import content_hash
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

TEXT = "#Person1#: 안녕하세요, 오늘 오후에 시간 있으세요?\n#Person2#: 네."
HUB_MODEL = "somebody/nllb"
REQUIRED: dict[str, Any] = {
    "model": HUB_MODEL,
    "source": "ko",
    "target": "en",
    "language": "ko",
    "snapshot": "2026-11",
}
"""A value for each field that has no default, in whatever stage."""


def key(stage: Stage, text: str = TEXT) -> str:
    return row_key(resolved_identity(stage), text).hex()


def plain(name: str) -> Stage:
    """The stage with nothing but what it requires, engine and number format spelled out so that the
    machine cannot matter."""
    fields = {
        item.name: REQUIRED[item.name]
        for item in stage_fields(STAGES[name])
        if item.default is MISSING
    }
    if any(item.name == "dtype" for item in stage_fields(STAGES[name])):
        fields |= {"engine": "transformers", "dtype": "float32"}
    return STAGES[name](**fields)


def another(kind: type[Any], name: str) -> Any:
    """Another value that the field allows, for a stage with the values of `plain`."""
    value = getattr(plain(kind.name), name)
    if get_origin(hint := get_type_hints(kind)[name]) is Literal:  # auto may stand for the same
        return next(other for other in get_args(hint) if other not in (value, "auto"))
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case tuple():
            return value[:-1]
    raise AssertionError(f"say here what another {type(value).__name__} is")


def fields_of(*, identity: bool) -> list[Any]:
    return [
        pytest.param(name, item, id=f"{name}-{item.name}")
        for name, kind in STAGES.items()
        for item in stage_fields(kind)
        if item.metadata["identity"] is identity
    ]


@pytest.fixture
def hub(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """A model hub without a network: each revision is a commit of its own, unless put into this
    table. It holds BARTs."""
    commits: dict[str, str] = {}
    config = tmp_path_factory.mktemp("hub") / "config.json"
    config.write_text('{"model_type": "bart"}', encoding="utf-8")
    monkeypatch.setattr(
        huggingface_hub, "hf_hub_download", lambda name, file, revision: str(config)
    )

    def model_info(self: object, name: str, revision: str, timeout: float) -> SimpleNamespace:
        return SimpleNamespace(
            sha=commits.get(revision, hashlib.sha1(f"{name}@{revision}".encode()).hexdigest())
        )

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
    return commits


@pytest.mark.parametrize(("name", "item"), fields_of(identity=True))
def test_a_field_of_the_identity_changes_the_key(
    name: str,
    item: Field[Any],
    hub: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text(
        "도서관,library\n", encoding="utf-8"
    )  # what `another` makes of a file that is not named
    stage = plain(name)
    changed: Stage = replace(stage, **{item.name: another(type(stage), item.name)})  # type: ignore[type-var]
    assert key(changed) != key(stage)


@pytest.mark.parametrize(("name", "item"), fields_of(identity=False))
def test_a_field_outside_the_identity_does_not_change_the_key(
    name: str, item: Field[Any], hub: dict[str, str]
) -> None:
    stage = plain(name)
    changed: Stage = replace(stage, **{item.name: another(type(stage), item.name)})  # type: ignore[type-var]
    assert key(changed) == key(stage)


def test_only_what_cannot_change_an_output_is_outside_the_identity() -> None:
    """Adding a name here lets results be shared across its values for ever: be sure."""
    outside = {
        item.name
        for kind in STAGES.values()
        for item in stage_fields(kind)
        if not item.metadata["identity"]
    }
    assert outside == {
        "batch_size",
        "batch_tokens",
        "device",
        "threads",
        "concurrency",
        "timeout",
        "attempts",
        "pause",
    }


@pytest.mark.parametrize("name", sorted(STAGES))
def test_fields_left_out_are_the_same_as_defaults_spelled_out(
    name: str, hub: dict[str, str]
) -> None:
    stage = plain(name)
    spelled = {item.name: getattr(stage, item.name) for item in stage_fields(stage)}
    assert key(STAGES[name](**spelled)) == key(stage)


@pytest.mark.parametrize("name", sorted(STAGES))
def test_the_version_of_a_stage_changes_the_key(
    name: str, hub: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(plain(name))
    monkeypatch.setattr(STAGES[name], "version", STAGES[name].version + 1)
    assert key(plain(name)) != before


def test_two_stages_never_share_a_key(hub: dict[str, str]) -> None:
    assert len({key(plain(name)) for name in STAGES}) == len(STAGES)


def test_every_character_of_the_text_changes_the_key() -> None:
    shorter = [TEXT[:place] + TEXT[place + 1 :] for place in range(len(TEXT))]
    other = [
        TEXT[:place] + "?!"[TEXT[place] == "?"] + TEXT[place + 1 :] for place in range(len(TEXT))
    ]
    longer = [
        TEXT + " ",
        " " + TEXT,
        TEXT + "\n",
        TEXT.replace("\n", "\r\n"),
        TEXT + "\u200b",
        TEXT + "\0",
    ]
    texts = {TEXT, *shorter, *other, *longer}
    assert len({key(Clean(), text) for text in texts}) == len(texts)


# The model's files


def copied(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def translate_with(model: Path) -> Translate:
    return Translate(model=str(model), source="ko", target="en")


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "config.json",
        "generation_config.json",
    ],
)
def test_one_byte_of_a_file_of_the_model_changes_the_key(
    name: str, nllb: Path, tmp_path: Path
) -> None:
    model = copied(nllb, tmp_path / "model")
    before = key(translate_with(model))
    content = bytearray((model / name).read_bytes())
    for place in (0, len(content) // 2, len(content) - 1):
        content[place] ^= 1
        (model / name).write_bytes(content)
        assert key(translate_with(model)) != before
        content[place] ^= 1
    (model / name).write_bytes(content)
    assert key(translate_with(model)) == before


def test_every_file_the_checkpoint_consists_of_is_in_the_key(
    nllb: Path, bart: Path, tmp_path: Path
) -> None:
    for number, folder in enumerate((nllb, bart)):
        for file in sorted(folder.iterdir()):
            model = copied(folder, tmp_path / f"{number}-{file.name}")
            (model / file.name).unlink()
            assert content_hash(model) != content_hash(folder), file.name


def test_the_name_of_a_file_of_the_model_changes_the_key(nllb: Path, tmp_path: Path) -> None:
    model = copied(nllb, tmp_path / "model")
    (model / "tokenizer.json").rename(model / "tokenizer2.json")  # same contents in the same order
    assert key(translate_with(model)) != key(translate_with(nllb))


def test_moving_or_renaming_the_folder_of_a_model_keeps_the_key(nllb: Path, tmp_path: Path) -> None:
    model = copied(nllb, tmp_path / "model")
    (tmp_path / "deep").mkdir()
    moved = model.rename(tmp_path / "deep" / "other name")
    assert key(translate_with(moved)) == key(translate_with(nllb))


def test_a_relative_path_and_an_absolute_one_share_the_key(
    nllb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(nllb.parent)
    assert key(translate_with(Path(nllb.name))) == key(translate_with(nllb))


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE", ".gitattributes", "training_args.bin", "trainer_state.json"]
)
def test_files_that_cannot_change_an_output_keep_the_key(
    name: str, nllb: Path, tmp_path: Path
) -> None:
    model = copied(nllb, tmp_path / "model")
    (model / name).write_text("about this model", encoding="utf-8")
    (model / "runs").mkdir()
    (model / "runs" / "events.json").write_text("{}", encoding="utf-8")
    assert key(translate_with(model)) == key(translate_with(nllb))


def test_the_revision_of_a_local_folder_means_nothing(nllb: Path) -> None:
    assert key(replace(translate_with(nllb), revision="v2")) == key(translate_with(nllb))


def test_a_folder_that_does_not_exist_is_an_error_not_a_key(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreachable, match="does not exist"):
        key(translate_with(tmp_path / "nothing here"))


# Models of the hub


def summarize(**fields: Any) -> Summarize:
    return Summarize(**{"model": HUB_MODEL, "language": "en", **fields})


def test_a_revision_stands_for_its_commit_so_two_names_of_one_commit_share_the_key(
    hub: dict[str, str],
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    hub.update({"main": commit, "v1.0": commit, commit: commit})
    assert len({key(summarize(revision=name)) for name in ("main", "v1.0", commit)}) == 1
    assert resolved_identity(summarize())["model"] == {"hub": HUB_MODEL, "commit": commit}


def test_a_branch_that_moves_changes_the_key(hub: dict[str, str]) -> None:
    before = key(summarize())
    hub["main"] = "f" * 40
    assert key(summarize()) != before


def test_without_the_hub_its_own_folder_says_which_commit_was_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_network(*args: object, **settings: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", no_network)
    commit = "a" * 40
    fetched = f"/hub/models--somebody--nllb/snapshots/{commit}/config.json"
    monkeypatch.setattr(
        huggingface_hub, "try_to_load_from_cache", lambda name, file, revision: fetched
    )
    assert resolved_identity(summarize(engine="transformers"))["model"] == {
        "hub": HUB_MODEL,
        "commit": commit,
    }

    monkeypatch.setattr(
        huggingface_hub, "try_to_load_from_cache", lambda name, file, revision: None
    )
    with pytest.raises(
        ModelUnreachable, match=r"'somebody/nllb' \(revision main\) cannot be reached: no network"
    ):
        key(summarize())


# The engine and the number format


@pytest.mark.parametrize(
    ("device", "bfloat16", "used"),
    [
        ("cpu", False, "float32"),
        ("mps", False, "float16"),
        ("cuda", True, "bfloat16"),
        ("cuda:1", True, "bfloat16"),
        ("cuda", False, "float16"),
    ],
)
def test_dtype_auto_is_the_format_that_is_used_on_the_device(
    device: str, bfloat16: bool, used: str, hub: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda: bfloat16)
    stage = summarize(engine="transformers", device=device)
    assert resolved_identity(stage)["dtype"] == used
    assert key(stage) == key(summarize(engine="transformers", dtype=used))


@pytest.mark.parametrize(
    ("cuda", "mps", "used"),
    [(False, False, "float32"), (False, True, "float16"), (True, True, "bfloat16")],
)
def test_device_auto_takes_cuda_then_mps_then_the_cpu(
    cuda: bool, mps: bool, used: str, hub: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: cuda)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda: True)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: mps)
    assert resolved_identity(summarize(engine="transformers"))["dtype"] == used


def test_a_dtype_that_is_spelled_out_does_not_depend_on_the_device(hub: dict[str, str]) -> None:
    assert key(summarize(dtype="bfloat16", device="cuda")) == key(
        summarize(dtype="bfloat16", device="cpu")
    )


def test_engine_auto_is_the_engine_that_is_used_and_its_format(hub: dict[str, str]) -> None:
    identity = resolved_identity(summarize(device="cpu"))
    assert (identity["engine"], identity["dtype"]) == ("ctranslate2", "int8")
    assert key(summarize(device="cpu")) == key(
        summarize(engine="ctranslate2", dtype="int8", device="cpu")
    )


def test_each_engine_and_each_quantisation_has_a_key_of_its_own(hub: dict[str, str]) -> None:
    kinds = [("transformers", "float32"), ("ctranslate2", "float32"), ("ctranslate2", "int8")]
    assert len(
        {key(summarize(engine=engine, dtype=dtype, device="cpu")) for engine, dtype in kinds}
    ) == len(kinds)


# The order of samples


def run(stage: Stage, dialogues: Sequence[str], cache: Cache) -> tuple[list[str], int]:
    """The texts a one-step run gives, and how many of them had to be computed."""
    samples = [
        Sample(str(number), dialogue, (), None, None) for number, dialogue in enumerate(dialogues)
    ]
    runner = Runner(
        samples,
        cache,
        lambda label, cached, missing: nullcontext(SimpleNamespace(advance=lambda texts: None)),
    )
    (result,) = runner.run([Step("step", "turn", stage)], [0])
    return result.texts, result.computed


def test_the_order_of_samples_the_batch_size_and_other_samples_do_not_change_keys(
    tmp_path: Path,
) -> None:
    dialogues = [
        f"#Person1#: {word} 있어요?\n#Person2#:  네 ,  {word} 있어요."
        for word in ("커피", "우유", "물", "주스")
    ]
    with Cache(tmp_path / "cache.sqlite3") as cache:
        texts, computed = run(Clean(batch_size=3), dialogues, cache)
        assert computed == 8
        assert run(Clean(batch_size=1), dialogues[::-1], cache) == (texts[::-1], 0)
        assert run(Clean(), [dialogues[2], *dialogues, dialogues[2]], cache) == (
            [texts[2], *texts, texts[2]],
            0,
        )


def test_identities_are_plain_json(hub: dict[str, str]) -> None:
    for name in STAGES:
        identity = resolved_identity(plain(name))
        assert json.loads(json.dumps(identity, allow_nan=False)) == identity
