"""The pages for everyone: on a phone, by keyboard, read aloud, and with colours that stand out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pages import PATIENCE, eventually

Open = Callable[..., Any]
PHONE = {"width": 390, "height": 844}


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


@pytest.mark.parametrize("name", ["report.html", "eda.html"])
@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_at_phone_width_captions_are_whole_also_beside_a_table_that_was_scrolled(
    visit: Open, name: str, locale: str
) -> None:
    opened = visit(name, viewport=PHONE, locale=locale)
    opened.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
    )
    assert opened.evaluate(CAPTIONS_OUTSIDE) == []
    moved = "(all) => all.reduce((far, one) => far + ((one.scrollLeft = 9999), one.scrollLeft), 0)"
    assert opened.locator(".scroll").evaluate_all(moved) > 0
    assert opened.evaluate(CAPTIONS_OUTSIDE) == []


CAPTIONS_OUTSIDE = """() => [...document.querySelectorAll("caption")].filter((caption) => {
  const words = document.createRange();
  words.selectNodeContents(caption);
  const { left, right } = words.getBoundingClientRect();
  const seen = (caption.closest(".scroll") ?? document.body).getBoundingClientRect();
  return left < seen.left || right > seen.right;
}).map((caption) => caption.innerText)"""


def test_at_1200_pixels_no_table_of_scores_has_to_be_scrolled(visit: Open) -> None:
    opened = visit(viewport={"width": 1200, "height": 900})
    widths = "(tables) => tables.map((table) => [table.scrollWidth, table.clientWidth])"
    tables = opened.locator("#scores .scroll").evaluate_all(widths)
    assert len(tables) == 3
    assert all(needed <= there for needed, there in tables), tables


def test_on_a_phone_the_columns_of_a_dialogue_stack(visit: Open) -> None:
    opened = visit(viewport=PHONE)
    opened.evaluate("document.querySelector('.card').open = true")
    cells = opened.locator(".card").first.locator(".turns tbody tr").first.locator("td")
    above, below = cells.nth(0).bounding_box(), cells.nth(1).bounding_box()
    assert below["y"] >= above["y"] + above["height"]


def test_the_keyboard_alone_is_enough(visit: Open) -> None:
    opened = visit()
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    opened.focus("#search")
    opened.keyboard.type("r_3")
    opened.locator(".card:visible summary").focus()
    opened.keyboard.press("Enter")
    eventually(opened.locator("#d3")).to_have_attribute("open", "", timeout=PATIENCE)
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
