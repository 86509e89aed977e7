"""What averaging and ensembles are worth: `python benchmarks/averaging.py
[--members N] [--steps N] [--rate RATE]`.

The shipped Korean summariser is trained on at a constant learning rate that is too high for it, and
a checkpoint is kept every so many steps: as in a training that has not come to rest. The recipe
demo-direct then runs with each checkpoint, with their average and with their ensemble, greedy, in
float32 on the transformers engine, over the demo's dialogues (which are never trained on). Prints
their scores in Markdown.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, DataCollatorForSeq2Seq

import pivot_sum
from pivot_sum.demo.grammar import joined, load
from pivot_sum.stages.models.hub import fetch
from pivot_sum.training.averaging import average

BASE = "demo:summarizer-ko"
BATCH = 8


def checkpoints(folder: Path, members: int, steps: int, rate: float) -> list[str]:
    """Train on, and keep a checkpoint every `steps` steps."""
    rng = Random(1)
    torch.manual_seed(1)
    tokenizer = AutoTokenizer.from_pretrained(fetch(BASE, "main"))
    model = AutoModelForSeq2SeqLM.from_pretrained(fetch(BASE, "main"), dtype=torch.float32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98))
    collate: Any = DataCollatorForSeq2Seq(tokenizer, model)
    scenarios = [scenario for scenario in load() if scenario.slot_names]
    kept = []
    for step in range(1, members * steps + 1):
        drawn = [
            scenario.dialogue(scenario.draw(rng), rng) for scenario in rng.sample(scenarios, BATCH)
        ]
        rows = [
            dict(tokenizer(dialogue.text()[0]))
            | {"labels": tokenizer(joined(dialogue.summary)[0]).input_ids}
            for dialogue in drawn
        ]
        loss = model(**collate(rows)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % steps == 0:
            kept.append(str(folder / f"checkpoint-{step}"))
            model.save_pretrained(kept[-1])
            tokenizer.save_pretrained(kept[-1])
            print(f"step {step}: loss {float(loss.detach()):.3f}", flush=True)
    return kept


def measured(folder: Path, model: str, *ensemble: str) -> float:
    """The final score of demo-direct with these models."""
    run = pivot_sum.run(
        "demo-direct",
        settings={
            "summarize.model": model,
            "summarize.ensemble": list(ensemble),
            "summarize.engine": "transformers",
            "summarize.dtype": "float32",
            "summarize.num_beams": 1,
            "summarize.retries": [],
        },
        cache=folder / f"{len(list(folder.glob('*.sqlite3')))}.sqlite3",
        out=folder / f"run-{len(list(folder.glob('run-*')))}",
        progress=False,
    )
    assert run.scores is not None
    return float(run.scores["final"])


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=3, help="checkpoints")
    parser.add_argument("--steps", type=int, default=60, help="steps between two checkpoints")
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        members = checkpoints(folder, options.members, options.steps, options.rate)
        mean = str(average(members, folder / "average").folder)
        systems = [("as shipped", [BASE])]
        systems += [(Path(member).name, [member]) for member in members]
        systems += [("average of them", [mean]), ("ensemble of them", members)]
        rows = [(name, measured(folder, *models)) for name, models in systems]
    print(f"\n{platform.machine()}, {date.today()}, torch {torch.__version__}\n")
    print("| model | final score |\n|---|---:|")
    for name, score in rows:
        print(f"| {name} | {score:.2f} |")


if __name__ == "__main__":
    main()
