"""Make the pictures in docs/ anew: `python benchmarks/report_pictures.py DIRECT-RUN PIVOT-RUN`, two
runs of the demo.

docs/report.png (the head of the report, and its first dialogue), docs/readme.png (less of both),
docs/report-phone.png, docs/eda.png; docs/report-items.png (faults by step, and two dialogues in
which a name and a number are changed; PIVOT-RUN has to be attributed). Only the demo's dialogues,
which were written for this project, may be in them.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from pivot_sum.data.files import DEMO_DIALOGUES
from pivot_sum.eda.eda import eda
from pivot_sum.html import page
from pivot_sum.report.report import report

DOCS = Path(__file__).resolve().parent.parent / "docs"
NAME, NUMBER = "민수 → 미나", "5천 원 → 만 5천 원"
"""What was changed in the dialogues of docs/report-items.png."""
GAP = 12
COLOURS = 200
"""Enough for flat pages; the pictures stay below 400 kB."""


def main(arguments: Sequence[str]) -> None:
    """Write the three pictures."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    if len(arguments) != 2:
        sys.exit(__doc__)
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        page.write(folder / "report.html", report(arguments).html)
        page.write(folder / "items.html", report(arguments[1:]).html)
        page.write(folder / "eda.html", eda(DEMO_DIALOGUES).html)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )

        def at(
            file: str, anchor: str, width: int, height: int, scale: float = 1, scheme: str = "light"
        ) -> Image.Image:
            context: Any = browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=scale,
                color_scheme=scheme,
                locale="en-US",
            )
            opened = context.new_page()
            opened.goto((folder / file).as_uri())
            opened.evaluate(
                "document.querySelectorAll('.card').forEach((card, place) => { card.open = place"
                " === 0; })"
            )
            opened.evaluate("(anchor) => document.querySelector(anchor).scrollIntoView()", anchor)
            opened.wait_for_timeout(300)
            picture = Image.open(io.BytesIO(opened.screenshot()))
            context.close()
            return picture

        save(
            "report.png",
            [at("report.html", "body", 1280, 860), at("report.html", "#dialogues", 1280, 1240)],
        )
        save(
            "readme.png",
            [
                at("report.html", "body", 1280, 356),
                at("report.html", ".card", 1280, 900).crop((0, 186, 1280, 790)),
            ],
        )
        phone = [
            at("report.html", "body", 390, 844, 1.5),
            at("report.html", ".card", 390, 844, 1.5, "dark"),
        ]
        save("report-phone.png", phone, sideways=True)
        save(
            "eda.png",
            [at("eda.html", "body", 1280, 1000), at("eda.html", "#placeholders", 1280, 420)],
        )
        opened = browser.new_page(viewport={"width": 1000, "height": 4000}, color_scheme="light")
        opened.goto((folder / "items.html").as_uri())

        def part(selector: str, height: int) -> Image.Image:
            shown = opened.locator(selector)
            shown.evaluate("(part) => { part.open = true; part.scrollIntoView(); }")
            opened.wait_for_timeout(300)
            picture = Image.open(io.BytesIO(shown.screenshot()))
            return picture.crop((0, 0, picture.width, min(height, picture.height)))

        named = opened.locator(".card", has_text=NAME).first.get_attribute("id")
        numbered = opened.locator(".card", has_text=NUMBER).first.get_attribute("id")
        save(
            "report-items.png",
            [part(".pair", 530), part(f"#{named}", 485), part(f"#{numbered}", 780)],
        )
        browser.close()


def save(name: str, pictures: Sequence[Image.Image], *, sideways: bool = False) -> None:
    """Pictures below or beside each other, with a gap, in few colours."""
    widths, heights = (
        [picture.width for picture in pictures],
        [picture.height for picture in pictures],
    )
    gaps = GAP * (len(pictures) - 1)
    size = (sum(widths) + gaps, max(heights)) if sideways else (max(widths), sum(heights) + gaps)
    whole = Image.new("RGB", size, "#888888")
    place = 0
    for picture in pictures:
        whole.paste(picture, (place, 0) if sideways else (0, place))
        place += GAP + (picture.width if sideways else picture.height)
    whole.quantize(COLOURS, dither=Image.Dither.NONE).save(DOCS / name, optimize=True)
    print(f"{DOCS / name}: {(DOCS / name).stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
