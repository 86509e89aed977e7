"""A model that was trained on what it is scored on is said so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from commandline import recorded_step, run_record

from pivot_sum.comparison.compare import Comparison, compare
from pivot_sum.comparison.findings import findings
from pivot_sum.comparison.systems import System
from pivot_sum.comparison.trained import seen_in_training
from pivot_sum.data.samples import Sample
from pivot_sum.data.trained_on import write_trained_on
from pivot_sum.running.record import parse_record
from pivot_sum.scoring import load_metrics
from pivot_sum.stages.models.content import content_hash

SAMPLES = [
    Sample(f"s{at}", f"#Person1#: {text}", ("둘은 만난다",), None, None)
    for at, text in enumerate(("오늘 만날까?", "내일 만날까?", "모레 만날까?", "나중에 만날까?"))
]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of a model that was trained on two of the samples under other ids, and chosen on
    three."""
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    seen = [f" {sample.dialogue}!" for sample in SAMPLES]
    write_trained_on(tmp_path, seen[:2], seen[1:])
    return tmp_path


def compared(
    model: str, sha256: str, ensemble: Sequence[str] = (), hashes: Sequence[str] = ()
) -> Comparison:
    """A system of two steps, one with the model, against one of which nothing is known."""
    one = {"sha256": sha256}
    several = {"model": None, "ensemble": [*({"sha256": found} for found in hashes), one]}
    steps = [
        recorded_step("clean"),
        recorded_step("summarize", identity=several if ensemble else {"model": one}),
    ]
    settings: list[dict[str, Any]] = [
        {"name": "clean", "stage": "clean"},
        {"name": "summarize", "stage": "summarize", "model": model, "ensemble": [*ensemble]},
    ]
    record = parse_record(
        run_record(steps=steps, recipe={"name": "made", "data": {"file": None}, "steps": settings})
    )
    texts = {sample.id: "둘은 만난다" for sample in SAMPLES}
    systems = [System("ours", texts, record=record), System("file", texts)]
    return compare(systems, SAMPLES, load_metrics(tokenizer="eojeol"), resamples=200)


def test_what_a_model_was_trained_and_chosen_on_is_counted_and_told(model: Path) -> None:
    found = compared(str(model), content_hash(model))
    assert [seen._asdict() for row in found.systems for seen in row.seen] == [
        {"step": "summarize", "model": str(model), "trained": 2, "chosen": 2}
    ]
    told = findings(found)
    assert any(
        line.startswith("ours was trained on 2 of the 4 dialogues scored here (step summarize,")
        for line in told
    )
    assert any(line.startswith("ours was chosen by its score on 2 of the 4") for line in told)
    rows = found.as_json()["rows"]
    assert rows[0]["seen_in_training"][0]["trained"] == 2 and rows[1]["seen_in_training"] == []


def test_each_member_of_an_ensemble_is_looked_up(model: Path) -> None:
    other = model / "other"
    other.mkdir()
    (other / "config.json").write_text('{"other": 1}', encoding="utf-8")
    write_trained_on(other, [SAMPLES[3].dialogue], [])
    hashes = [content_hash(model), content_hash(other)]
    found = compared(str(other), hashes[0], [str(model)], [hashes[1]])
    assert [(seen.model, seen.trained) for seen in found.rows[0].seen] == [
        (str(other), 1),
        (str(model), 2),
    ]


def test_other_weights_in_that_folder_a_lost_folder_and_a_hub_model_say_nothing(
    model: Path,
) -> None:
    sha256 = content_hash(model)
    for name in (f"{model}/lost", "some/model", ""):
        assert not compared(name, sha256).rows[0].seen
    (model / "config.json").write_text('{"other": 1}', encoding="utf-8")
    found = compared(str(model), sha256)
    assert not found.rows[0].seen
    assert not any("trained on" in line for line in findings(found))


@pytest.mark.parametrize("ensemble", [0.5, "model", {"a": 1}, [0.5, None, {"sha256": [1]}]])
def test_an_ensemble_that_is_none_says_nothing(ensemble: object, model: Path) -> None:
    identity = {"model": {"sha256": content_hash(model)}, "ensemble": ensemble}
    settings = {"name": "summarize", "stage": "summarize", "model": "some/model"}
    record = parse_record(
        run_record(
            steps=[recorded_step("summarize", identity=identity)],
            recipe={
                "name": "made",
                "data": {"file": None},
                "steps": [{**settings, "ensemble": ensemble}],
            },
        )
    )
    assert seen_in_training(System("theirs", {}, record=record), SAMPLES) == ()
