"""The properties of tests/fuzzing, for long: `python benchmarks/fuzzing.py --minutes 60`.

Runs tests/fuzzing/test_properties.py again and again, each time with another seed and many more
examples than the tests take, until the time is up. Prints each failure with the example that
hypothesis made smallest, and last how many rounds there were; exits with 1 where one failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROPERTIES = "tests/fuzzing/test_properties.py"


def main() -> int:
    """Run rounds until the time is up."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--examples", type=int, default=2000, help="of each property in a round")
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    given = parser.parse_args()
    began, rounds, failed = time.monotonic(), 0, 0
    while time.monotonic() - began < given.minutes * 60:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider"),
                *(PROPERTIES, f"--hypothesis-seed={given.seed + rounds}"),
            ],
            cwd=ROOT,
            env=os.environ | {"PIVOT_SUM_FUZZ_EXAMPLES": str(given.examples)},
            capture_output=True,
            text=True,
            check=False,
        )
        rounds += 1
        if done.returncode:
            failed += 1
            print(f"seed {given.seed + rounds - 1}:\n{done.stdout[-6000:]}", flush=True)
    print(
        f"{rounds} rounds of {given.examples:,} examples of each property in"
        f" {(time.monotonic() - began) / 60:.0f} min: {failed} failed"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
