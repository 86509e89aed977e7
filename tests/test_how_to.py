"""Every page of docs/how-to works as it stands.

On a page, `yaml`, `csv` and `python` blocks whose first line is `# file: NAME` are saved under NAME
in an empty folder. There the other `python` blocks run first, in order, in one process; then the
lines of `console` blocks that begin with `$ pivot-sum`.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import ROOT, environment, pivot_sum

PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# file: (\S+)\n")
LONGEST_PAGE = 120


def test_there_are_pages() -> None:
    assert {"write-a-stage", "add-a-recipe"} <= {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_works(page: Path, tmp_path: Path) -> None:
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    assert blocks
    code = []
    for language, text in blocks:
        named = _FILE.match(text)
        if named and language in ("yaml", "csv", "python"):
            (tmp_path / named[1]).write_text(text[named.end() :], encoding="utf-8")
        elif language == "python":
            code.append(text)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for language, text in blocks:
        for line in text.splitlines() if language == "console" else ():
            if line.startswith("$ pivot-sum "):
                pivot_sum(tmp_path, *shlex.split(line.removeprefix("$ pivot-sum "), comments=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= LONGEST_PAGE
