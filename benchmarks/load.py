"""Dialogues as nobody writes them, through every command that reads texts: `python
benchmarks/load.py`.

Ten thousand turns; a turn of 100,000 characters, also of one word; a thousand placeholders, a
thousand speakers; characters of every plane of Unicode; writing from right to left; marks on marks;
a NUL and half a character. Each is run by a recipe without a model, part of which gives every
dialogue, turn and sentence back as it is, and every command looks at the run and at the data, in a
process of its own. A command has to give a result, strict JSON where it prints JSON, or one message
(where there is a NUL or half a character), within `--seconds` of a processor; what the untouched
steps, `show --json` and predictions.csv hold has to be the text that was given. Prints the figure
last; exits with 1 where anything falls short.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from folder_damage import Outcome, import_views, outcomes

SAME = '''
from pivot_sum import Rule


class Same(Rule):
    """Gives back what it gets."""

    name = "same"
    version = 1

    def apply(self, text: str) -> str:
        return text
'''
RECIPE = """
data: {reference_language: ko}
steps:
  - {name: dialogue, stage: "same:Same", over: dialogue}
  - {name: turns, stage: "same:Same", over: turn}
  - {name: sentences, stage: "same:Same", over: sentence}
  - {name: clean, stage: clean}
  - {name: clean-turns, stage: clean, over: turn}
  - {name: polish, stage: polish, over: sentence}
"""
UNTOUCHED = ("dialogue", "turns", "sentences")
METRICS = ("chrf", "names", "numbers", "placeholders")
BUSY = 10
"""How many times longer a command may take by the clock: others may want the processors too."""
REFUSED = ("NUL", "half a character")
"""The loads that no command takes."""
WORDS = (
    *("안녕하세요", "내일", "도서관에서", "만나요", "민수", "씨", "세", "시에", "전화할게요"),
    *("좋아요", "네", "우체국", "#Email#", "#PhoneNumber#", "3,000원"),
)


class Fault(NamedTuple):
    """A load, the command, and what was wrong with what it did."""

    load: str
    command: str
    what: str


def loads(size: float = 1) -> dict[str, str]:
    """The dialogues by name, at a share of their full size."""
    rng = random.Random(1)
    many, long = int(10_000 * size), int(100_000 * size)
    thousand = int(1_000 * size)

    def said(words: int) -> str:
        return " ".join(rng.choice(WORDS) for _ in range(words)) + "."

    turns = [f"#Person{1 + place % 2}#: {place}번, {said(6)}" for place in range(many)]
    speakers = [
        f"#Person{place + 1}#: #Person{place * 7 % thousand + 1}# 씨, 네."
        for place in range(thousand)
    ]
    names = " ".join(f"#Name{place}#" for place in range(thousand))
    return {
        "turns": "\n".join(turns),
        "long turn": f"#Person1#: {said(long // 4)[:long]}\n#Person2#: 네.",
        "long word": f"#Person1#: {'가' * long}\n#Person2#: 네.",
        "placeholders": f"#Person1#: {names}\n#Person2#: 네.",
        "speakers": "\n".join(speakers),
        "planes": "\n".join(f"#Person1#: {_plane(plane)}" for plane in range(17)),
        "right to left": "#Person1#: "
        "שלום \u202eمرحبا\u202c \u2066말\u2069 \u200f.\n#Person2#: 네",
        "marks": f"#Person1#: e{chr(0x301) * (long // 10)} {'ᄀ ' * thousand}\n"
        "#Person2#: 👩\u200d👧",
        "controls": "#Person1#: \x01안\x1b[31m녕\x7f하\x85세\u2028요\x0b.\n#Person2#: \x08",
        "NUL": "#Person1#: 안\0녕.\n#Person2#: \0",
        "half a character": "#Person1#: 반쪽 \ud800.\n#Person2#: \udfff",
    }  # fmt: skip


def _plane(number: int) -> str:
    """Characters from all over a plane, its last two included, without halves and line ends."""
    first = number * 0x10000
    found = [
        chr(code) for code in [*range(first, first + 0x10000, 61), first + 0xFFFE, first + 0xFFFF]
    ]
    return "".join(
        one for one in found if unicodedata.category(one) not in ("Cs", "Cc") and one.strip()
    )


def commands(load: str) -> Sequence[Sequence[str]]:
    """Everything that reads texts, in the order in which it can be typed."""
    data, one, two, page = f"{load}.jsonl", f"runs/{load}", f"runs/{load} again", f"{load}.html"
    cache, draws = ("--cache", f"{load}.sqlite3"), ("--resamples", "100")
    return (
        ("run", "load.yaml", "--data", data, "--out", one, *cache, "--json"),
        ("run", "load.yaml", "--data", data, "--out", two, *cache, "--offline"),
        ("run", "load.yaml", "--data", data, "--dry-run", *cache),
        ("show", one),
        ("show", one, "--remarks"),
        ("show", one, "--id", "load"),
        ("show", one, "--id", "load", "--json"),
        ("runs", "--below", "runs"),
        ("score", one, "--json"),
        ("score", f"{one}/predictions.csv", "--data", data),
        *(("score", one, "--metric", name) for name in METRICS),
        ("compare", one, two, *draws, "--json"),
        ("report", one, two, *draws, "--out", page),
        ("route", one, two, "--out", f"{load}.csv"),
        ("submit", one, "--test", data, "--json"),
        ("submit", f"{one}/predictions.csv", "--test", data, "--fix", f"{load} fixed.csv"),
        ("eda", data, "--out", f"{load} eda.html"),
        ("overlap", data, "plain.jsonl", "--write", f"{load} left.jsonl"),
        ("split", "--data", data, "--folds", "2", "--out", f"{load} folds"),
        ("augment", "--data", data, "--out", f"{load} more.jsonl", "--swap", "--delete"),
        ("cache", "explain", "load.yaml", "--data", data, *cache),
        ("cache", "verify", *cache),
        ("cache", "export", f"{load} export.sqlite3", *cache),
    )  # fmt: skip


def write_data(path: Path, rows: dict[str, str]) -> None:
    """Rows as JSON Lines; half a character is written as JSON's escape."""
    lines = [
        json.dumps({"fname": id, "dialogue": text, "summary": text[:2_000]}) + "\n"
        for id, text in rows.items()
    ]
    path.write_text("".join(lines), encoding="utf-8")


def looked_at(
    place: Path, load: str, text: str, seconds: float
) -> tuple[list[Outcome], list[Fault]]:
    """Run every command over one load."""
    plain = {"plain": "#Person1#: 안녕하세요.\n#Person2#: 네.", "other": "#Person1#: 비가 와요.\n"}
    write_data(place / "plain.jsonl", plain)
    write_data(
        place / f"{load}.jsonl",
        {"load": text, **{f"{load} {id}": one for id, one in plain.items()}},
    )
    found, faults = [], []
    for words in commands(load):
        before = _of_children()
        [one] = outcomes([words], place, BUSY * seconds)
        found.append(one)
        taken = _of_children() - before
        refusable = load in REFUSED or words[0] in ("submit", "overlap")
        if one.kind != "result" and not (one.kind == "refused" and refusable):
            faults.append(Fault(load, " ".join(words), f"{one.kind}: {one.detail[-1500:]}"))
        if taken > seconds:
            faults.append(Fault(load, " ".join(words), f"took {taken:.0f} s"))
        if taken > seconds / 4:
            print(f"  {taken:.0f} s: {' '.join(words)}", flush=True)
    if load not in REFUSED:
        faults += [Fault(load, "texts", what) for what in wrong_texts(place, load, text)]
    return found, faults


def _of_children() -> float:
    """Seconds that the commands have taken of a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wrong_texts(place: Path, load: str, text: str) -> list[str]:
    """Where a run's files hold other texts than they should."""
    from pivot_sum.data.predictions import read_predictions_file

    run = place / "runs" / load
    if not (run / "predictions.csv").exists():
        return ["no predictions"]
    steps = {}
    for file in (run / "steps").iterdir():
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
        steps[file.stem.partition("-")[2]] = {row["id"]: row["text"] for row in rows}
    wrong = [f"step {name} changed it" for name in UNTOUCHED if steps[name]["load"] != text]
    last = {id: " ".join(text.split()) for id, text in steps["polish"].items()}
    if read_predictions_file(run / "predictions.csv") != last:
        wrong.append("predictions.csv is not what the last step gave")
    again = place / "runs" / f"{load} again" / "predictions.csv"
    if again.read_bytes() != (run / "predictions.csv").read_bytes():
        wrong.append("the replay gave other predictions")
    return wrong


def checked(size: float, seconds: float, only: Sequence[str] = ()) -> tuple[int, int, list[Fault]]:
    """Look at the loads: how many commands ran, how many of them refused, and what was wrong."""
    import_views()
    ran = refused = 0
    faults: list[Fault] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "same.py").write_text(SAME, encoding="utf-8")
        (place / "load.yaml").write_text(RECIPE, encoding="utf-8")
        for load, text in loads(size).items():
            if not only or load in only:
                found, more = looked_at(place, load, text, seconds)
                ran, faults = ran + len(found), faults + more
                refused += sum(one.kind == "refused" for one in found)
    return ran, refused, faults


def main() -> int:
    """Look and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=float, default=1, help="share of the full size")
    parser.add_argument("--seconds", type=float, default=60, help="of a processor, for one command")
    parser.add_argument("--only", action="append", default=[], help="a load by its name")
    given = parser.parse_args()
    began = time.monotonic()
    ran, refused, faults = checked(given.size, given.seconds, given.only)
    for fault in faults:
        print(f"{fault.load}: {fault.command}: {fault.what}")
    print(
        f"{ran} commands over loads of {given.size:g} of the full size in"
        f" {time.monotonic() - began:,.0f} s: {refused} gave one message, {len(faults)} a"
        f" traceback, a wrong text or over {given.seconds:g} s of a processor, the others a result"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
