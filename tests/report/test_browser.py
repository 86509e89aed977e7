"""The pages in a real browser, opened as a reader opens them: from a file, without a server.

Without Chromium these tests are skipped, unless PIVOT_SUM_REQUIRE_BROWSER=1 says that there has to
be one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pages import PATIENCE, eventually
from reportruns import HOSTILE

Open = Callable[..., Any]


def shown(opened: Any) -> list[str]:
    """The ids of the dialogues that are to be seen, in order."""
    return [text.strip() for text in opened.locator(".card:visible .id").all_text_contents()]


def count(opened: Any) -> str:
    return str(opened.locator("#count").inner_text())


@pytest.mark.parametrize("name", ["report.html", "unscored.html", "eda.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opens_and_a_picture_of_it_can_be_taken(
    visit: Open, tmp_path: Path, name: str, scheme: str
) -> None:
    opened = visit(name, color_scheme=scheme)
    assert opened.locator("main h2").count() >= 4
    picture = tmp_path / "page.png"
    opened.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 50_000


def test_a_script_in_a_dialogue_is_read_and_not_run(visit: Open) -> None:
    opened = visit()
    opened.locator("#open").click()
    assert "taken over" not in opened.title()
    assert opened.locator("main script, main img").count() == 0
    # The browser leaves out what it has not painted yet (content-visibility), so this waits for it.
    worst = opened.locator(".card").first
    eventually(worst).to_contain_text(HOSTILE, use_inner_text=True, timeout=PATIENCE)


def test_the_search_finds_ids_and_words_of_any_stage(visit: Open) -> None:
    opened = visit()
    assert count(opened) == "4 of 4 dialogues"
    opened.fill("#search", "r_1")
    assert shown(opened) == ["r_1"]
    opened.fill("#search", "UMBRELLA 우산")
    assert shown(opened) == ["r_0"]
    assert count(opened) == "1 of 4 dialogues"
    opened.fill("#search", "없는 말")
    assert shown(opened) == []
    assert opened.locator("#none").is_visible()


def test_the_filters_show_dialogues_with_any_of_the_remarks_chosen(visit: Open) -> None:
    opened = visit()
    box = "input[name=remark][value='{}']"
    opened.check(box.format("placeholder lost"))
    assert shown(opened) == ["r_2"]
    opened.check(box.format("speakers swapped?"))
    assert shown(opened) == ["r_2", "r_1"]
    opened.uncheck(box.format("placeholder lost"))
    opened.uncheck(box.format("speakers swapped?"))
    opened.check(box.format(""))
    assert shown(opened) == ["r_0"]
    assert opened.locator("#count").get_attribute("aria-live") == "polite"


def test_the_order_can_be_chosen(visit: Open) -> None:
    opened = visit()
    worst_first = shown(opened)
    opened.select_option("#order", "difference down")
    assert shown(opened) == worst_first[::-1]
    opened.select_option("#order", "place up")
    assert shown(opened) == ["r_0", "r_1", "r_2", "r_3"]


def test_the_marks_can_be_switched_off(visit: Open) -> None:
    opened = visit()
    opened.locator(".card summary").first.click()
    deletions = opened.locator(".card[open] del:visible")
    assert deletions.count() > 0
    opened.locator("label:has(#marks)").click()
    assert deletions.count() == 0


def test_everything_shown_opens_and_closes_at_once(visit: Open) -> None:
    opened = visit()
    opened.fill("#search", "r_1")
    opened.locator("#open").click()
    assert opened.locator(".card[open]").count() == 1
    opened.locator("#close").click()
    assert opened.locator(".card[open]").count() == 0


@pytest.mark.parametrize(
    ("name", "locale", "heading"),
    [
        ("report.html", "en-US", "Scores"),
        ("report.html", "ko-KR", "점수"),
        ("report.html?lang=ko", "en-US", "점수"),
        ("report.html#lang=en", "ko-KR", "Scores"),
        ("eda.html", "ko-KR", "길이"),
    ],
)
def test_the_language_is_the_browsers_or_what_the_address_says(
    visit: Open, name: str, locale: str, heading: str
) -> None:
    opened = visit(name, locale=locale)
    assert opened.locator("main h2").first.inner_text() == heading
    assert opened.locator("html").get_attribute("lang") == ("en" if heading == "Scores" else "ko")


def test_the_language_button_translates_plots_and_counts_too(visit: Open) -> None:
    opened = visit()
    opened.click("#language")
    assert opened.locator("#finals svg text, figure svg text", has_text="최종 점수").count() >= 1
    assert count(opened) == "대화 4개 중 4개"
    assert opened.locator("#search").get_attribute("placeholder") == "id 또는 낱말"
    assert "보고서" in opened.title()
    opened.click("#language")
    assert count(opened) == "4 of 4 dialogues"


def test_one_is_not_written_as_several(visit: Open) -> None:
    opened = visit()
    text = "pivotSum.text('shown', ['{}', {}])"
    assert opened.evaluate(text.format(1, 1)) == "1 of 1 dialogue"
    assert opened.evaluate(text.format(1, 2)) == "1 of 2 dialogues"


def test_the_theme_button_changes_the_colours_and_is_remembered(visit: Open) -> None:
    opened = visit()
    background = "getComputedStyle(document.body).backgroundColor"
    light = opened.evaluate(background)
    opened.click("#theme")
    dark = opened.evaluate(background)
    assert light != dark
    opened.reload()
    assert opened.evaluate(background) == dark
    assert opened.locator("#theme").inner_text() == "Light"


def test_the_address_of_a_dialogue_opens_it(visit: Open) -> None:
    opened = visit("report.html#d1")
    eventually(opened.locator("#d1")).to_have_attribute("open", "", timeout=PATIENCE)
    eventually(opened.locator("#d1 summary")).to_be_focused(timeout=PATIENCE)


def test_a_point_of_the_scatter_plot_leads_to_its_dialogue(visit: Open) -> None:
    opened = visit()
    opened.locator("figure svg a").nth(2).click()
    eventually(opened.locator("#d2")).to_have_attribute("open", "", timeout=PATIENCE)
