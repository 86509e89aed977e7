"""Metrics from outside: found beside the notebook or registered by a package, and refused with one
message where they are not what was promised."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from pivot_sum.errors import MetricInvalid
from pivot_sum.scoring import load_metrics, outside

GOOD = """
class Length:
    name = "length"
    signature = "length|v1"

    def score(self, hypotheses, references, sources):
        return [min(100.0, 10.0 * len(text)) for text in hypotheses]

class Nameless(Length):
    name = ""

class Told(Length):
    def __init__(self, what):
        pass

class Whole(Length):
    name = "raw"

unit = Length
nothing = dict
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a module of metrics, whose name nothing else has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    for name in ("own_metrics", "broken_metrics", "needy_metrics"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "own_metrics.py").write_text(GOOD, encoding="utf-8")
    (tmp_path / "broken_metrics.py").write_text("1 / 0\n", encoding="utf-8")
    (tmp_path / "needy_metrics.py").write_text("import not_there_at_all\n", encoding="utf-8")
    return tmp_path


def test_a_class_or_function_of_a_file_in_the_working_folder_is_a_metric(folder: Path) -> None:
    for name in ("own_metrics:Length", "own_metrics:unit"):
        [(key, metric)] = load_metrics([name]).items()
        assert key == metric.name == "length"
        assert metric.score(["세 글자"], [["하나"]], [""]) == [40.0]


def test_the_working_folder_is_looked_in_last_and_only_when_it_is_asked_for(folder: Path) -> None:
    before = list(sys.path)
    load_metrics(["chrf"])
    assert sys.path == before
    load_metrics(["own_metrics:Length"])
    assert sys.path == [*before, str(folder)]
    load_metrics(["own_metrics:Length"])
    assert sys.path == [*before, str(folder)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("chfr", r"no metric 'chfr'; did you mean chrf\? Choose one of rouge, chrf, bleu"),
        ("own_metrics", "no metric 'own_metrics'"),
        (":Length", "no metric ':Length'"),
        (
            "no_such_module:Length",
            "there is no module 'no_such_module'; it has to be installed, or lie in",
        ),
        ("own_metrics.inner:Length", "there is no module 'own_metrics.inner'"),
        ("own_metrics:Lenght", r"own_metrics\.py has no 'Lenght' \(did you mean 'Length'"),
        ("broken_metrics:Length", "importing it raises ZeroDivisionError: .*broken_metrics"),
        (
            "needy_metrics:Length",
            "importing it raises ModuleNotFoundError: No module named 'not_there_at_all'",
        ),
        ("own_metrics:Told", "calling it without arguments failed with TypeError"),
        ("own_metrics:Nameless", r"Nameless is no metric, it lacks name \(a text\)"),
        (
            "own_metrics:nothing",
            r"dict is no metric, it lacks name \(a text\), signature \(a text\), score\(",
        ),
        ("own_metrics:Whole", "calls itself 'raw', and so does another"),
    ],
)
def test_what_is_no_metric_is_refused_with_its_name(folder: Path, name: str, words: str) -> None:
    with pytest.raises(MetricInvalid, match=words):
        load_metrics([name])


def register(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, str]) -> None:
    points = EntryPoints(EntryPoint(name, value, outside.GROUP) for name, value in found)

    def entry_points(**chosen: str) -> EntryPoints:
        return points.select(**chosen)

    monkeypatch.setattr(outside, "entry_points", entry_points)


def test_a_registered_name_is_found_and_offered(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(folder))
    register(monkeypatch, ("length", "own_metrics:Length"), ("other", "own_metrics:unit"))
    assert list(load_metrics(["length"])) == ["length"]
    with pytest.raises(
        MetricInvalid,
        match=r"rouge, chrf, bleu, placeholders, names, .* length, other, or name your own",
    ):
        load_metrics(["something"])


def test_a_registered_name_never_replaces_one_of_ours_and_two_of_one_name_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(
        monkeypatch, ("chrf", "own_metrics:Length"), ("a", "x:A"), ("a", "y:A"), ("b", "none_x:B")
    )
    assert load_metrics(["chrf"])["chrf"].signature.startswith("chrF2|")
    with pytest.raises(MetricInvalid, match="more than one installed package has a metric a: x:A"):
        load_metrics(["a"])
    with pytest.raises(MetricInvalid, match="metric b: there is no module 'none_x'"):
        load_metrics(["b"])
