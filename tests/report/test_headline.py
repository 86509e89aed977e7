"""What a report says first: the difference in words, and what to be careful about."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import pytest
from reportruns import pivot_run, write_data

from pivot_sum.html.i18n import filled, texts
from pivot_sum.report.report import report

GOOD, BAD = "#Person1#은 아침에 밥을 먹는다.", "#Person2#가 집으로 걸어간다."


def page(folder: Path, *systems: Sequence[str]) -> str:
    """The report of predictions for as many dialogues as there are texts; the reference of each is
    GOOD."""
    rows = [
        {"fname": f"h_{at}", "dialogue": f"#Person1#: 아침에 밥 {at}.", "summary": GOOD}
        for at in range(len(systems[0]))
    ]
    data = folder / "data.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    names = []
    for place, summaries in enumerate(systems):
        path = folder / f"system{place}.csv"
        lines = [f'h_{at},"{summary}"' for at, summary in enumerate(summaries)]
        path.write_text("\n".join(["fname,summary", *lines]), encoding="utf-8")
        names.append(str(path))
    return report(names, str(data), resamples=200).html


def test_where_another_metric_decides_the_column_of_rouge_has_its_name(tmp_path: Path) -> None:
    page(tmp_path, [GOOD] * 3)  # writes the files
    files = (str(tmp_path / "system0.csv"), str(tmp_path / "data.jsonl"))
    for metrics, heads in (
        (["chrf", "rouge"], ["chrF", "ROUGE", "ROUGE, raw"]),
        (["rouge", "chrf"], ["R-1", "R-2", "R-L", "Final", "Final, raw", "chrF"]),
    ):
        html = report(files[:1], files[1], metrics=metrics, resamples=200).html
        [row] = re.findall(r'<table id="scores-table">.*?<thead>(.*?)</thead>', html, re.DOTALL)
        cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<th.*?</th>", row)]
        assert cells == ["System", *heads]


def said(html: str) -> list[str]:
    return [
        re.sub(r"<[^>]*>", "", found) for found in re.findall(r'<p class="say">(.*?)</p>', html)
    ]


def warned(html: str) -> list[str]:
    """The cautions, one a line of their list."""
    found = re.search(r'<ul class="notes".*?</ul>', html, re.DOTALL)
    return (
        [unescape(re.sub(r"<[^>]*>", "", line)) for line in re.findall(r"<li>(.*?)</li>", found[0])]
        if found
        else []
    )


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ([BAD] * 8, [GOOD] * 8, r"points above A: significant\.$"),
        ([GOOD] * 8, [BAD] * 8, r"points below A: significant\.$"),
        ([BAD] * 5 + [GOOD] * 4, [GOOD] * 5 + [BAD] * 4, r"points above A: not significant\.$"),
        ([BAD] * 4 + [GOOD] * 5, [GOOD] * 4 + [BAD] * 5, r"points below A: not significant\.$"),
        ([BAD] * 4 + [GOOD] * 4, [GOOD] * 4 + [BAD] * 4, r"^Level with A on average\.$"),
        ([GOOD] * 6, [GOOD] * 6, r"^The same as A in every dialogue\.$"),
    ],
)
def test_the_headline_gives_the_direction_and_whether_it_is_significant(
    tmp_path: Path, first: list[str], second: list[str], words: str
) -> None:
    [sentence] = said(page(tmp_path, first, second))
    assert re.search(words, sentence)


def test_with_five_dialogues_the_headline_claims_nothing_and_with_six_it_may(
    tmp_path: Path,
) -> None:
    [five] = said(page(tmp_path, [BAD] * 5, [GOOD] * 5))
    assert five.endswith("points above A: too little data for a test.")
    [six] = said(page(tmp_path, [BAD] * 6, [GOOD] * 6))
    assert six.endswith("points above A: significant.")


def test_few_dialogues_are_warned_of(tmp_path: Path) -> None:
    few = "Only 8 dialogues: intervals from so few are too narrow, take this as a first look."
    assert warned(page(tmp_path, [BAD] * 8, [GOOD] * 8)) == [few]
    assert warned(page(tmp_path, [BAD] * 30, [GOOD] * 30)) == []


def test_summaries_that_are_empty_or_in_another_script_are_warned_of(tmp_path: Path) -> None:
    html = page(
        tmp_path, [GOOD] * 30, ["", *[GOOD] * 27, *["#Person1# eats rice in the morning."] * 2]
    )
    assert warned(html) == [
        "B has 1 summary without any text, scored 0.",
        "B has 2 summaries in another script than the references.",
    ]


def test_numbers_of_a_larger_run_and_of_the_cache_are_warned_of(tmp_path: Path) -> None:
    folder = pivot_run(tmp_path / "run", write_data(tmp_path))
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for step in record["steps"]:
        step["cached"], step["unique"] = 1, 2
    record["data"]["samples"] = 1200
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert warned(report([str(folder)], resamples=200).html)[-2:] == [
        "What the run of A flagged and took is of all its 1,200 dialogues.",
        "From the cache came 50% of A: its times and costs are not what computing it all takes.",
    ]


def test_one_dialogue_is_one_dialogue(tmp_path: Path) -> None:
    html = page(tmp_path, [GOOD], [BAD])
    assert re.search(r">1 dialogue<.*>1 reference each<", html)
    assert warned(html) == [
        "Only 1 dialogue: so few cannot show a difference, whatever the scores."
    ]


def test_one_dialogue_has_no_interval_and_no_p_values(tmp_path: Path) -> None:
    cells = re.findall(
        r'<td class="n">–</td>',
        page(tmp_path, [GOOD], [BAD]).split('id="differences-table"')[1].split("</tbody>")[0],
    )
    assert len(cells) == 4
    assert "95 % CI" not in re.sub(
        r"<script.*?</script>", "", page(tmp_path, [GOOD], [BAD]), flags=re.DOTALL
    )


def test_values_are_filled_in_once_and_choose_the_word() -> None:
    assert filled("{0} {0?time|times} in {1} {1?text|texts}", ("1", 2)) == "1 time in 2 texts"
    assert filled("{0} {0?time|times} by {1}", (0, "{0}")) == "0 times by {0}"


def test_a_quartile_is_a_value_that_may_be_reached() -> None:
    shows = filled(texts()["plot-one-shows"]["en"], (6, 9, 12))
    assert shows.startswith("A quarter has at most 6, half at most 9, three quarters at most 12.")


def test_where_another_metric_disagrees_the_dialogues_are_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(tmp_path, [GOOD] * 3, [GOOD, BAD, GOOD])  # writes the files
    files = [str(tmp_path / f"system{place}.csv") for place in range(2)]
    (tmp_path / "contrary.py").write_text(
        "class Contrary:\n"
        "    name, signature = 'contrary', 'contrary'\n"
        "    def score(self, hypotheses, references, sources):\n"
        f"        return [50.0 + 50 * (text == {BAD!r}) for text in hypotheses]\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    html = report(
        files, str(tmp_path / "data.jsonl"), metrics=["rouge", "contrary:Contrary"], resamples=200
    ).html
    [table] = re.findall(r'<table id="disagreements-table">.*?</table>', html, re.DOTALL)
    [anchor, id] = re.findall(r'<a href="#(\w+)">(\w+)</a>', table)[0]
    assert id == "h_1" and f'<details class="card" id="{anchor}"' in html
    assert ">1 / 1<" in table
    alike = report(files, str(tmp_path / "data.jsonl"), metrics=["rouge", "chrf"]).html
    assert '<table id="disagreements-table">' not in alike
