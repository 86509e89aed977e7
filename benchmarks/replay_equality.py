"""One cache, the same bytes: `python benchmarks/replay_equality.py [--python OTHER]`.

Computes the demo's pivot once and replays it with other batch sizes, numbers of threads, sizes of
shards, orders of rows and parts of the data, and with another Python where one is named that has
the program installed (torch is not needed). The predictions of each have to be the bytes of
the first, row by row where rows were reordered or left out. Prints the figure last; exits with 1
where one differs.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

STEPS = ("to-english", "summarize", "to-korean")


class Ways:
    """A computed run, and the ways to replay it."""

    def __init__(self, place: Path, dialogues: int) -> None:
        from pivot_sum.data.files import DEMO_FILE

        self.place = place
        self.lines = DEMO_FILE.read_text(encoding="utf-8").splitlines(keepends=True)[:dialogues]
        self.environment = os.environ | {
            "PIVOT_SUM_MODELS": str(place / "models"),
        }
        self._data("data", self.lines)
        self.first = self.predictions("first", "data")

    def _data(self, name: str, lines: Sequence[str]) -> str:
        (self.place / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        return name

    def predictions(
        self, out: str, data: str, *words: str, python: str = sys.executable
    ) -> list[bytes]:
        """The lines of the predictions that a run gives."""
        command = (*("-m", "pivot_sum", "run", "demo-pivot", "--data", f"{data}.jsonl"), *words)
        subprocess.run(
            [python, *command, "--out", out],
            cwd=self.place,
            env=self.environment,
            check=True,
            capture_output=True,
        )
        return (self.place / out / "predictions.csv").read_bytes().splitlines(keepends=True)

    def replays(self, other: str | None) -> Iterator[tuple[str, bool]]:
        """Each way, and whether it gave the same."""

        def same(name: str, *words: str, python: str = sys.executable) -> tuple[str, bool]:
            given = self.predictions(name, "data", "--offline", *words, python=python)
            return name, given == self.first

        for size in (1, 3, 1000):
            sized = [word for step in STEPS for word in ("--set", f"{step}.batch_size={size}")]
            yield same(f"batches of {size}", *sized)
        for threads in (1, 2):
            used = [word for step in STEPS for word in ("--set", f"{step}.threads={threads}")]
            yield same(f"{threads} threads", *used)
        for size in (1, 2, 7):
            yield same(f"shards of {size}", "--shard", str(size))
        for seed in range(3):
            lines = random.Random(seed).sample(self.lines, len(self.lines))
            data = self._data(f"order {seed}", lines)
            given = self.predictions(f"out of order {seed}", data, "--offline")
            yield data, sorted(given) == sorted(self.first) and given[0] == self.first[0]
        few = self.predictions("part", "data", "--offline", "--limit", "2")
        yield "a part", few == self.first[: len(few)] and len(few) == 3
        if other:
            yield same("another Python", python=other)


def compared(dialogues: int, other: str | None = None) -> dict[str, bool]:
    """Whether each way gave the bytes of the first run."""
    with tempfile.TemporaryDirectory() as place:
        found = {}
        for name, is_same in Ways(Path(place), dialogues).replays(other):
            found[name] = is_same
            print(f"{name}: {'the same' if is_same else 'OTHERWISE'}", flush=True)
        return found


def main() -> int:
    """Compute, replay, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dialogues", type=int, default=32)
    parser.add_argument("--python", help="another Python, with the dependencies but torch")
    given = parser.parse_args()
    began = time.monotonic()
    found = compared(given.dialogues, given.python)
    print(
        f"{sum(found.values())} of {len(found)} replays of {given.dialogues} dialogues gave the"
        f" bytes of the first run, in {time.monotonic() - began:,.0f} s"
    )
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
