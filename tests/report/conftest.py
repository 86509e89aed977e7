"""What tests of pages share: small runs, their pages, and a real browser to open them in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from reportruns import direct_run, pivot_run, write_data

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


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data.jsonl`, `test.jsonl` (no references) and runs over both: `pivot`,
    `direct`, `pivot-test`."""
    folder = tmp_path_factory.mktemp("runs")
    data = write_data(folder)
    pivot_run(folder / "pivot", data)
    direct_run(folder / "direct", data)
    pivot_run(folder / "pivot-test", write_data(folder, references=False))
    return folder


@pytest.fixture(scope="module")
def html(runs: Path) -> str:
    return report([str(runs / "direct"), str(runs / "pivot")]).html
