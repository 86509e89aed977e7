"""A table that is written is read back as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.data.readers import read_table
from pivot_sum.data.tables import Table
from pivot_sum.data.writers import write_table
from pivot_sum.errors import DataUnwritable

CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS | st.sampled_from(['"', "\r", "a,b\tc\n", ""])), max_size=4)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl"])
@given(rows=ROWS)
def test_every_cell_comes_back(ending: str, rows: list[tuple[str, str]]) -> None:
    table = Table(["fname", "말"], [{"fname": one, "말": two} for one, two in rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        write_table(path, table)
        assert read_table(path).rows == table.rows


def test_lists_need_jsonl_and_nothing_is_replaced(tmp_path: Path) -> None:
    table = Table(["id", "summaries"], [{"id": "1", "summaries": ["하나", "둘"]}])
    with pytest.raises(DataUnwritable, match=r"\.jsonl"):
        write_table(tmp_path / "a.csv", table)
    write_table(tmp_path / "a.jsonl", table)
    assert read_table(tmp_path / "a.jsonl") == table
    for name, said in (("a.jsonl", "exists"), ("a.xlsx", "ending"), ("no/a.csv", "no folder")):
        with pytest.raises(DataUnwritable, match=said):
            write_table(tmp_path / name, table)
