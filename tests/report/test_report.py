"""`pivot-sum report`: what the page says, read as a reader's browser reads it."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

from reportruns import DIALOGUES, HOSTILE, pivot_run

from pivot_sum.html.i18n import texts
from pivot_sum.report.report import report


class Page(HTMLParser):
    """The elements of a page with their texts and attributes, in order."""

    VOID = ("meta", "link", "input", "br", "img")

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] == "script":
            self.scripts.append(data)
        elif not self._inside or self._inside[-1] != "style":
            self.text += data

    def all(self, tag: str, name: str = "", value: str = "") -> list[dict[str, str | None]]:
        return [
            attrs
            for found, attrs in self.elements
            if found == tag and (not name or value in (attrs.get(name) or "").split())
        ]


def ids(html: str) -> list[str]:
    return re.findall(r'<span class="id">([^<]*)</span>', html)


def card(html: str, id: str) -> str:
    """The part of the page that is about one dialogue."""
    (part,) = [
        part
        for part in html.split('<details class="card"')
        if f'<span class="id">{id}</span>' in part
    ]
    return part.split("</details>")[0]


def test_the_page_shows_both_runs_the_baselines_and_the_difference(html: str) -> None:
    text = " ".join(Page(html).text.split())
    for words in (
        "A demo-direct",
        "B demo-pivot",
        "first three turns",
        "Against A",
        "Against the strongest baseline:",
    ):
        assert words in text
    assert re.search(r"rouge-f1\|tok:mecab-ko-[^|]*\|placeholders:whole\|", text)
    assert "4 dialogues · 2 references each · data.jsonl" in text


def test_the_dialogue_in_which_the_second_run_loses_most_comes_first(html: str) -> None:
    assert ids(html)[0] == "r_2"
    assert ids(html)[-1] == "r_3"
    found = [float(value) for value in re.findall(r'data-difference="([^"]*)"', html)]
    assert found == sorted(found)


def test_the_same_runs_give_the_same_bytes(runs: Path, html: str) -> None:
    assert report([str(runs / "direct"), str(runs / "pivot")]).html == html


def test_a_script_in_a_dialogue_is_text_and_nothing_else(html: str) -> None:
    page = Page(html)
    assert len(page.all("script")) == 2
    assert not page.all("img")
    assert (
        page.text.count(HOSTILE) >= 4
    )  # the dialogue, its English, the English summary, the final one (in the marks too)
    assert all("taken over" not in script for script in page.scripts)


def test_a_script_in_a_label_an_id_or_a_remark_is_text_too(tmp_path: Path) -> None:
    rows = [
        json.dumps(
            {
                "fname": HOSTILE,
                "dialogue": "#Person1#: 안녕하세요.",
                "summary": "#Person1#은 인사한다.",
            },
            ensure_ascii=False,
        )
    ]
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join(rows), encoding="utf-8")
    predictions = tmp_path / "<b>'own\"&.jsonl"
    predictions.write_text(
        json.dumps({"fname": HOSTILE, "summary": "#Person1#은 인사한다."}), encoding="utf-8"
    )
    page = Page(report([str(predictions)], str(data)).html)
    assert len(page.all("script")) == 2
    assert not page.all("img")
    assert HOSTILE in page.text
    assert "<b>'own\"&" in page.text


def test_only_the_pages_own_script_may_run_and_nothing_may_be_fetched(html: str) -> None:
    (policy,) = [
        attrs["content"]
        for attrs in Page(html).all("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'", policy)
    outside = [
        value
        for _, attrs in Page(html).elements
        for name in ("src", "href", "xlink:href")
        if (value := attrs.get(name))
    ]
    assert all(value.startswith(("#", "data:")) for value in outside)


def test_swapped_speakers_are_flagged_where_the_score_hardly_shows_them(html: str) -> None:
    assert '"speakers swapped?"' in card(html, "r_1").replace("&#34;", '"')
    assert all("speakers swapped?" not in card(html, id) for id in ("r_0", "r_2", "r_3"))


def test_each_person_has_a_class_of_its_own_and_damaged_placeholders_another(html: str) -> None:
    assert '<b class="p p1">#Person1#</b>' in card(html, "r_1")
    assert '<b class="p p2">#Person2#</b>' in card(html, "r_1")
    assert '<b class="p px">#PhoneNumber#</b>' in card(html, "r_3")
    assert '<b class="p bad">#person2#</b>' in card(html, "r_2")


def test_stages_that_keep_the_turns_stand_beside_the_dialogue_turn_by_turn(html: str) -> None:
    found = card(html, "r_0")
    assert "= A clean, B clean" in found  # both left it as it was
    row = next(line for line in found.split("<tr") if "우산을 빌려줄" in line)
    assert "Can you lend me an umbrella tomorrow morning?" in row
    assert '<b class="p p1">#Person1#</b>' in row


def test_what_a_stage_changed_in_its_language_is_marked(html: str) -> None:
    found = card(html, "r_0")
    assert re.search(r"<del>는</del> ?<ins>은</ins>", found)  # polish put the particle right
    assert "<ins>문 앞에</ins>" in found  # the summary against the nearest reference
    assert "<del>현관에</del>" in found


def test_the_filters_count_the_remarks_of_all_stages(html: str) -> None:
    boxes = {attrs["value"] for attrs in Page(html).all("input") if attrs.get("name") == "remark"}
    assert boxes == {
        "placeholder invented", "no counterpart", "placeholder lost", "placeholder repaired",
        "speakers swapped?", "",
    }  # fmt: skip
    assert json.loads(Page(html).all("details", "class", "card")[0]["data-remarks"] or "") == [
        "no counterpart", "placeholder invented", "placeholder lost",
    ]  # fmt: skip


def test_one_run_alone_works_lowest_score_first(runs: Path) -> None:
    html = report([str(runs / "pivot")]).html
    assert ids(html)[0] == "r_2"
    assert "data-difference" not in html
    assert "The others are compared" not in Page(html).text


def test_without_references_nothing_is_scored_and_remarks_decide_the_order(runs: Path) -> None:
    made = report([str(runs / "pivot-test")])
    assert len(made.bare) == made.dialogues
    assert ids(made.html)[:2] == ["r_2", "r_3"]
    assert "nothing is scored" in Page(made.html).text
    assert 'id="scores"' not in made.html
    assert 'id="losses"' not in made.html


def test_predictions_from_elsewhere_stand_beside_a_run(runs: Path, tmp_path: Path) -> None:
    rows = [f'{id},"{row["direct"]}"' for id, row in DIALOGUES.items()]
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("\n".join(["fname,summary", *rows]), encoding="utf-8")
    html = report([str(theirs), str(runs / "pivot")]).html
    assert "theirs" in html
    assert "theirs, step by step" not in Page(html).text


def test_two_runs_of_one_recipe_can_be_told_apart(runs: Path) -> None:
    text = Page(report([str(runs / "pivot"), str(runs / "pivot")]).html).text
    assert "The same as A in every dialogue." in text


def test_what_was_billed_stands_there_by_unit(runs: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(runs / "pivot", tmp_path / "pivot")
    record = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    record["steps"][1]["billed"] = {"characters": 1250}
    record["steps"][2]["billed"] = {"tokens": 9100, "USD": 0.0182}
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    page = Page(report([str(copy), str(runs / "direct")], str(runs / "data.jsonl")).html)
    assert "1,250 characters, 9,100 tokens, 0.018 USD" in page.text
    assert page.all("span", "data-t", "unit:tokens")


def test_what_attribute_found_is_shown_for_the_run_and_for_each_dialogue(
    runs: Path, tmp_path: Path
) -> None:
    folder = pivot_run(tmp_path / "run", runs / "data.jsonl")
    (folder / "attribution.json").write_text(json.dumps(ATTRIBUTION), encoding="utf-8")
    lines = [
        {"id": id, "oracle": True, "loss": {"to-english": 0.5, "to-korean": 12.25}}
        for id in DIALOGUES
    ]
    (folder / "attribution-texts.jsonl").write_text(
        "\n".join(map(json.dumps, lines)), encoding="utf-8"
    )
    html = report([str(folder)]).html
    text = " ".join(Page(html).text.split())
    assert "Lost 20.00 points: scored 60.00, could have scored 80.00." in text
    assert "to-korean 19.50 (15.00 – 24.00)" in text
    assert "−12.25" in card(html, "r_0")


ATTRIBUTION = {
    "stages": [
        {
            "name": name,
            "loss": loss,
            "low": low,
            "high": high,
            "shapley": {"mean": loss},
            "dialogues": 3,
            "worst": "r_2",
        }
        for name, loss, low, high in (
            ("to-english", 0.5, 0.1, 0.9),
            ("to-korean", 19.5, 15.0, 24.0),
        )
    ],
    "actual": {"mean": 60.0},
    "ceiling": {"mean": 80.0},
    "loss": {"mean": 20.0},
    "notes": ["a note"],
}


def test_every_text_of_the_interface_is_there_in_both_languages_with_the_same_values() -> None:
    for key, languages in texts().items():
        assert set(languages) == {"en", "ko"}, key
        found = {
            language: sorted(set(re.findall(r"\{\d\}", text)))
            for language, text in languages.items()
        }
        assert found["en"] == found["ko"], key


def test_every_text_the_page_uses_can_be_put_into_korean(html: str) -> None:
    page = Page(html)
    carried = json.loads(page.scripts[0])
    used = {attrs["data-t"] for _, attrs in page.elements if "data-t" in attrs}
    assert used <= carried.keys()
    assert all(
        re.search("[가-힣]", carried[key]["ko"])
        for key in used
        if re.search("[a-z]{4}", carried[key]["en"])
    )


def test_ids_occur_once_and_plots_bring_no_colours_or_styles_of_their_own(html: str) -> None:
    found = [attrs["id"] for _, attrs in Page(html).elements if "id" in attrs]
    assert len(found) == len(set(found))
    plots = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    assert len(plots) == 6
    for plot in plots:
        assert not re.search(r"#[0-9a-f]{6}|<style|font-family", plot)
        assert re.search(r"<title[^>]*>[^<]+</title><desc[^>]*>[^<]+</desc>", plot)
