"""Where a dry run says that a budget would not do."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import write_csv
from paidstages import ByCharacter

from pivot_sum.running.execute import Request, execute, explain
from pivot_sum.running.spending import shortfall
from pivot_sum.stages import STAGES
from pivot_sum.stages.budget import Budget


def test_a_dry_run_compares_what_is_left_to_bill_with_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(STAGES, "by-character", ByCharacter)
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "data.csv", [("1", "#Person1#: 가")], ("fname", "dialogue"))
    Path("one.yaml").write_text(
        "data: {file: data.csv}\nsteps:\n  - {name: one, stage: by-character}\n", encoding="utf-8"
    )
    explain(Request("one.yaml", budget=12))
    assert "would not do" not in caplog.text
    explain(Request("one.yaml", budget=11))
    said = "the budget of 11 characters would not do: 12 characters would be billed, 1 characters"
    assert said in caplog.text
    execute(Request("one.yaml"))
    caplog.clear()
    explain(Request("one.yaml", budget=0))
    assert "would not do" not in caplog.text


def test_costs_are_compared_in_the_unit_of_the_budget() -> None:
    planned = [{"tokens": 10, "USD": 1.5}, {"tokens": 20, "USD": 3}, {"characters": 99}]
    assert shortfall(Budget(30, "tokens"), planned, and_more=True) == ""
    assert shortfall(Budget(None, "tokens"), planned, and_more=True) == ""
    assert shortfall(Budget(25, "tokens"), planned, and_more=True) == (
        "the budget of 25 tokens would not do: at least 30 tokens would be billed (an estimate),"
        " 5 tokens more"
    )
    dollars = shortfall(Budget(2.5, "USD"), planned, and_more=False)
    assert "4.50 USD would be billed (an estimate), 2.00 USD more" in dollars
