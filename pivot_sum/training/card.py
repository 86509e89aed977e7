"""The model card of a training: README.md in its folder, as model hubs show it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import yaml

from pivot_sum.files import write_whole
from pivot_sum.stages.models.catalogue import SEE_CARD
from pivot_sum.training.page import no_better, value_text
from pivot_sum.training.record import TrainingRecord

CARD: Final = "README.md"


def write_card(record: TrainingRecord, folder: Path) -> None:
    """Write the card: what it is, what it was trained on, how, and its scores with their
    signatures."""
    write_whole(folder / CARD, card(record))


def card(record: TrainingRecord) -> str:
    """The text of the card."""
    recipe = record.recipe
    licence = record.base["licence"]
    languages = sorted({recipe["source"], recipe["target"]})
    does = (
        f"Summarises dialogues ({recipe['source']})."
        if recipe["task"] == "summarize"
        else f"Translates {recipe['source']} to {recipe['target']}"
        + (" and back." if recipe["data"]["directions"] == "both" else ".")
    )
    stage = recipe["task"]
    of_base = (
        "Licence of the base model: not known here, see its own card; this model is bound by it."
        if licence == SEE_CARD
        else f"Licence of the base model, which binds this one: {licence}."
    )
    return f"""---
language: [{", ".join(languages)}]
base_model: {record.base["name"]}
---
# {record.name}

{does} {"Scored" if recipe["train"] == "none" else "Trained"} by pivot-sum {record.pivot_sum} from
{record.base["name"]} ({recipe["start"]} weights, train: {recipe["train"]}).
{of_base}

    pivot-sum run RECIPE --set {"summarize" if stage == "summarize" else "STEP"}.model=FOLDER

{details(record)}"""


def details(record: TrainingRecord) -> str:
    """The sections of the card: the data, the scores and the settings."""
    files = "\n".join(
        f"| {use} | {file.file} | {file.rows:,} | {file.examples:,} | `{file.sha256}` |"
        for use, file in (("training", record.train), ("dev", record.dev))
    )
    scores = "\n".join(
        f"| {name} | {value_text(name, record.at_start.get(name))} | {value_text(name, value)} |"
        for name, value in record.scores.items()
    )
    signatures = "\n".join(f"- {name}: `{sig}`" for name, sig in record.signatures.items())
    shown = {key: value for key, value in record.recipe.items() if key != "description"}
    settings = yaml.safe_dump(shown, allow_unicode=True, sort_keys=False).rstrip()
    worse = f"\n{said}\n" if (said := no_better(record)) else ""
    return f"""## Data

| use | file | rows | examples | SHA-256 |
|---|---|---:|---:|---|
{files}

## Scores on the dev file

Of the best checkpoint by {record.best_by} (step {record.best_step} of {record.steps}), and before
training:

| value | at the start | best |
|---|---:|---:|
{scores}
{worse}
{signatures}

The checkpoint was chosen by these scores, so they are a little too good: measure on a file that had
no part in it.

## Settings

```yaml
{settings}
```

{record.trainable:,} of {record.parameters:,} weights were trained, in {record.precision} on
{record.device}, in {record.seconds:,.0f} s.
"""
