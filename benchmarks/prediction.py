"""How well the gain of a pivot is predicted from its translation: `python benchmarks/prediction.py
[--cache FILE] [--folder FOLDER]`.

Nine systems of graded translation quality are made of the demo's: the turns that its summariser
reads are damaged in a share of cases (words left out, whole turns lost, words in another order,
other numbers). Each is run over the 96 held-out dialogues, and predicted from the eight others
before its own score counts. Prints the tables of docs/prediction.md in Markdown. A few minutes on
two cores; with --folder the runs are kept, and made only where they are not there yet.
"""

from __future__ import annotations

import argparse
import logging
import platform
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import yaml
from damaging_stage import Damage

from pivot_sum.prediction import MEASURES, SAMPLE, Learned, Prediction, predict
from pivot_sum.prediction.regression import Regression
from pivot_sum.recipes.recipe import shipped_recipe
from pivot_sum.running.execute import Request, execute

SYSTEMS: dict[str, tuple[str, float] | None] = {
    "undamaged": None,
    "words-10": ("words", 0.1),
    "words-30": ("words", 0.3),
    "words-60": ("words", 0.6),
    "turns-15": ("turns", 0.15),
    "turns-40": ("turns", 0.4),
    "order-25": ("order", 0.25),
    "order-50": ("order", 0.5),
    "numbers-50": ("numbers", 0.5),
}
LEVELS = (0.8, 0.95)
SAMPLES, SEEDS = (10, 20, SAMPLE), (1, 2, 3, 4)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)  # that a stage comes from outside, nine times
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        cache = arguments.cache or folder / "cache.sqlite3"
        for name, damage in SYSTEMS.items():
            _run(str(_recipe(folder, name, damage)), folder / "runs" / name, cache)
        _run("demo-direct", folder / "runs" / "direct", cache)
        found = _predicted(folder, cache, SAMPLE)
        print(
            f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
            f" {platform.python_version()}.\n"
        )
        _print_systems(found)
        _print_measures(found)
        _print_samples(folder, cache)


def _recipe(folder: Path, name: str, damage: tuple[str, float] | None) -> Path:
    """The demo's pivot with a damaging step in front of its summariser. One that is none too, so
    that all are read by the same steps."""
    recipe = yaml.safe_load(shipped_recipe("demo-pivot").read_text(encoding="utf-8"))
    kind, share = damage or ("words", 0.0)
    step = {"name": "damage", "stage": f"{Damage.__module__}:{Damage.__name__}", "over": "turn"}
    place = [step["name"] for step in recipe["steps"]].index("summarize")
    recipe["steps"].insert(place, step | {"language": "en", "kind": kind, "share": share})
    path = folder / f"{name}.yaml"
    folder.mkdir(exist_ok=True, parents=True)
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    return path


def _run(recipe: str, out: Path, cache: Path) -> None:
    if not (out / "predictions.csv").exists():
        execute(Request(recipe, cache=cache, out=out))


def _predicted(folder: Path, cache: Path, sample: int, **options: int) -> Prediction:
    """A prediction for the shipped pivot, which none of the runs is: all are learned from."""
    return predict(
        Request("demo-pivot", cache=cache), runs=[folder / "runs"], sample=sample, **options
    )


def _regression(systems: Sequence[Learned], names: Iterable[str]) -> Regression:
    return Regression(
        {
            name: tuple(x for system in systems if (x := system.measures[name]) is not None)
            for name in names
        },
        tuple(system.difference for system in systems),
    )


def _at_hand(found: Prediction) -> list[str]:
    assert found.expected is not None
    return list(found.expected.errors)


def _print_systems(found: Prediction) -> None:
    names = _at_hand(found)
    print("| system | observed | predicted from the others | by | 80 % | 95 % | their mean |")
    print("|---|---|---|---|---|---|---|")
    covered = dict.fromkeys(LEVELS, 0)
    for system in sorted(found.learned, key=lambda system: -system.difference):
        others = _regression([one for one in found.learned if one is not system], names)
        measures = {name: value for name in names if (value := system.measures[name]) is not None}
        cells = []
        for level in LEVELS:
            low, high = others.interval(measures, level)
            covered[level] += low <= system.difference <= high
            cells.append(f"{low:+.1f} to {high:+.1f}")
        print(
            f"| {Path(system.folder).name} | {system.difference:+.2f} |"
            f" {others.at(measures):+.2f} | {others.by} | {' | '.join(cells)} |"
            f" {system.mean_of_others:+.2f} |"
        )
    expected = found.expected
    assert expected is not None
    print(f"| mean absolute error | | {expected.error:.2f} | | | | {expected.error_of_mean:.2f} |")
    told = ", ".join(f"{level:.0%}: {times}" for level, times in covered.items())
    print(f"\nin the interval, of {len(found.learned)}: {told}\n")


def _print_measures(found: Prediction) -> None:
    """Each measure, and how far it is off by itself."""
    assert found.expected is not None
    print(f"| system | {' | '.join(MEASURES)} |\n|---|{'---|' * len(MEASURES)}")
    for system in found.learned:
        cells = _cells(system.measures)
        print(f"| {Path(system.folder).name} | {cells} |")
    print(f"| error by it alone | {_cells(found.expected.errors)} |\n")


def _cells(values: Mapping[str, float | None]) -> str:
    found = (values.get(name) for name in MEASURES)
    return " | ".join("-" if value is None else f"{value:.2f}" for value in found)


def _print_samples(folder: Path, cache: Path) -> None:
    print("| dialogues | error by seed | by round-trip alone |\n|---|---|---|")
    for sample in SAMPLES:
        found = []
        for seed in SEEDS:
            expected = _predicted(folder, cache, sample, seed=seed).expected
            assert expected is not None
            found.append((expected.error, expected.errors["round-trip"]))
        columns = (
            ", ".join(f"{value:.2f}" for value in column) for column in zip(*found, strict=True)
        )
        print(f"| {sample} | {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
