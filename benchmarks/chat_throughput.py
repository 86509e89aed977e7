"""What a client costs beside the answers it waits for: `python benchmarks/chat_throughput.py`.

A chat server on this machine that takes 200 ms for each answer is asked for 1,000 turns by eight
threads with the `openai` package: 25 s are what the server alone takes. Prints the time, how many
requests were in flight, and what a request cost the client.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import chatserver

TURNS = 1_000
SECONDS = 0.2
CONCURRENCY = 8


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether it took at most a tenth more than the server."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    import openai

    os.environ["NO_PROXY"] = "127.0.0.1"
    texts = [f"{number}번째 말이에요." for number in range(TURNS)]
    with chatserver.running() as server:
        server.delay = SECONDS
        client = openai.OpenAI(api_key=chatserver.KEY, base_url=f"{server.url}/v1", max_retries=0)

        def ask(text: str) -> str | None:
            answer = client.chat.completions.create(
                model=chatserver.MODEL, messages=[{"role": "user", "content": text}]
            )
            return answer.choices[0].message.content

        start, worked = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            answers = list(pool.map(ask, texts))
        took, worked = time.perf_counter() - start, time.process_time() - worked
    assert answers == [server.say(text) for text in texts]
    bound = TURNS * SECONDS / CONCURRENCY
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}.\n\n"
        f"{TURNS:,} requests at concurrency {server.most_in_flight}: {took:.1f} s, of which the"
        f" server takes {bound:.0f} s ({took / bound - 1:+.1%}).\n"
        f"A request costs {(took - bound) * CONCURRENCY / TURNS * 1000:.1f} ms beside the waiting;"
        f" {worked / TURNS * 1000:.1f} ms of computing, the server's share included."
    )
    return 0 if took <= 1.1 * bound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
