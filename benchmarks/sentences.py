"""Sentence splitters side by side: `python benchmarks/sentences.py [DATA.csv]`.

Prints, in Markdown, for `pivot_sum.stages.text.segmentation.sentences` and for every other splitter
that is installed (kiwipiepy, kss, pysbd, blingfire, syntok; none of them is needed by pivot-sum):
how many of the 20 Korean and 20 English texts below it cuts exactly as marked, whether it ever cuts
a placeholder or loses a character, its seconds to the first answer in a fresh process, and its
memory. With a data file it also says on how many turns each agrees with ours. `docs/sentences.md`
holds the table and what follows from it.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pivot_sum.stages.text.placeholders import find
from pivot_sum.stages.text.segmentation import sentences, split

Splitter = Callable[[str], list[str]]

KOREAN = """\
안녕하세요. | 무엇을 도와드릴까요?
정말요? | 축하해요! | 언제부터 다니세요?
네, 알겠습니다.
그게... 잘 모르겠어요.
음… 생각 좀 해 볼게요. | 내일 말씀드려도 되죠?
키가 1.8미터예요. | 저보다 크네요.
회의는 2026. 3. 5. 오후에 있어요. | 늦지 마세요.
1. 우유 2. 빵 3. 달걀을 사 오세요.
지금 9 a.m.인데 아직 자요? | 어서 일어나요.
그는 "먼저 갈게요."라고 했어요. | 저는 남았고요.
"왜 그래?" 하고 물어보더라고요.
#Person1#은 #Person2#에게 번호를 알려 준다. | #Person2#는 받아 적는다.
제 번호는 #PhoneNumber#. | 저녁에 전화 주세요.
메일은 #Email#로 보내 주세요! | 주소는 #Address#예요.
www.example.com에서 보세요. | 표가 거기 있어요.
총 12,500원입니다. | 카드로 하시겠어요?
하하하!! | 그건 너무했다~ | 진짜야?!
김 박사님(내과)께 여쭤 보세요. | 오늘 계실 거예요.
좋아요 ㅎㅎ | 그럼 거기서 만나요.
네 그렇게 할게요 | 내일 다시 전화드리겠습니다"""

ENGLISH = """\
Good morning. | How can I help you?
Really? | Congratulations! | When do you start?
Yes, I see.
Well... I am not so sure.
Hm… let me think about it. | Can I tell you tomorrow?
He is 1.8 meters tall. | That is taller than me.
Mr. Kim met Dr. Lee at 9 a.m. on Monday. | They talked for an hour.
The shop, e.g. the one on Main St., is closed. | Try the other one.
1. Milk 2. Bread 3. Eggs
She said, "I am leaving." | Then she left.
"Why?" he asked. | Nobody answered.
#Person1# gives #Person2# the number. | #Person2# writes it down.
My number is #PhoneNumber#. | Call me tonight.
Write to #Email#! | I live at #Address#.
Look at www.example.com for it. | The tickets are there.
It costs $12.50 in the U.S. and less here. | Will you pay by card?
Ha ha!! | That was too much. | Seriously?!
Ask Prof. J. R. Smith (room no. 5). | He is in today.
We lived in Washington D.C. for years. | I miss it.
i think so too. | see you there then"""

FIRST = "--first"


def ours(language: str) -> Splitter:
    """The splitter of this project: sentencex, and what belongs together joined again."""
    return lambda text: sentences(text, language)


def sentencex_alone(language: str) -> Splitter:
    """sentencex as it is."""
    from sentencex import segment

    return lambda text: list(segment(language, text))


def kiwi(language: str) -> Splitter:
    """kiwipiepy: a Korean morphological analyser that also splits sentences."""
    from kiwipiepy import Kiwi  # type: ignore[import-not-found,unused-ignore]

    analyser = Kiwi(num_workers=1)
    return lambda text: [sentence.text for sentence in analyser.split_into_sents(text)]


def kss(language: str) -> Splitter:
    """kss: the Korean sentence splitter, with its own analyser pecab."""
    from kss import split_sentences  # type: ignore[import-not-found,unused-ignore]

    return lambda text: list(split_sentences(text, backend="pecab"))


def pysbd(language: str) -> Splitter:
    """pysbd: rules for 22 languages; Korean is none of them, so it gets the English ones."""
    import pysbd as package  # type: ignore[import-not-found,unused-ignore]

    segmenter = package.Segmenter(language="en", clean=False)
    return lambda text: list(segmenter.segment(text))


def blingfire(language: str) -> Splitter:
    """blingfire: compiled automata for any language."""
    from blingfire import text_to_sentences  # type: ignore[import-not-found,unused-ignore]

    return lambda text: str(text_to_sentences(text)).split("\n")


def syntok(language: str) -> Splitter:
    """syntok: rules for English, Spanish and German."""
    from syntok import segmenter  # type: ignore[import-not-found,unused-ignore]

    def cut(text: str) -> list[str]:
        return [
            "".join(token.spacing + token.value for token in sentence)
            for paragraph in segmenter.analyze(text)
            for sentence in paragraph
        ]

    return cut


SPLITTERS: dict[str, Callable[[str], Splitter]] = {
    "ours": ours,
    "sentencex": sentencex_alone,
    "kiwipiepy": kiwi,
    "kss": kss,
    "pysbd": pysbd,
    "blingfire": blingfire,
    "syntok": syntok,
}


def main(arguments: Sequence[str]) -> None:
    """Measure and print; `--first NAME` is how it calls itself."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    if arguments[:1] == [FIRST]:
        SPLITTERS[arguments[1]]("ko")("네. 좋아요.")
        print(_peak_memory())
        return
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}.\n"
    )
    print(
        "| splitter | Korean | English | placeholders cut | characters lost | first answer, s |"
        " peak MB |"
    )
    print("|---|---|---|---|---|---|---|")
    misses: list[str] = []
    for name, make in SPLITTERS.items():
        package = "sentencex" if name == "ours" else name
        try:
            label = f"{name} {version(package)}" if name != "ours" else "**ours**"
        except PackageNotFoundError:
            print(f"{name} is not installed", file=sys.stderr)
            continue
        scores, cut, lost = [], 0, 0
        for language, texts in (("ko", KOREAN), ("en", ENGLISH)):
            splitter = make(language)
            right = 0
            for line in texts.splitlines():
                expected = line.split(" | ")
                text = " ".join(expected)
                found = [part.strip() for part in splitter(text) if part.strip()]
                right += found == expected
                cut += sum(len(find(part)) for part in found) != len(find(text))
                lost += _bare("".join(found)) != _bare(text)
                if found != expected:
                    misses.append(f"- {name}, {language}: {' | '.join(found)}")
            scores.append(f"{right} of {len(texts.splitlines())}")
        seconds, peak = _fresh(name)
        print(
            f"| {label} | {' | '.join(scores)} | {cut} | {lost} | {seconds:.2f} | {peak} |",
            flush=True,
        )
    print("\nNot as marked:\n\n" + "\n".join(misses))
    if arguments:
        _agreement(Path(arguments[0]))


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _fresh(name: str) -> tuple[float, str]:
    """Seconds until a fresh process has its first answer (the best of three), and its peak memory
    in MB."""
    seconds, peak = [], ""
    for _ in range(3):
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, __file__, FIRST, name], capture_output=True, text=True, check=True
        )
        seconds.append(time.monotonic() - start)
        peak = done.stdout.split()[-1]
    return min(seconds), peak


def _peak_memory() -> int:
    """Of this process in MB; getrusage would count what the process it was forked from had used.
    Linux only."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024  # type: ignore[index]


def _agreement(path: Path) -> None:
    """On how many turns of a data file the faster splitters cut as ours does."""
    from pivot_sum.data.samples import read_samples

    turns = list(
        dict.fromkeys(
            unit
            for sample in read_samples(path)
            for unit in split(sample.dialogue, "turn", "ko").units
        )
    )
    unfinished = sum(turn[-1].isalnum() for turn in turns)
    print(
        f"\n{path.name}: {len(turns):,} different turns, {unfinished:,} without punctuation at the"
        " end.\n"
    )
    mine = [sentences(turn, "ko") for turn in turns]
    print(f"ours: {sum(map(len, mine)):,} sentences")
    for name in ("sentencex", "kiwipiepy", "blingfire"):
        try:
            splitter = SPLITTERS[name]("ko")
        except ImportError:
            continue
        start = time.monotonic()
        theirs = [[part.strip() for part in splitter(turn) if part.strip()] for turn in turns]
        took = time.monotonic() - start
        agree = sum(a == b for a, b in zip(mine, theirs, strict=True))
        print(
            f"{name}: {sum(map(len, theirs)):,} sentences, {agree:,} turns as ours"
            f" ({agree / len(turns):.1%}), {took:.1f} s"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
