"""`pivot-sum stages`, `models` and `doctor`: what there is, and whether it works here."""

from __future__ import annotations

import sys
from dataclasses import MISSING, asdict
from typing import Annotated, Any

import typer

from pivot_sum.commands.options import CacheOption, JsonOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.doctor import examine
from pivot_sum.running.execute import cache_path
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Stage, stage_fields
from pivot_sum.stages.models.catalogue import CATALOGUE


def stages(
    name: Annotated[str | None, typer.Argument(help="Only this stage.")] = None,
    json: JsonOption = False,
) -> None:
    """List the stages a recipe can use, with every field, its default and its meaning."""
    wanted = {name: STAGES[name]} if name in STAGES else STAGES
    if name is not None and name not in STAGES:
        raise typer.BadParameter(f"there is no stage {name!r}; there are: {', '.join(STAGES)}")
    if json:
        print_json([_described(stage) for stage in wanted.values()])
        return
    for stage in wanted.values():
        about = _described(stage)
        print(f"{about['stage']} (version {about['version']}): {about['meaning']}\n")
        rows = [
            (
                field["name"],
                "required" if field["required"] else field["default"],
                field["meaning"] + field["outside"],
            )
            for field in about["fields"]
        ]
        print_table("", ("field", "default", "meaning"), rows)
        print()


def _described(stage: type[Stage]) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "version": stage.version,
        "meaning": " ".join((stage.__doc__ or "").split()),
        "fields": [
            {
                "name": field.name,
                "required": field.default is MISSING,
                "default": None if field.default is MISSING else field.default,
                "meaning": field.metadata["help"],
                "identity": field.metadata["identity"],
                "outside": "" if field.metadata["identity"] else " (not in the cache key)",
            }
            for field in stage_fields(stage)
        ],
    }


def models(json: JsonOption = False) -> None:
    """List the models our recipes name, and some to try: licences, training data, and what they are
    good for."""
    if json:
        print_json([asdict(preset) for preset in CATALOGUE])
        return
    columns = (
        "model",
        "for",
        "family",
        "million",
        "licence",
        "trained on",
        "DialogSum",
        "good for",
    )
    answers = {True: "yes", False: "no", None: "not known"}
    rows = [
        tuple((asdict(preset) | {"dialogsum": answers[preset.dialogsum]}).values())
        for preset in CATALOGUE
    ]
    print_table("models", columns, rows, right=("million",), whole=("model",))
    print(
        "\nDialogSum: whether the model was fine-tuned on that corpus; the competition on its"
        " Korean translation bans those."
    )
    print(
        "Any local folder with an encoder-decoder of these families works too: --set"
        " STEP.model=FOLDER"
    )


def doctor(cache: CacheOption = None, json: JsonOption = False) -> None:
    """Check this machine: Python, SQLite, torch and device, Java, DeepL key, cache file and file
    system.

    Exit code 1 where something that `run` needs does not work.
    """
    findings = examine(cache_path(cache))
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(
            "doctor",
            ("", "what", "found", "what to do"),
            [(finding.status, finding.what, finding.found, finding.advice) for finding in findings],
        )
    if any(finding.status == "fails" for finding in findings):
        sys.exit(1)
