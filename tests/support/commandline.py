"""The real command line in a process of its own, as a user types it, and small data to type it
with."""

from __future__ import annotations

import csv
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "pivot_sum"]
CACHE = Path(".pivot-sum") / "cache.sqlite3"

WATCHED = """\
import sys

def forbid(event, arguments):
    if event.startswith("socket."):
        raise AssertionError(f"{event} {arguments}")

sys.addaudithook(forbid)
from pivot_sum.commands.main import main

sys.argv = ["pivot-sum", *sys.argv[1:]]
try:
    main()
finally:
    heavy = {"torch", "transformers", "ctranslate2", "huggingface_hub", "sentencepiece"}
    heavy |= {"tokenizers", "safetensors"}
    heavy |= {"pandas", "pyarrow", "numpy"}
    print("imported:", sorted(heavy & sys.modules.keys()), file=sys.stderr)
"""
"""The command line in a process that may not open a socket and says which of the heavy libraries it
imported."""


class Ran(NamedTuple):
    """What a finished command left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def message(self) -> str:
        """The one error message; before it there may be progress and notes, after it there is
        nothing."""
        before, marker, message = self.stderr.partition("error: ")
        assert marker and "error: " not in message and "Traceback" not in self.stderr, self.stderr
        assert all(line.startswith(("step ", "note: ")) for line in before.splitlines()), (
            self.stderr
        )
        assert self.stdout == "", self.stdout
        return message


def without_tokenizer(folder: Path) -> dict[str, str]:
    """The variables of a machine on which the default tokenizer cannot be imported."""
    hidden = folder / "hidden"
    hidden.mkdir(exist_ok=True)
    (hidden / "mecab_ko.py").write_text(
        "raise ImportError('no wheel for this Python')\n", encoding="utf-8"
    )
    return {"PYTHONPATH": os.pathsep.join([str(hidden), *sys.path])}


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """The variables a command runs with: nothing of the user's own settings but the converted
    models all tests share, no hub, one thread (small models wait for each other otherwise).
    """
    ours = ("PIVOT_SUM_CACHE", "HF_", "DEEPL_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    fixed = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(folder / "no-hub"),
        "OMP_NUM_THREADS": "1",
    }
    return inherited | fixed | changes


def pivot_sum(
    folder: Path,
    *words: object,
    env: Mapping[str, str] | None = None,
    file_limit: int | None = None,
    code: int | None = 0,
) -> Ran:
    """Run `pivot-sum WORDS` in `folder` and check its exit code (None: any).

    `file_limit` is the size in bytes at which the system refuses to let a file grow, as a full disk
    does.
    """

    def limit() -> None:
        assert file_limit is not None
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

    done = subprocess.run(
        [*PROGRAM, *map(str, words)],
        cwd=folder,
        env=environment(folder, **(env or {})),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        preexec_fn=limit if file_limit is not None else None,
    )
    ran = Ran(done.returncode, done.stdout, done.stderr)
    assert code is None or ran.code == code, (
        f"exit code {ran.code}, not {code}\n{ran.stdout}\n{ran.stderr}"
    )
    return ran


PEOPLE = ("민수", "지영", "현우", "수진", "태호", "은지")
PLACES = ("도서관", "우체국", "미용실", "수영장", "서점")
TIMES = ("두 시", "네 시 반", "저녁 일곱 시")


def dialogues(number: int) -> list[tuple[str, str]]:
    """Short dialogues with ids, no two alike (up to 90); two of three end with the same turn."""
    made = []
    for index in range(number):
        person, place, time = PEOPLE[index % 6], PLACES[index // 6 % 5], TIMES[index // 30 % 3]
        answer = "네, 좋아요." if index % 3 else f"네, 제 번호는 #PhoneNumber#이고 {index}번이에요."
        made.append(
            (
                f"d{index}",
                f"#Person1#: {person} 씨, {time}에 {place}에서 볼까요?\n#Person2#: {answer}",
            )
        )
    return made


def write_csv(
    path: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = ("fname", "dialogue")
) -> Path:
    """A CSV file in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


TEXT_RECIPE = """\
steps:
  - {name: clean, stage: clean}
  - {name: tidy, stage: polish, over: turn}
  - {name: spoken, stage: clean, over: sentence, colloquial: true}
"""
"""A recipe without a model: it runs in an instant and never imports torch."""


def text_project(folder: Path, rows: Iterable[Sequence[str]]) -> Path:
    """A folder with `data.csv` and `text.yaml`, the recipe without a model."""
    folder.mkdir(exist_ok=True)
    write_csv(folder / "data.csv", rows)
    (folder / "text.yaml").write_text(TEXT_RECIPE, encoding="utf-8")
    return folder


PIVOT = ["run", "demo-pivot", "--data", "data.csv"]
for _step, _model in (("to-english", "nllb"), ("summarize", "bart"), ("to-korean", "nllb")):
    for _setting in (
        f"model=models/{_model}",
        "max_new_tokens=8",
        "num_beams=1",
        "max_source_tokens=128",
        "batch_size=7",
    ):
        PIVOT += ["--set", f"{_step}.{_setting}"]
"""The demo pivot on the small models of a pivot project. Seven answers are too few to be judged by
their language, which random weights cannot keep.
"""


def pivot_project(folder: Path, nllb: Path, bart: Path, rows: Iterable[Sequence[str]]) -> Path:
    """A folder with `data.csv` and `models/`, whose answers depend on what they are asked."""
    folder.mkdir(exist_ok=True)
    write_csv(folder / "data.csv", rows)
    for model in (nllb, bart):
        _with_large_weights(model, folder / "models" / model.name)
    return folder


def _with_large_weights(source: Path, target: Path) -> None:
    """Freshly initialised weights are so small that a model says the same to everything."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(source, target)
    weights = load_file(target / "model.safetensors")
    larger = {
        name: tensor * 15 if tensor.dim() == 2 else tensor for name, tensor in weights.items()
    }
    save_file(larger, target / "model.safetensors", metadata={"format": "pt"})


def rows_by_stage(cache: Path) -> dict[str, int]:
    """How many rows a cache holds of each stage, read beside any program that writes it; empty
    while there is no cache."""
    query = (
        "SELECT json_extract(json, '$.stage'), COUNT(*) FROM rows JOIN identities i ON i.id ="
        " rows.identity GROUP BY 1"
    )
    return dict(read(cache, query)) if cache.exists() else {}


def read(cache: Path, query: str) -> list[tuple[Any, ...]]:
    """The answer to a query on a cache file that may be in use; nothing while it has no tables
    yet.
    """
    connection = sqlite3.connect(f"file:{cache}?mode=ro", uri=True, timeout=20)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return []
    finally:
        connection.close()


def change(cache: Path, statement: str) -> None:
    """Change a cache file behind the program's back."""
    connection = sqlite3.connect(cache)
    with connection:
        connection.execute(statement)
    connection.close()


def everything_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes; folders too."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def run_record(**changes: Any) -> str:
    """A `run.json` that has what every view of a run reads, and nothing more; its recipe has the
    `steps` that are given."""
    declared = [{"name": step["name"], "stage": step["stage"]} for step in changes.get("steps", ())]
    record = {
        "format": 2,
        "status": "finished",
        "started": "2026-01-01T00:00:00Z",
        "data": {"file": "data.csv", "sha256": "", "samples": 1},
        "recipe": {"name": "made", "data": {"file": None}, "steps": declared},
        "steps": [],
    }
    return json.dumps(record | changes)


def recorded_step(name: str, **changes: Any) -> dict[str, Any]:
    """One of the `steps` of a `run.json`."""
    made = {"name": name, "stage": "clean", "task": "clean", "source": "ko", "target": "ko"}
    made["file"] = f"steps/{name}.jsonl"
    numbers = dict.fromkeys(("texts", "unique", "cached", "computed", "seconds"), 0)
    counts = {kind: {} for kind in ("verdicts", "rungs", "retries", "repairs", "flags")}
    return made | numbers | counts | changes
