"""The pages in a real browser, opened as a reader opens them: from a file, without a server.

Without Chromium these tests are skipped, unless PIVOT_SUM_REQUIRE_BROWSER=1 says that there has to
be one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from reportruns import HOSTILE, direct_run, pivot_run, write_data

from pivot_sum.eda.eda import eda
from pivot_sum.html import page
from pivot_sum.report.report import report

CHROMIUM = (
    shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
    or "/usr/bin/chromium"
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium. Skips where there is none, or fails where there has to be one."""
    lacking = None if Path(CHROMIUM).exists() else f"no Chromium at {CHROMIUM}"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking = "playwright is not installed (pip install playwright)"
    if lacking and os.environ.get("PIVOT_SUM_REQUIRE_BROWSER") == "1":
        pytest.fail(f"PIVOT_SUM_REQUIRE_BROWSER=1, but {lacking}")
    if lacking:
        pytest.skip(lacking)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `report.html`, `eda.html` and `unscored.html`."""
    folder = tmp_path_factory.mktemp("pages")
    data, test = write_data(folder), write_data(folder, references=False)
    pivot, direct = pivot_run(folder / "pivot", data), direct_run(folder / "direct", data)
    page.write(folder / "report.html", report([str(direct), str(pivot)]).html)
    page.write(folder / "unscored.html", report([str(pivot_run(folder / "pivot-test", test))]).html)
    page.write(folder / "eda.html", eda(str(data)).html)
    return folder


@pytest.fixture
def visit(browser: Any, pages: Path) -> Iterator[Open]:
    """Opens a page; at the end there must have been no message on the console, no error and no
    request but for the file."""
    contexts, heard = [], []

    def visit(name: str = "report.html", **options: Any) -> Any:
        settings = {"viewport": DESKTOP, "locale": "en-US", "color_scheme": "light", **options}
        context = browser.new_context(**settings)
        contexts.append(context)
        opened = context.new_page()
        opened.on("console", lambda message: heard.append(message.text))
        opened.on("pageerror", lambda error: heard.append(str(error)))
        opened.on(
            "request",
            lambda request: (
                None if request.url.startswith(("file:", "data:")) else heard.append(request.url)
            ),
        )
        opened.goto(
            (pages / name.partition("?")[0].partition("#")[0]).as_uri()
            + name[name.index(".html") + 5 :]
        )
        return opened

    yield visit
    for context in contexts:
        context.close()
    assert heard == []


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


@pytest.mark.parametrize("name", ["report.html", "unscored.html", "eda.html"])
def test_at_phone_width_nothing_sticks_out_also_with_everything_open(
    visit: Open, tmp_path: Path, name: str
) -> None:
    opened = visit(name, viewport=PHONE, device_scale_factor=2)
    opened.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
    )
    assert opened.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    opened.screenshot(path=tmp_path / "phone.png")


def test_on_a_phone_the_columns_of_a_dialogue_stack(visit: Open) -> None:
    opened = visit(viewport=PHONE)
    opened.evaluate("document.querySelector('.card').open = true")
    cells = opened.locator(".card").first.locator(".turns tbody tr").first.locator("td")
    above, below = cells.nth(0).bounding_box(), cells.nth(1).bounding_box()
    assert below["y"] >= above["y"] + above["height"]


def test_a_script_in_a_dialogue_is_read_and_not_run(visit: Open) -> None:
    opened = visit()
    opened.locator("#open").click()
    assert "taken over" not in opened.title()
    assert opened.locator("main script, main img").count() == 0
    worst = opened.locator(".card").first.inner_text()
    assert HOSTILE in worst


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
    assert opened.locator("#d1").get_attribute("open") is not None
    assert opened.evaluate("document.activeElement.closest('.card').id") == "d1"


def test_a_point_of_the_scatter_plot_leads_to_its_dialogue(visit: Open) -> None:
    opened = visit()
    opened.locator("figure svg a").nth(2).click()
    assert opened.locator("#d2").get_attribute("open") is not None


def test_the_keyboard_alone_is_enough(visit: Open) -> None:
    opened = visit()
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    opened.focus("#search")
    opened.keyboard.type("r_3")
    opened.locator(".card:visible summary").focus()
    opened.keyboard.press("Enter")
    assert opened.locator("#d3").get_attribute("open") is not None
    outline = opened.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("name", ["report.html", "eda.html"])
def test_screen_readers_find_landmarks_headings_and_names(visit: Open, name: str) -> None:
    opened = visit(name)
    for landmark in ("header", "main", "nav[aria-label]", "footer"):
        assert opened.locator(landmark).count() == 1
    assert opened.locator("h1").count() == 1
    assert opened.locator("section:not([aria-labelledby])").count() == 0
    assert opened.locator("table:not(:has(caption))").count() == 0
    assert opened.locator("thead th:not([scope])").count() == 0
    assert (
        opened.locator("svg:not([role=img]), svg:not(:has(> title)), svg:not(:has(> desc))").count()
        == 0
    )
    unnamed = (
        "[...document.querySelectorAll('button, input, select')].filter((e) => !e.innerText &&"
        " !e.labels?.length).length"
    )
    assert opened.evaluate(unnamed) == 0


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(
      (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const low = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("svg, script, style")) continue;
    if (!element.checkVisibility()) continue;
    const shades = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
    const [one, other] = shades.sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) low.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...low];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["report.html", "eda.html"])
def test_every_text_stands_out_from_what_is_behind_it(visit: Open, name: str, scheme: str) -> None:
    """WCAG 2.2, success criterion 1.4.3: 4.5 to 1."""
    opened = visit(name, color_scheme=scheme)
    opened.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
    )
    assert opened.evaluate(CONTRAST) == []
