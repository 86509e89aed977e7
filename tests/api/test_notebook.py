"""docs/notebook.ipynb runs from top to bottom, and the outputs in it are of the kinds it gives.

To write its outputs anew: `pytest tests/api/test_notebook.py --rewrite-golden`, then look at
`git diff docs`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from notebook import code_cells, read_notebook, run_cells

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def kinds(outputs: list[dict[str, Any]]) -> list[list[str]]:
    return [[output["output_type"], *sorted(output.get("data", {}))] for output in outputs]


def test_the_notebook_runs_and_shows_what_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PIVOT_SUM_CACHE", raising=False)
    notebook = read_notebook(NOTEBOOK)
    given = run_cells(notebook)
    if pytestconfig.getoption("--rewrite-golden"):
        for number, (cell, outputs) in enumerate(zip(code_cells(notebook), given, strict=True), 1):
            cell["outputs"], cell["execution_count"] = outputs, number
            for output in outputs:
                if "execution_count" in output:
                    output["execution_count"] = number
        text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
        NOTEBOOK.write_text(text, encoding="utf-8")
    cells = code_cells(notebook)
    assert len(cells) > 6
    assert [kinds(cell["outputs"]) for cell in cells] == [kinds(outputs) for outputs in given]


def test_its_first_cell_installs_nothing_until_it_is_asked_to() -> None:
    first = "".join(code_cells(read_notebook(NOTEBOOK))[0]["source"])
    assert "pip install" in first
    assert all(line.startswith("#") for line in first.splitlines() if line)


def test_its_outputs_are_small_enough_to_read() -> None:
    assert NOTEBOOK.stat().st_size < 40_000
