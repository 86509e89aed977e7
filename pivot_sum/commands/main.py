"""The program `pivot-sum`: its commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import logging
import sys

import typer

from pivot_sum import __version__
from pivot_sum.commands import cache, inform, probe, run, show
from pivot_sum.errors import ShownErrors

INTERRUPTED = 130

app = typer.Typer(
    help="Summarise Korean dialogues through English; every stage cached, every run replayable offline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("show")(show.show)
app.command("probe")(probe.probe)
app.command("stages")(inform.stages)
app.command("models")(inform.models)
app.command("doctor")(inform.doctor)
app.add_typer(cache.app, name="cache")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"pivot-sum {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


def main() -> None:
    """Run the command line; returns to the shell with the exit code of docs/errors.md."""
    logging.basicConfig(format="note: %(message)s", level=logging.WARNING, stream=sys.stderr)
    try:
        app()
    except ShownErrors as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except SystemExit as end:  # typer turns Ctrl-C into this, without a word
        if end.code == INTERRUPTED:
            print("interrupted; what was computed is in the cache, the same command goes on from there", file=sys.stderr)
        raise


if __name__ == "__main__":
    main()
