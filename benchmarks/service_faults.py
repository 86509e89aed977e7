"""What becomes of a run in which a service fails: `python benchmarks/service_faults.py`, for one
alone with `deepl` or `chat` behind it.

Every fault, at the first, a middle and the last batch, once and until it is fixed, over real HTTP
on this machine. Prints a matrix for each service in Markdown: what the run ended with, how many
requests it sent (DeepL 6, a chat server 30 without a fault), and, after the next run, how many of
the 30 texts are lost or misaligned, and how many were asked for again although they had been
answered. The last three have to be 0 everywhere; the exit code is 1 where they are not.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import chatfaults
import chatserver
import deeplfaults
import faultserver
from faultmatrix import POSITIONS, TEXTS, Outcome

CellOf = Callable[..., Outcome]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether anything was lost."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}."
    )
    os.environ["NO_PROXY"] = "127.0.0.1"
    failures = 0
    if "chat" not in arguments:
        with faultserver.running() as server:
            os.environ |= {"DEEPL_AUTH_KEY": faultserver.KEY, "DEEPL_SERVER_URL": server.url}
            failures += matrix("DeepL", faultserver.FAULTS, deeplfaults.cell, server)
    if "deepl" not in arguments:
        with chatserver.running() as chat:
            chat.drip = 0.0005
            os.environ["OPENAI_API_KEY"] = chatserver.KEY
            failures += matrix("chat server", chatserver.FAULTS, chatfaults.cell, chat)
    return 1 if failures else 0


def matrix(name: str, faults: Sequence[str], cell_of: CellOf, server: object) -> int:
    """Print the matrix of one service; the number of cells with a text that was lost, misaligned or
    asked for again."""
    print(f"\n## {name}\n")
    print(
        "| fault | batch | lasts | the run ended with | requests | lost | misaligned | asked"
        " again |"
    )
    print("|---|---|---|---|--:|--:|--:|--:|")
    cells = failures = 0
    for fault in faults:
        for position in POSITIONS:
            for once in (True, False):
                found = cell_of(server, fault, position, once=once)
                lasts = "once" if once else "until fixed"
                counts = f"{found.requests} | {found.lost} | {found.misaligned} | {found.again}"
                print(f"| {fault} | {position} | {lasts} | {found.result} | {counts} |", flush=True)
                cells += 1
                failures += bool(found.lost or found.misaligned or found.again)
    print(
        f"\n{cells} cells of {len(TEXTS)} texts; {failures} with a text lost, misaligned or asked"
        " for again."
    )
    return failures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
