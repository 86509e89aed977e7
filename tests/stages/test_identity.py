"""What changes a cache key and what does not, for every stage and every field.

A key that misses something gives somebody else's result back without a word; a key that holds too
much throws GPU hours away.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import MISSING, Field, replace
from pathlib import Path
from types import NoneType, SimpleNamespace
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from modelhub import HUB_MODEL, TEXT, hub, key

from pivot_sum.cache import Cache
from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.runner import Runner
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Stage, resolved_identity, stage_fields
from pivot_sum.stages.clean import Clean

__all__ = ["hub"]

REQUIRED: dict[str, Any] = {
    "model": HUB_MODEL,
    "source": "ko",
    "target": "en",
    "language": "ko",
    "snapshot": "2026-11",
    "task": "translate",
}
"""A value for each field that has no default, in whatever stage."""


OTHER = {
    "base_url": "http://127.0.0.1:8000/v1",
    "prompt": "translate-hunyuan-mt",
    "key_variable": "UPSTAGE_API_KEY",
    "extra_body": "{}",
}
"""Another value for each field that not every text is one for."""


def plain(name: str) -> Stage:
    """The stage with nothing but what it requires, engine and number format given so that the
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
    value, hint = getattr(plain(kind.name), name), get_type_hints(kind)[name]
    if get_origin(hint) is Literal:  # auto may stand for the same
        return next(other for other in get_args(hint) if other not in (value, "auto"))
    if NoneType in get_args(hint):
        return None
    if name in OTHER:
        return OTHER[name]
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
    changes = {item.name: another(type(stage), item.name)}
    if item.name in ("source", "target"):  # with two languages, both change or none
        changes = {"source": stage.target, "target": stage.source}
    if item.name == "task":  # other tasks than translating keep the language
        changes["target"] = stage.source
    changed: Stage = replace(stage, **changes)  # type: ignore[type-var]
    assert key(changed) != key(stage)


LOCAL: dict[str, Any] = {
    "ensemble": ("demo:summarizer-en",),
    "padded_batches": True,
    "vocabulary": "ko-en",
}
ADDED: dict[str, dict[str, Any]] = {
    "clean": {"speakers": "auto"},
    "polish": {"speakers": "name"},
    "translate": {
        "protect": ("url",),
        "glossary": "x",
        "repair": ("numbers",),
        **LOCAL,
    },
    "summarize": LOCAL,
    "rewrite": LOCAL,
    "deepl": {
        "protect": ("url",),
        "repair": ("numbers",),
        "custom_instructions": ("Be brief.",),
        "style_rule": "x",
        "translation_memory": "x",
        "translation_memory_threshold": 80,
    },
}
"""Another value of each field that a stage got when people had results of it."""
NEEDED: dict[str, dict[str, Any]] = {
    "translation_memory_threshold": {"translation_memory": "x"},
    "vocabulary": {"engine": "ctranslate2"},
}
"""What some of them need beside them."""


def test_a_field_added_later_changes_the_key_and_its_default_keeps_it(
    hub: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("도서관,library\n", encoding="utf-8")
    for name, added in ADDED.items():
        assert not set(added) & set(resolved_identity(plain(name)))
        for field, value in added.items():
            needed = NEEDED.get(field, {})
            before: Stage = replace(plain(name), **needed)  # type: ignore[type-var]  # a dataclass
            after: Stage = replace(before, **{field: value})  # type: ignore[type-var]  # likewise
            assert key(after) != key(before)
    later = {
        (name, item.name)
        for name, kind in STAGES.items()
        for item in stage_fields(kind)
        if item.metadata["identity"] == "unless-default"
    }
    assert later == {(name, field) for name, added in ADDED.items() for field in added}


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
        "key_variable",
        "token_limit",
        "batch_api",
        "price_in",
        "price_out",
        "currency",
    }


@pytest.mark.parametrize("name", sorted(STAGES))
def test_fields_left_out_are_the_same_as_defaults_written_out(
    name: str, hub: dict[str, str]
) -> None:
    stage = plain(name)
    given = {item.name: getattr(stage, item.name) for item in stage_fields(stage)}
    assert key(STAGES[name](**given)) == key(stage)


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
