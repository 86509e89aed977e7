"""What services may bill, unit by unit: what `--budget` means for the steps of a recipe, what a run
records, and what a dry run says before. No service is asked: the stages count words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import pivot_sum, write_csv
from fakestages import Keeping, step
from paidstages import ASKED, ByCharacter, ByToken

import pivot_sum as api
from pivot_sum.commands.run import print_plan, print_steps
from pivot_sum.comparison.findings import findings
from pivot_sum.comparison.systems import load_systems
from pivot_sum.errors import BudgetRefused
from pivot_sum.probe import probe
from pivot_sum.running.execute import Request, execute, explain
from pivot_sum.running.reading import read_run
from pivot_sum.running.record import RunRecord, parse_record
from pivot_sum.running.spending import Limit, budget_for
from pivot_sum.stages import STAGES
from pivot_sum.stages.errors import BudgetExceeded

CHARACTER = step(ByCharacter(), name="by-characters")
TOKEN = step(ByToken(), name="by-tokens")
PRICED = step(ByToken(price_in=1e5, price_out=2e5), name="priced")
"""0.1 USD for a word read, and 0.2 for a word written."""
FREE = step(Keeping(), name="free")

ROWS = [
    (f"d{number}", f"#Person1#: 가 나\n#Person2#: 다{number}", "둘이 만난다.")
    for number in range(3)
]
"""Of five words each, the speakers included: 10 tokens, 1.5 USD."""
HEAD = "data: {file: data.csv}\nsteps:\n  - {name: clean, stage: clean}\n"
RECIPES = {
    "characters": "  - {name: one, stage: by-character}\n",
    "tokens": "  - {name: two, stage: by-token}\n",
    "priced": "  - {name: three, stage: by-token, price_in: 1e+5, price_out: 2e+5}\n",
}
RECIPES["turns"] = "  - {name: two, stage: by-token, over: turn}\n"
RECIPES["mixed"] = RECIPES["characters"] + RECIPES["priced"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three dialogues and the recipes, in which commands run."""
    monkeypatch.setitem(STAGES, "by-token", ByToken)
    monkeypatch.setitem(STAGES, "by-character", ByCharacter)
    monkeypatch.chdir(tmp_path)
    ASKED.clear()
    write_csv(tmp_path / "data.csv", ROWS, ("fname", "dialogue", "summary"))
    for name, steps in RECIPES.items():
        (tmp_path / f"{name}.yaml").write_text(HEAD + steps, encoding="utf-8")
    return tmp_path


def record(recipe: str, budget: Limit = None, out: str = "out") -> RunRecord:
    """The record of a run."""
    return execute(Request(f"{recipe}.yaml", budget=budget, out=Path(out))).record


# What a budget means


@pytest.mark.parametrize(
    ("limit", "steps", "amount", "unit"),
    [
        ("200000", [CHARACTER], 200000, "characters"),
        (200000, [FREE, TOKEN, PRICED], 200000, "tokens"),
        ("50000tokens", [CHARACTER, TOKEN], 50000, "tokens"),
        (" 50000 Tokens ", [TOKEN], 50000, "tokens"),
        ("200000characters", [CHARACTER, TOKEN], 200000, "characters"),
        ("2.50USD", [TOKEN, PRICED], 2.5, "USD"),
        ("2usd", [PRICED], 2, "USD"),
        ("1e6tokens", [TOKEN], 10**6, "tokens"),
        (0, [TOKEN], 0, "tokens"),
        (1e6, [TOKEN], 10**6, "tokens"),
    ],
)
def test_a_budget_counts_in_the_unit_it_says_or_else_in_that_of_the_steps(
    limit: Limit, steps: list[Any], amount: float, unit: str
) -> None:
    budget = budget_for(limit, steps)
    assert (budget.limit, budget.unit, budget.spent) == (amount, unit, {})


@pytest.mark.parametrize("limit", [None, 200000, "2.50USD", "0"])
def test_where_no_step_is_billed_any_budget_will_do(limit: Limit) -> None:
    assert budget_for(limit, [FREE]).spent == {}


def test_without_a_limit_there_is_none_also_of_steps_in_different_units() -> None:
    assert budget_for(None, [CHARACTER, TOKEN]).limit is None


@pytest.mark.parametrize(
    ("limit", "steps", "said"),
    [
        (
            "200000",
            [CHARACTER, PRICED],
            "--budget 200000: the steps are billed in different units (by-characters: characters;"
            " priced: tokens, USD). Say which one the budget counts: --budget 200000characters or"
            " --budget 200000tokens or --budget 200000USD",
        ),
        (
            "2.50USD",
            [CHARACTER, TOKEN],
            "--budget 2.50USD: no step is billed in USD (by-characters: characters; by-tokens:"
            " tokens). Write one of these units behind the number; for money, set price_in,"
            " price_out (per million tokens) and currency of by-tokens",
        ),
        (
            "2.50USD",
            [CHARACTER],  # which has no prices to set
            "--budget 2.50USD: no step is billed in USD (by-characters: characters). Write one of"
            " these units behind the number",
        ),
    ],
)
def test_a_unit_that_is_not_clear_or_that_nobody_counts_is_refused(
    limit: Limit, steps: list[Any], said: str
) -> None:
    with pytest.raises(BudgetRefused) as caught:
        budget_for(limit, steps)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "limit", ["", "much", "-1", -1, "1,000", "$2", "nan", "inf", "1.5.0", True]
)
def test_what_is_no_amount_is_refused_whatever_the_steps(limit: Limit) -> None:
    for steps in ([FREE], [TOKEN]):
        with pytest.raises(BudgetRefused, match="such as 200000, 200000characters, 50000tokens"):
            budget_for(limit, steps)


def test_a_note_names_the_steps_that_a_budget_does_not_limit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    budget_for("2USD", [CHARACTER, PRICED, FREE])
    assert [entry.getMessage() for entry in caplog.records] == [
        "--budget 2USD does not limit step by-characters, which is billed in characters"
    ]


# Runs


@pytest.mark.parametrize(
    ("recipe", "budget", "left"),
    [("tokens", 20, "tokens"), ("priced", "3.0USD", "USD"), ("priced", "20tokens", "tokens")],
)
def test_a_budget_stops_a_run_and_the_same_again_goes_on(
    project: Path, recipe: str, budget: Limit, left: str
) -> None:
    with pytest.raises(BudgetExceeded, match=f"{left}.* of the budget of .* are spent"):
        record(recipe, budget, "first")
    failed = read_run(Path("first"))
    assert (failed.status, failed.options.budget) == ("failed", budget)
    money = {"USD": 3.0} if recipe == "priced" else {}
    assert failed.spent == pytest.approx({"tokens": 20, **money})
    assert len(ASKED) == 2
    again = record(recipe, budget, "second")
    assert len(ASKED) == 3 == len(set(ASKED))
    assert again.steps[1].billed == again.spent
    assert again.spent == pytest.approx({"tokens": 10, **({"USD": 1.5} if money else {})})


def test_of_a_mixed_recipe_each_step_is_billed_in_its_own_units(project: Path) -> None:
    made = record("mixed", "4.5USD")
    characters = sum(len(dialogue) for _, dialogue, _ in ROWS)
    assert [made_step.billed for made_step in made.steps] == [
        None,
        {"characters": characters},
        {"tokens": 30, "USD": 4.5},
    ]
    assert made.spent == {"characters": characters, "tokens": 30, "USD": 4.5}
    assert record("mixed", out="again").spent is None
    assert [made_step.billed for made_step in read_run(Path("again")).steps] == [
        None,
        {"characters": 0},
        {"tokens": 0, "USD": 0},
    ]


@pytest.mark.parametrize("budget", ["200000", "5KRW", "-1"])
def test_a_budget_that_is_refused_sends_and_writes_nothing(project: Path, budget: str) -> None:
    for attempt in (execute, explain):
        with pytest.raises(BudgetRefused):
            attempt(Request("mixed.yaml", budget=budget, out=Path("out")))
    with pytest.raises(BudgetRefused):
        probe(Request("pivot-deepl-bart", "data.csv", budget="2.50USD"))
    with pytest.raises(BudgetRefused):
        load_systems(["characters.yaml", "priced.yaml"], budget=budget)
    assert ASKED == [] and not Path("out").exists() and not Path("runs").exists()


def test_a_part_of_a_recipe_is_measured_by_its_own_steps(project: Path) -> None:
    request = Request("mixed.yaml", stages="..one", budget="500", out=Path("out"))
    spent = execute(request).record.spent
    assert spent is not None and set(spent) == {"characters"}


def test_python_takes_a_number_or_a_number_with_its_unit(project: Path) -> None:
    quiet: Any = {"progress": False, "score": False}
    with pytest.raises(BudgetExceeded, match="10 tokens of the budget of 15 tokens are spent"):
        api.run("tokens.yaml", budget=15, **quiet)
    assert api.run("priced.yaml", budget="3.00USD", **quiet).record.options.budget == "3.00USD"
    with pytest.raises(BudgetRefused, match="no step is billed in EUR"):
        api.run("priced.yaml", budget="3EUR", **quiet)


def test_recipes_that_are_compared_share_one_budget(project: Path) -> None:
    names = ["characters.yaml", "priced.yaml", "turns.yaml"]
    with pytest.raises(BudgetRefused, match="one: characters; three: tokens, USD; two: tokens"):
        api.compare(*names, budget=1000)
    with pytest.raises(BudgetExceeded, match="34 tokens of the budget of 35 tokens are spent"):
        api.compare(*names, budget="35tokens")
    found = api.compare(*names, budget="35tokens")
    assert [row.billed for row in found.systems] == [
        {"characters": 0},
        {"tokens": 0, "USD": 0},
        {"tokens": 6},
    ]
    assert "seconds and what was billed are not what" in " ".join(findings(found))
    runs = [read_run(system.folder) for system in found.compared if system.folder]
    assert [run.spent for run in runs] == [None, None, {"tokens": 6}]
    assert all(run.options.budget == "35tokens" for run in runs)


# The record


def test_a_record_with_money_is_read_as_it_was_written(project: Path) -> None:
    made = record("mixed")
    written = json.loads(Path("out/run.json").read_text(encoding="utf-8"))
    assert written["spent"]["tokens"] == 30 and isinstance(written["spent"]["tokens"], int)
    assert written["steps"][2]["billed"] == {"tokens": 30, "USD": 4.5}
    assert "billed" not in written["steps"][0]
    assert parse_record(json.dumps(written)) == made


def test_what_version_0_1_billed_is_read_and_shown(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = record("characters").as_json()
    del raw["format"], raw["spent"], raw["steps"][1]["billed"]
    raw["steps"][0]["billed_characters"] = None
    raw["steps"][1]["billed_characters"] = 1250
    raw |= {"characters_spent": 1300, "options": {"budget": 2000}}
    Path("out/run.json").write_text(json.dumps(raw), encoding="utf-8")
    old = read_run(Path("out"))
    assert [old_step.billed for old_step in old.steps] == [None, {"characters": 1250}]
    assert (old.spent, old.options.budget) == ({"characters": 1300}, 2000)
    print_steps(old)
    shown = capsys.readouterr().out
    assert "1,250 characters" in shown and "billed in this run: 1,300 characters" in shown


# A dry run


def test_a_dry_run_says_what_each_step_would_be_billed_and_the_sum_by_unit(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plans = explain(Request("mixed.yaml"))
    characters = sum(len(dialogue) for _, dialogue, _ in ROWS)
    # What the second would be billed is known once the first has answered.
    assert [made.cost for made in plans] == [
        None,
        {"characters": characters},
        {"tokens": 0, "USD": 0},
    ]
    print_plan(plans)
    shown = capsys.readouterr().out
    assert f"to bill in all: {characters} characters, 0 tokens, 0.00 USD and more\n" in shown
    execute(Request("mixed.yaml", stages="..one"))
    print_plan(explain(Request("mixed.yaml")))
    shown = capsys.readouterr().out
    assert "30 tokens, 4.50 USD" in shown
    assert "to bill in all: 0 characters, 30 tokens, 4.50 USD\n" in shown
    assert "tokens, and money for them, are estimates" in shown
    execute(Request("mixed.yaml"))
    assert [made.cost for made in explain(Request("mixed.yaml"))][1:] == [
        {"characters": 0},
        {"tokens": 0, "USD": 0},
    ]


def test_the_command_line_takes_a_unit_and_says_how_to_write_it(project: Path) -> None:
    Path("shop.yaml").write_text(
        HEAD + RECIPES["priced"].replace("by-token", "paidstages:ByToken"), encoding="utf-8"
    )
    env = {"PYTHONPATH": str(Path(__file__).parents[1] / "support")}
    ran = pivot_sum(project, "run", "shop.yaml", "--budget", "5EUR", env=env, code=66)
    assert "no step is billed in EUR (three: tokens, USD)" in ran.message
    ran = pivot_sum(project, "run", "shop.yaml", "--budget", "3USD", env=env, code=62)
    assert "1.50 USD, and 3.00 USD of the budget of 3.00 USD are spent" in ran.message
    ran = pivot_sum(project, "run", "shop.yaml", "--budget", "3USD", "--no-score", env=env)
    assert "billed in this run: 10 tokens, 1.50 USD" in ran.stdout
