"""What the stage `chat` costs beside the answers it waits for:
`python benchmarks/chat_throughput.py`.

A chat server on this machine that takes 200 ms for each answer is asked for 1,000 turns at
concurrency 8: 25 s are what the server alone takes. In one run the stage does it, and the `openai`
package alone in eight threads. Prints the time of each, how many requests were in flight, and what
a request cost the client. The exit code is 1 where the stage takes more than a tenth longer than
the server.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import chatserver

from pivot_sum.stages.chat import Chat

TURNS = 1_000
SECONDS = 0.2
CONCURRENCY = 8
BOUND = TURNS * SECONDS / CONCURRENCY


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the stage took at most a tenth more than the server."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    os.environ |= {"NO_PROXY": "127.0.0.1", "OPENAI_API_KEY": chatserver.KEY}
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}.\n"
    )
    took = measured("the openai package alone", package_alone)
    took = measured("the stage chat", stage)
    return 0 if took <= 1.1 * BOUND else 1


def stage(server: chatserver.ChatServer, texts: Sequence[str]) -> list[str]:
    """The answers by the stage, with its ladder and without guards."""
    about = {"task": "translate", "source": "ko", "target": "en", "snapshot": "2026-11"}
    made = Chat(
        **about,
        model=chatserver.MODEL,
        base_url=f"{server.url}/v1",
        concurrency=CONCURRENCY,
        batch_size=TURNS,
        guards=(),
    )
    return made(texts)


def package_alone(server: chatserver.ChatServer, texts: Sequence[str]) -> list[str]:
    """The answers by the official package in threads, with a prompt that is the text alone."""
    import openai

    client = openai.OpenAI(api_key=chatserver.KEY, base_url=f"{server.url}/v1", max_retries=0)

    def ask(text: str) -> str:
        answer = client.chat.completions.create(
            model=chatserver.MODEL, messages=[{"role": "user", "content": text}]
        )
        return answer.choices[0].message.content or ""

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        return list(pool.map(ask, texts))


def measured(name: str, ask: Callable[[chatserver.ChatServer, Sequence[str]], list[str]]) -> float:
    """Seconds it takes to have all turns answered, which is printed."""
    texts = [f"{number}번째 말이에요." for number in range(TURNS)]
    with chatserver.running() as server:
        ask(server, ["준비됐어요."])  # what is imported and connected once
        server.delay = SECONDS
        start, worked = time.perf_counter(), time.process_time()
        answers = ask(server, texts)
        took, worked = time.perf_counter() - start, time.process_time() - worked
        assert answers == [server.say(text) for text in texts]
    print(
        f"{name}: {TURNS:,} requests at concurrency {server.most_in_flight}: {took:.1f} s, of which"
        f" the server takes {BOUND:.0f} s ({took / BOUND - 1:+.1%}); a request costs"
        f" {(took - BOUND) * CONCURRENCY / TURNS * 1000:.1f} ms beside the waiting, and"
        f" {worked / TURNS * 1000:.1f} ms of computing, the server's share included.",
        flush=True,
    )
    return took


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
