"""Metrics in the Python API: by name, or a user's own object."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import pivot_sum
from pivot_sum.errors import MetricInvalid

ROWS = [
    {"fname": f"d{n}", "dialogue": f"#Person1#: {n}시에 봐요.", "summary": f"{n}시에 만난다."}
    for n in range(1, 9)
]


class Length:
    """How long a summary is, up to 100."""

    name = "length"
    signature = "length|v1"

    def score(
        self,
        hypotheses: Sequence[str],
        references: Sequence[Sequence[str]],
        sources: Sequence[str],
    ) -> list[float]:
        assert all(source.startswith("#Person1#") for source in sources)
        return [min(100.0, len(text)) for text in hypotheses]


def predictions(path: Path, text: str) -> Path:
    lines = [f"{row['fname']},{text}" for row in ROWS]
    path.write_text("\n".join(["fname,summary", *lines]), encoding="utf-8")
    return path


def test_score_takes_a_name_or_a_metric(tmp_path: Path) -> None:
    texts = {str(row["fname"]): str(row["summary"]) for row in ROWS}
    assert pivot_sum.score(texts, ROWS, metric="chrf").final == pytest.approx(100)
    scores = pivot_sum.score(texts, ROWS, metric=Length())
    assert scores.final == len("1시에 만난다.")
    assert scores.signature.startswith("length|v1|refs:1|n:8|")
    with pytest.raises(MetricInvalid, match="Path is no metric, it lacks"):
        pivot_sum.score(texts, ROWS, metric=Path())  # type: ignore[arg-type]


def test_compare_takes_names_and_metrics_and_the_first_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    short, long = (
        predictions(tmp_path / "a.csv", "만난다."),
        predictions(tmp_path / "b.csv", "여덟 시에 만나기로 한다."),
    )
    found = pivot_sum.compare(short, long, data=ROWS, metrics=[Length(), "chrf"], resamples=200)
    assert found.differences[0].final.delta == len("여덟 시에 만나기로 한다.") - len("만난다.")
    frame = found.to_pandas()
    assert list(frame.columns[:4]) == ["system", "kind", "length", "chrf"]
    assert "F1" not in found._repr_html_()
    with pytest.raises(MetricInvalid, match="calls itself 'length', and so does another"):
        pivot_sum.compare(short, long, data=ROWS, metrics=[Length(), Length()])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"placeholders": "hole"}, "placeholders='hole': choose whole or raw"),
        ({"over_references": "median"}, "over_references='median': choose mean or max"),
        ({"limit": 0}, "limit=0: a whole number, 1 or more"),
        ({"limit": "5"}, "limit='5': a whole number"),
        ({"metric": Length}, r"Length is a class, not a metric. Give .*: Length\(\)"),
    ],
)
def test_a_setting_that_score_cannot_have_is_refused(settings: Any, words: str) -> None:
    texts = {str(row["fname"]): str(row["summary"]) for row in ROWS}
    with pytest.raises((ValueError, MetricInvalid), match=words):
        pivot_sum.score(texts, ROWS, **settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"resamples": 0}, "resamples=0: a whole number, 100 or more"),
        ({"limit": -1}, "limit=-1: a whole number"),
        ({"metrics": []}, "no metric is named"),
        ({"metrics": "own:Metric"}, "there is no module 'own'"),
    ],
)
def test_a_setting_that_compare_cannot_have_is_refused(
    settings: Any, words: str, tmp_path: Path
) -> None:
    made = predictions(tmp_path / "a.csv", "만난다.")
    with pytest.raises((ValueError, MetricInvalid), match=words):
        pivot_sum.compare(made, made, **{"data": ROWS, **settings})


def test_summaries_that_are_no_texts_are_named() -> None:
    texts: dict[str, Any] = {str(row["fname"]): None for row in ROWS}
    with pytest.raises(TypeError, match=r"no text for d1, d2, .* an empty summary is ''"):
        pivot_sum.score(texts, ROWS)
    with pytest.raises(TypeError, match="list is none of a run, a run folder"):
        pivot_sum.score(["만난다."], ROWS)  # type: ignore[arg-type]
