"""Runs the program `pivot-sum` as a process that ends when the one that started it ends, however
that ends: it waits for the end of its standard input, which the other one holds open.

    python -m pivot_sum.training.beside train RECIPE ...
"""

from __future__ import annotations

import os
from runpy import run_module
from threading import Thread


def main() -> None:
    """Run the program with the words of the command line."""
    Thread(target=_end_with_standard_input, daemon=True).start()
    run_module("pivot_sum", run_name="__main__")


def _end_with_standard_input() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
