"""What becomes of a run in which DeepL fails: `python benchmarks/deepl_faults.py`.

Every fault, at the first, a middle and the last batch, once and until it is fixed, over real HTTP
on this machine. Prints the matrix in Markdown: what the run ended with, how many requests it sent
(6 without a fault), and, after the next run, how many of the 30 texts are lost or misaligned, and
how many were asked for again although they had been answered. The last three have to be 0
everywhere; the exit code is 1 where they are not.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

from deeplfaults import POSITIONS, TEXTS, cell
from faultserver import FAULTS, KEY, running


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether anything was lost."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}.\n"
    )
    print(
        "| fault | batch | lasts | the run ended with | requests | lost | misaligned | asked"
        " again |"
    )
    print("|---|---|---|---|--:|--:|--:|--:|")
    cells = failures = 0
    with running() as server:
        os.environ |= {
            "DEEPL_AUTH_KEY": KEY,
            "DEEPL_SERVER_URL": server.url,
            "NO_PROXY": "127.0.0.1",
        }
        for fault in FAULTS:
            for position in POSITIONS:
                for once in (True, False):
                    found = cell(server, fault, position, once=once)
                    lasts = "once" if once else "until fixed"
                    counts = f"{found.requests} | {found.lost} | {found.misaligned} | {found.again}"
                    print(
                        f"| {fault} | {position} | {lasts} | {found.result} | {counts} |",
                        flush=True,
                    )
                    cells += 1
                    failures += bool(found.lost or found.misaligned or found.again)
    print(
        f"\n{cells} cells of {len(TEXTS)} texts; {failures} with a text lost, misaligned or asked"
        " for again."
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
