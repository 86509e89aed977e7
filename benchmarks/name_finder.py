"""How many of the names in Korean reference summaries the metric `names` finds, and how many of the
words that it takes for names are none.

    python benchmarks/name_finder.py --data dev.aligned.jsonl --names names.txt

The data has Korean dialogues and summaries (`fname`, `dialogue_ko`, `summary_ko`). The names were
written down by a reader, a line a summary that has any: `77|로라;케빈;안드레아` (number of the
dialogue; its names word by word). All summaries with odd numbers up to the last one of the list
were read.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pivot_sum.scoring import names
from pivot_sum.scoring.names import NameF1


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--names", type=Path, required=True)
    parser.add_argument("--without-list", action="store_true", help="without given_names.txt")
    parser.add_argument("--list", action="store_true", help="list what was missed or is no name")
    chosen = parser.parse_args()
    lines = chosen.names.read_text(encoding="utf-8").splitlines()
    known = {int(line.split("|")[0]): set(line.split("|")[1].split(";")) for line in lines}
    if chosen.without_list:
        names.given_names = frozenset
    metric = NameF1()
    summaries = right = wrong = missed = 0
    for row in map(json.loads, chosen.data.read_text(encoding="utf-8").splitlines()):
        number = int(row["fname"].rpartition("_")[2])
        if number % 2 and number <= max(known):
            found = metric.names_of(row["summary_ko"], row["dialogue_ko"])
            there = known.get(number, set())
            summaries += 1
            right += len(found & there)
            wrong += len(found - there)
            missed += len(there - found)
            if chosen.list and found != there:
                print(f"  {number}: missed {sorted(there - found)}, none {sorted(found - there)}")
    print(metric.signature)
    print(
        f"{summaries} summaries with {right + missed} names: found {right}"
        f" ({100 * right / (right + missed):.1f} %); of {right + wrong} found, no names {wrong}"
        f" ({100 * wrong / (right + wrong):.1f} %)"
    )


if __name__ == "__main__":
    main()
