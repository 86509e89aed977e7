"""One training: AdamW, linear warm-up, linear decay to nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import torch

from pivot_sum.demo.train_data import Example, tensors

# Measured: a peak of 1.8e-3 after 150 steps collapses the summariser into one summary for
# everything.
PEAK_RATE, WARM_UP = 8e-4, 400
REPORT_EVERY = 200


def train(
    model: Any, batches: Iterator[list[Example]], *, steps: int, seconds: float, name: str
) -> dict[str, float]:
    """Trains `model` in place for `steps` steps, or until `seconds` are over, whichever is first;
    prints the loss.

    The learning rate follows whichever of the two limits is nearer, so a run cut by time ends at
    rate zero as well. Only a run cut by steps can be repeated exactly. Returns what the
    training measured.
    """
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.01
    )
    model.train()
    started, step, recent = time.monotonic(), 0, 0.0
    while True:
        elapsed = time.monotonic() - started
        left = 1 - max(step / steps, elapsed / seconds)
        if left <= 0:
            break
        rate = PEAK_RATE * min((step + 1) / WARM_UP, left)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = model(**tensors(next(batches), model.config.pad_token_id), use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        value = float(loss.detach())
        recent = value if step == 1 else 0.98 * recent + 0.02 * value
        if step % REPORT_EVERY == 0:
            print(f"{name}: step {step} of {steps}, {elapsed:.0f} s, loss {recent:.4f}", flush=True)
    model.eval()
    return {
        "steps": step,
        "minutes": round((time.monotonic() - started) / 60, 1),
        "loss": round(recent, 4),
    }
