"""Adapters (LoRA and its kin) are refused, with the way to merge them.

transformers applies one that lies in a model's folder where peft is installed, and passes over it
where it is not: two results under one identity. So a folder with an adapter is never loaded.
"""

from __future__ import annotations

import json
from pathlib import Path

from pivot_sum.stages.errors import WrongCheckpoint

ADAPTER = "adapter_config.json"
"""The file by which transformers and peft know an adapter."""


def refuse_adapter(folder: Path) -> None:
    """Raise `WrongCheckpoint` for a folder that holds an adapter, alone or beside its base
    model."""
    file = folder / ADAPTER
    if not file.is_file():
        return
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
        kind, base = settings.get("peft_type"), settings.get("base_model_name_or_path")
    except (OSError, ValueError, AttributeError):
        kind, base = None, None
    where = str(folder)
    both = (folder / "config.json").is_file()
    raise WrongCheckpoint(
        f"{where} holds an adapter ({ADAPTER}, {kind or 'of an unknown kind'}) for the base model"
        f" {base or 'which it does not name'}{', and a model beside it' if both else ''}. Adapters"
        " are not applied here: merge it into its base once (pip install peft accelerate), and"
        " give the merged folder as the model:\n"
        "    from peft import AutoPeftModelForSeq2SeqLM as Adapted; from transformers import"
        " AutoTokenizer\n"
        f"    Adapted.from_pretrained({where!r}).merge_and_unload()"
        f".save_pretrained({where + '-merged'!r})\n"
        f"    AutoTokenizer.from_pretrained({(where if both else base or where)!r})"
        f".save_pretrained({where + '-merged'!r})"
        + (f"\nor move adapter_* out of {where} to run the model there alone" if both else "")
    )
