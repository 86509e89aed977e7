"""`pivot-sum stages`, `models` and `doctor`: what there is, and whether it works here."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, Any, get_args

import typer

from pivot_sum.commands.options import CacheOption, JsonOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.doctor import examine
from pivot_sum.running.execute import cache_path
from pivot_sum.stages.base import Stage, stage_fields
from pivot_sum.stages.errors import StageUnknown
from pivot_sum.stages.fields import fields_model
from pivot_sum.stages.models.catalogue import CATALOGUE, restriction
from pivot_sum.stages.registry import all_stages, find_stage


def stages(
    name: Annotated[
        str | None, typer.Argument(help="Only this stage; my_module:MyStage is one from outside.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the stages a recipe can use, built-in and registered ones, with every field, its default
    and its meaning."""
    if name is None:
        wanted = all_stages()
    else:
        try:
            wanted = {name: find_stage(name)}
        except StageUnknown as error:
            raise StageUnknown(f"{error}. There are: {', '.join(all_stages())}") from error
    described = [_described(kind, stage) for kind, stage in wanted.items()]
    if json:
        print_json(described)
        return
    for about in described:
        print(
            f"{about['stage']} (version {about['version']}, task {about['task']}):"
            f" {about['meaning']}\n"
        )
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


def _described(kind: str, stage: type[Stage]) -> dict[str, Any]:
    outside = {item.name for item in stage_fields(stage) if not item.metadata.get("identity", True)}
    return {
        "stage": kind,
        "version": stage.version,
        "task": _task(stage),
        "meaning": " ".join((stage.__doc__ or "").split()),
        "fields": [
            {
                "name": name,
                "required": field.is_required(),
                "default": None
                if field.is_required()
                else field.get_default(call_default_factory=True),
                "meaning": field.description or "",
                "identity": name not in outside,
                "outside": " (not in the cache key)" if name in outside else "",
            }
            for name, field in fields_model(stage).model_fields.items()
        ],
    }


def _task(stage: type[Stage]) -> str:
    """What a stage is for; where its fields decide, all it can be for."""
    task = getattr(stage, "task", None)
    if isinstance(task, str):
        return task
    field = fields_model(stage).model_fields.get("task")
    return ", ".join(get_args(field.annotation)) if field else "as its fields say"


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
    print(
        f"tencent/Hunyuan-MT-7B, of pivot-vllm-hunyuan-mt: {restriction('tencent/Hunyuan-MT-7B')}\n"
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
    """Check this machine: Python, SQLite, torch and device, the tokenizer of scoring, Java, DeepL
    key, cache file and file system.

    Exit code 1 where something that `run` or scoring needs does not work.
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
