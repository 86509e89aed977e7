"""How large a report becomes, how long it takes to write, and how long a browser needs to open it.

    python benchmarks/report_size.py [--dialogues 500] [--keep report.html]

Two runs, a pivot and a direct one, over the demo's dialogues repeated and renumbered. The pivot's
stages are the demo's English originals and references with every fifth word left out, so that each
dialogue has changes to show. No model is needed. Goals: under 5 MB, open within 2 s.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.report.report import report
from pivot_sum.running.folder import RunFolder
from pivot_sum.running.results import Block, StepResult

GOAL_BYTES = 5_000_000
GOAL_SECONDS = 2.0
OPENINGS = 5


def main() -> None:
    """Build the report, open it, print the measurements."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dialogues", type=int, default=500)
    parser.add_argument("--keep", type=Path, help="also leave the page here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = write_runs(folder, options.dialogues)
        start = time.perf_counter()
        html = report([str(run) for run in runs], str(folder / "data.jsonl")).html
        print(
            f"{options.dialogues:,} dialogues x 2 runs, written in"
            f" {time.perf_counter() - start:.1f} s"
        )
        page = folder / "report.html"
        page.write_text(html, encoding="utf-8")
        size = page.stat().st_size
        print(
            f"size: {size / 1e6:.2f} MB (goal: under {GOAL_BYTES / 1e6:.0f} MB:"
            f" {'met' if size < GOAL_BYTES else 'missed'})"
        )
        if options.keep:
            shutil.copyfile(page, options.keep)
        browse(page)


def write_runs(folder: Path, number: int) -> list[Path]:
    """A direct and a pivot run over as many dialogues, and their data file."""
    import json

    demo = read_samples(DEMO_FILE)
    samples = [
        replace(demo[position % len(demo)], id=f"b_{position}") for position in range(number)
    ]
    data = folder / "data.jsonl"
    rows = (
        {"fname": sample.id, "dialogue": sample.dialogue, "summary": list(sample.references)}
        for sample in samples
    )
    data.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    dialogues = [sample.dialogue for sample in samples]
    korean = [gapped(sample.references[0]) for sample in samples]
    pivot = {
        "clean": dialogues,
        "to-english": [str(sample.english_dialogue) for sample in samples],
        "summarize": [str(sample.english_summary) for sample in samples],
        "to-korean": korean,
        "polish": korean,
    }
    direct = {
        "clean": dialogues,
        "summarize": (other := [sample.references[-1] for sample in samples]),
        "polish": other,
    }
    return [
        write_run(folder / "direct", "demo-direct", data, samples, direct),
        write_run(folder / "pivot", "demo-pivot", data, samples, pivot),
    ]


def write_run(
    path: Path, recipe: str, data: Path, samples: Sequence[Sample], steps: dict[str, list[str]]
) -> Path:
    """A finished run folder with these texts."""
    folder = RunFolder(
        path,
        load_recipe(recipe),
        data,
        samples,
        stages=None,
        set=[],
        limit=None,
        offline=False,
        budget=None,
    )
    folder.start()
    for position, (name, texts) in enumerate(steps.items()):
        remarks = [
            Counter({"placeholder repaired": 1} if number % 7 == 0 else {})
            for number in range(len(texts))
        ]
        with folder.step_file(position) as given:
            given.add(Block(texts, remarks, []))
        number = len(texts)
        folder.add_step(position, StepResult(name, {"stage": name}, given, number, number))
    folder.finish(steps["polish"])
    return path


def gapped(text: str) -> str:
    """The text without every fifth word."""
    return " ".join(word for number, word in enumerate(text.split(), 1) if number % 5)


def browse(page: Path) -> None:
    """Open the page a few times and print how long that took, and a search."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("playwright is not installed: not opened (pip install playwright)")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium found: not opened")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        seconds = []
        for _ in range(OPENINGS):
            opened = browser.new_page(viewport={"width": 1280, "height": 900})
            start = time.perf_counter()
            opened.goto(page.as_uri(), wait_until="load")
            # Two frames: what was loaded has been laid out and painted.
            opened.evaluate(
                "() => new Promise((done) => requestAnimationFrame(() =>"
                " requestAnimationFrame(done)))"
            )
            seconds.append(time.perf_counter() - start)
            start = time.perf_counter()
            opened.fill("#search", "b_77")
            opened.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
            search = time.perf_counter() - start
            opened.close()
        version = browser.version
        browser.close()
    middle, most = sorted(seconds)[len(seconds) // 2], max(seconds)
    print(
        f"opened and painted in Chromium {version}: median {middle:.2f} s, slowest {most:.2f} s of"
        f" {OPENINGS}",
        end=" ",
    )
    print(f"(goal: within {GOAL_SECONDS:.0f} s: {'met' if most < GOAL_SECONDS else 'missed'})")
    print(f"first search: {search:.2f} s")


if __name__ == "__main__":
    main()
