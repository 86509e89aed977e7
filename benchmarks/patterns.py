"""How long the program looks at 100 kB of the worst text: `python benchmarks/patterns.py`.

Every regular expression that the code compiles is searched through texts made to hurt it: a short
piece (`#`, `#Person1#: `, `(`, `1,`, a blank, half a link ...) repeated, some with a number that
grows, alone and with something behind it that fits nothing. And every function that gets a text
from a user or a model, the cleaning, masks, guards, ledgers and the readers of answers, reads the
same texts. Each text is tried at a fortieth of the length first, then at a tenth where it could get
over the limit if time grew with the square of the length, and whole where it was among the slowest,
or where time grew faster than the text and may be over the limit if it goes on so (`--every`:
always). Prints the slowest of both with the text that hurt most and, last, how many took longer
than `--limit` seconds of the processor; exits with 1 where there is any. What takes 10 times as
long is stopped.
"""

from __future__ import annotations

import argparse
import ast
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, NamedTuple

from text_readers import ENGLISH, KOREAN, readers

ROOT = Path(__file__).parent.parent
SHOWN = 15
SLOWEST = 5
"""Texts that every task is tried with whole."""
GROWN = 6
"""How many times as long a text of four times the length takes that is tried whole as well. With
the square of the length it would be 16, and a hundredth of the limit is all of it then."""
TAILS = ("", "\x01")
PIECES = (
    *("#", "# ", "#Person1#: ", "##Person1", "#Person1", "#zw", "#A", "person1", "#Person1# "),
    *("#Person1#은 ", "Person 1, ", "\n#Person1#: 네", "\n#Person1#:", "\n민준: 네.", "Tom: ok\n"),
    *(" ", "\n", "\t\n", "\r\n", "\r", "\u3000", "\u200b", "(", ")", "()", "[", "（", "(a ", "{"),
    *('"', "'", "“", "‘", "“a", "'a' ", "<", "<a ", "</a>", "<think>", "```", "**", "*", "_"),
    *("0", "1,", "1.", "1:", "1 ", "12:30 ", "10-", "010-1234-", "3/4/", "$1 ", "1월 ", "2시 "),
    *("a", "A", "가", "Ab", "Ab ", "a b ", "A. ", "가 나 ", "a-", "a'", "a.", "é", "😀", "\x00"),
    *("http://a.", "http://a/", "www.", "a@", "a@b.", "a.b@c.d ", "%41", ".", "...", "! ", ", "),
    *("one ", "one hundred and ", "twenty-", "a half ", "next ", "and ", "or ", "half past ten "),
    *(
        "만",
        "십",
        "이십 ",
        "세 시 반 ",
        "오천 원 ",
        "다음 주 ",
        "은",
        "는 ",
        "도슨 씨 ",
        "입니다. ",
    ),
    *("Mr. ", "Dawson ", "the ", "not ", "Sorry, ", "I'm ", "Translation: ", "번역: ", "Note: "),
    *(
        "네, ",
        "입니다. ",
        "?!",
        "：",
        "=",
        "- ",
        "\\",
        "\u202e",
        "\u0301",
        "\U000e0041",
        "㈜",
        "½",
        "٣",
        "Ⅳ",
    ),
)
"""What the texts are repetitions of."""
COUNTED = (
    *("#Person{}#: 네.\n", "#person{}# ", "#Name{}# ", "Person {}, ", "\n사람 {}: 네"),
    *("민준{}: 네.\n", "{}, ", "http://a.kr/{} ", "Dawson{} ", "⟦{}⟧"),
)
"""The same, but with a number in it that grows: no two pieces are alike, or, where it goes up to
90, as many as a mask can take."""


class Measured(NamedTuple):
    """How long something took with the text that hurt it most."""

    seconds: float
    what: str
    text: str


@cache
def texts(length: int) -> Mapping[str, str]:
    """The texts of so many characters, by how they are made."""
    repeated = {piece: piece * (length // len(piece) + 1) for piece in PIECES}
    for piece in COUNTED:
        repeated[piece] = "".join(map(piece.format, range(length // 3)))
        ninety = "".join(map(piece.format, range(90)))
        repeated[f"{piece} up to 90"] = ninety * (length // len(ninety) + 1)
    return {
        f"{piece!r}{' and a control character' if tail else ''}": whole[: length - len(tail)] + tail
        for piece, whole in repeated.items()
        for tail in TAILS
    }


def patterns() -> dict[str, re.Pattern[str]]:
    """Every regular expression that the program compiles when it is imported and when it reads a
    text, and those that are written where they are used."""
    found: dict[str, re.Pattern[str]] = {}
    as_ever = re._compile  # type: ignore[attr-defined]  # what every function of `re` calls

    def noted(pattern: Any, flags: Any) -> Any:
        made = as_ever(pattern, flags)
        module = str(sys._getframe(2).f_globals.get("__name__", ""))
        if module.startswith("pivot_sum") and isinstance(made.pattern, str):
            found.setdefault(f"{module}: {made.pattern[:80]!r}", made)
        return made

    re._compile = noted  # type: ignore[attr-defined]  # as above
    try:
        for module in [*sys.modules]:
            if module.startswith("pivot_sum"):
                del sys.modules[module]
        for module in sorted(_modules()):
            import_module(module)
        for reader in import_module("text_readers").readers().values():
            for text in (KOREAN, ENGLISH):
                reader(text)
    finally:
        re._compile = as_ever  # type: ignore[attr-defined]  # as above
    known = {pattern.pattern for pattern in found.values()}
    return found | {
        name: pattern
        for name, pattern in _written_in_place().items()
        if pattern.pattern not in known
    }


def _modules() -> Iterator[str]:
    import pivot_sum

    for module in walk_packages(pivot_sum.__path__, "pivot_sum."):
        if not any(part in module.name for part in ("demo_training", "__main__")):
            yield module.name
    for package in ("stages", "cache"):
        path = import_module(f"pivot_sum.{package}").__path__
        for module in walk_packages(path, f"pivot_sum.{package}."):
            yield module.name


def _written_in_place() -> dict[str, re.Pattern[str]]:
    found = {}
    files = [file for name in ("pivot_sum", "stages", "cache") for file in (ROOT / name).rglob("*")]
    for file in (file for file in files if file.suffix == ".py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=how),
                    args=[ast.Constant(value=str() as written), *_],
                ):
                    where = f"{file.relative_to(ROOT)}:{node.lineno}"
                    at_begin = how in ("match", "fullmatch")
                    found[f"{where}: {written[:80]!r}"] = re.compile(
                        rf"\A(?:{written})" if at_begin else written
                    )
    return found


def measured(
    task: Callable[[str], object], what: str, length: int, limit: float, every: bool
) -> Measured:
    """The text that takes a task longest. The others are not tried behind one that is stopped."""
    whole = texts(length)
    worst = Measured(0.0, what, "")
    for made in whole if every else worth_trying(task, length, limit):
        worst = max(worst, Measured(_seconds(task, whole[made], limit), what, made))
        if worst.seconds >= 10 * limit:
            break
    return worst


def worth_trying(task: Callable[[str], object], length: int, limit: float) -> list[str]:
    """The texts that may take a task longest when whole, by how they are made, from shorter ones:
    in proportion to its length, the longer takes four times as long as the shorter."""
    short = {made: _seconds(task, text, limit) for made, text in texts(length // 40).items()}
    tried = [
        made
        for place, made in enumerate(sorted(short, key=short.__getitem__, reverse=True))
        if place < 2 * SLOWEST or short[made] > limit / 3_000  # 40 times 40 is 1,600
    ]
    longer = {made: _seconds(task, texts(length // 10)[made], limit) for made in tried}
    slowest = sorted(longer, key=longer.__getitem__, reverse=True)
    return [
        made
        for place, made in enumerate(slowest)
        if place < SLOWEST or (longer[made] > limit / 100 and longer[made] > GROWN * short[made])
    ]


class _Stopped(BaseException):
    pass


def _seconds(task: Callable[[str], object], text: str, limit: float) -> float:
    def stop(*_: object) -> None:
        raise _Stopped

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 10 * limit)
    began = time.process_time()
    try:
        task(text)
    except _Stopped:
        return 10 * limit
    except Exception as error:
        raise RuntimeError(f"{text[:40]!r} ... is a {type(error).__name__}") from error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return time.process_time() - began


def slowest(
    tasks: Mapping[str, Callable[[str], object]], length: int, limit: float, every: bool
) -> int:
    """Print those that take longest; how many take longer than the limit."""
    found = sorted(
        (measured(task, what, length, limit, every) for what, task in tasks.items()), reverse=True
    )
    over = [one for one in found if one.seconds > limit]
    for one in found[: max(SHOWN, len(over))]:
        print(f"{one.seconds:6.2f} s  {one.what}  with {one.text}", flush=True)
    return len(over)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--length", type=int, default=100_000, help="characters of each text")
    parser.add_argument("--limit", type=float, default=1.0, help="seconds of the processor")
    parser.add_argument("--every", action="store_true", help="every text whole: some hours")
    parser.add_argument("--only", default="", help="part of the name of what is measured")
    arguments = parser.parse_args()
    searched: dict[str, Callable[[str], object]] = {
        name: lambda text, pattern=pattern: sum(1 for _ in pattern.finditer(text))  # type: ignore[misc]  # mypy cannot infer lambdas with defaults
        for name, pattern in patterns().items()
    }
    over = total = 0
    for what, tasks in (("regular expressions", searched), ("readers of texts", readers())):
        chosen = {name: task for name, task in tasks.items() if arguments.only in name}
        print(f"\n{len(chosen)} {what}, {len(texts(0))} texts each; the slowest:")
        over += slowest(chosen, arguments.length, arguments.limit, arguments.every)
        total += len(chosen)
    print(
        f"\n{over} of {total} take longer than {arguments.limit} s with a text of"
        f" {arguments.length:,} characters"
    )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
