"""The program `pivot-sum`: its commands, and the one place where errors become messages and exit
codes."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

from pivot_sum import PivotSumError, __version__
from pivot_sum.commands.streams import NotesOnStderr, Reported, json_text, prepare_streams, shown
from pivot_sum.stages.outside import TRACEBACK

INTERRUPTED = 130

COMMANDS: Final = {
    "run": ("run.run", "Run a recipe over a data file"),
    "show": (
        "show.show",
        "Show a run: its steps and counts, and the stages of single dialogues side by side",
    ),
    "runs": ("runs.app", "List run folders, newest first, and remove old ones"),
    "score": (
        "score.score",
        "Score any predictions file against reference summaries: ROUGE-1, -2 and -L F1",
    ),
    "compare": (
        "compare.compare",
        (
            "Compare runs, predictions files or recipes: scores, differences with intervals and"
            " p-values, baselines"
        ),
    ),
    "attribute": (
        "attribute.attribute",
        "What did each stage lose? Put what the data knows in the place of each stage",
    ),
    "report": (
        "report.report",
        "Write one HTML page: scores, plots, and every stage of every dialogue side by side",
    ),
    "eda": ("eda.eda", "Look at a data file before anything is run"),
    "augment": (
        "augment.augment",
        "Make more training data: back-translation, and words swapped, left out or replaced",
    ),
    "split": ("split.split", "Split a data file for cross-validation, what is alike together"),
    "overlap": (
        "overlap.overlap",
        "Find dialogues that two files share, such as training data and test data",
    ),
    "submit": (
        "submit.submit",
        "Check a predictions file against its test set before it is submitted",
    ),
    "route": ("route.route", "Choose among several summaries of each dialogue, without references"),
    "predict": (
        "predict.predict",
        (
            "Is a pivot worth it? Predict its difference to the direct system from its translations"
            " alone"
        ),
    ),
    "train": (
        "train.train",
        "Train a summariser or translator by a training recipe; the result is a model for recipes",
    ),
    "regimes": (
        "regimes.regimes",
        "Train one recipe as it is, from scratch, decoder only, full and with LoRA: one table",
    ),
    "tune": (
        "tune.tune",
        "Search the settings of a training recipe with Optuna; the best ones become a recipe",
    ),
    "probe": (
        "probe.probe",
        "Measure which way of writing placeholders a translation model gives back unharmed",
    ),
    "average": (
        "average.average",
        "Average the weights of several checkpoints into one model, which any recipe can name",
    ),
    "init": ("init.init", "Copy a recipe into the working folder, to be changed"),
    "schema": ("init.schema", "Print the JSON schema of recipes, for editors"),
    "stages": (
        "inform.stages",
        "List the stages a recipe can use, with every field, its default and its meaning",
    ),
    "models": ("inform.models", "List the models our recipes name, and some to try"),
    "doctor": (
        "inform.doctor",
        (
            "Check this machine: Python, SQLite, torch and device, the tokenizer of scoring,"
            " extras, Java, keys of DeepL and OpenAI, cache file and file system"
        ),
    ),
    "cache": ("cache.app", "Look into the cache, carry it elsewhere, check it, clear parts of it"),
}
"""Each command: where below `pivot_sum.commands` it is, and the beginning of its help, for the list
of commands."""


class _Lazy(TyperGroup):
    """Imports the module of a command when that command is wanted: all together take longer than
    many a command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and _imported(str(listed.name)), rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, f"{about}.") for name, (_, about) in COMMANDS.items()])


app = typer.Typer(
    cls=_Lazy,
    help=(
        "Summarise Korean dialogues through English; every stage cached, every run replayable"
        " offline."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text: rich takes longer to import than the rest of `--help`
    context_settings={"help_option_names": ["-h", "--help"]},
)


METAVARS: Final = {
    "N": (
        *("limit", "budget", "seed", "resamples", "older_than", "keep", "folds", "copies"),
        *("last", "best", "sample"),
    ),
    "X": ("share", "threshold", "min_similarity", "max_similarity", "max_length_ratio"),
    "NAME": ("tokenizer", "metric", "stage", "by"),
    "FILE": (
        "cache",
        "data",
        "dev",
        "test",
        "fix",
        "rule",
        "save",
        "write",
        "learn",
        "predictions",
        "synonyms",
    ),
    "PATH": ("out", "below", "direct", "runs"),
    "RECIPE": ("recipe",),
    "STEP": ("step",),
    "FIRST..LAST": ("stages",),
    "STEP.FIELD=VALUE": ("set_",),
    "ID": ("id", "identity"),
}
"""What stands in `--help` for the value of an option, in place of its Python type."""


def _name_values(command: Any) -> None:
    shown = {name: metavar for metavar, names in METAVARS.items() for name in names}
    for parameter in command.params:
        is_option = parameter.param_type_name == "option"
        if is_option and parameter.metavar is None and not parameter.is_flag:
            parameter.metavar = shown.get(parameter.name)
    for below in getattr(command, "commands", {}).values():
        _name_values(below)


def _imported(name: str) -> Any:
    module, _, attribute = COMMANDS[name][0].partition(".")
    found = getattr(import_module(f"pivot_sum.commands.{module}"), attribute)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    command = typer.main.get_group(alone).commands[name]
    _name_values(command)
    return command


def _listed() -> None:
    """Stands in the list of commands for one that is not imported yet."""


for _name in COMMANDS:
    app.command(_name)(_listed)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"pivot-sum {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    pass


def main() -> None:
    """Run the command line; returns to the shell with the exit code of docs/errors.md."""
    prepare_streams()
    logging.basicConfig(
        format="note: %(message)s", level=logging.WARNING, handlers=[NotesOnStderr()]
    )
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer turns Ctrl-C into this, without a word
            _tell_interrupted(end)
        elif wrong := getattr(end.__context__, "format_message", None):  # said by typer already
            _tell_program("UsageError", int(end.code or 0), wrong())
        raise
    except Exception as raised:
        error = raised.error if isinstance(raised, Reported) else raised
        if not isinstance(error, PivotSumError):
            # A library of C++ that is being loaded turns Ctrl-C into an ImportError.
            if not any(isinstance(cause, KeyboardInterrupt) for cause in _causes(error)):
                raise
            _tell_interrupted(error)
            sys.exit(INTERRUPTED)
        if os.environ.get(TRACEBACK):
            traceback.print_exc()
        message = _with_notes(error)
        print(f"error: {shown(message)}", file=sys.stderr)
        if error is raised:
            _tell_program(type(error).__name__, error.exit_code, message)
        sys.exit(error.exit_code)


def _tell_program(kind: str, exit_code: int, message: str) -> None:
    """The failure as JSON on stdout, where a program reads the output (`--json`)."""
    if "--json" in sys.argv[1:]:
        print(json_text({"error": {"exit_code": exit_code, "kind": kind, "message": message}}))


def _with_notes(error: BaseException) -> str:
    """An error's message, and what was added to it on its way."""
    return ". ".join([str(error), *getattr(error, "__notes__", [])])


def _tell_interrupted(end: BaseException) -> None:
    message = f"interrupted{_kept(end)}"
    print(message, file=sys.stderr)
    _tell_program("Interrupted", INTERRUPTED, message)


def _kept(end: BaseException) -> str:
    """What the step that was interrupted says about what is kept."""
    for cause in _causes(end):
        if isinstance(cause, KeyboardInterrupt) and cause.args:
            return f" in {_with_notes(cause)}"
    return "; what was computed is in the cache, the same command goes on from there"


def _causes(end: BaseException) -> Iterator[BaseException]:
    """An exception, and those that led to it."""
    cause: BaseException | None = end
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


if __name__ == "__main__":
    main()
