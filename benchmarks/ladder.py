"""Placeholders against translators that damage them on purpose: `python benchmarks/ladder.py
[UTTERANCES] [SEED]`.

Generates utterances with placeholders of all kinds (doubled, adjacent, with particles, in quotes,
at both ends, beside text that looks like a mask) and sends them through the ladder with translators
that drop, translate, re-case, duplicate, split or exchange what they see, each always and each now
and then, and all mixed. Prints, in Markdown, which rung served how many, whether every output has
exactly the placeholders of its input, and how many outputs hold a piece of a mask or a lone `#`
beside them. 10,000 utterances take some ten minutes.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from pivot_sum.stages.placeholders.ladder import CUT, Translate, through_ladder
from pivot_sum.stages.text.placeholders import PLACEHOLDER, count

DEFAULT_RUNGS = ("as-is", "word", "xml", "bracket")
"""What `translate` tries where a recipe does not say otherwise."""
ALL_RUNGS = ("as-is", "word", "name", "xml", "bracket", "underscore", "number")
SHARE = 0.3
"""How often a translator that damages now and then does so to one sentinel."""

_PEOPLE = tuple(f"#Person{n}#" for n in (1, 2, 3, 4, 5, 6, 7, 10, 11))
_FACTS = (
    "#PhoneNumber#", "#Address#", "#DateOfBirth#", "#PassportNumber#", "#SSN#", "#CardNumber#",
    "#CarNumber#", "#Email#",
    "#Name#", "#Company#", "#Room12#",
)  # fmt: skip
_PARTICLES = (
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "과",
    "와",
    "의",
    "도",
    "에게",
    "한테",
    "께서",
    "으로",
    "이라고",
    " 씨",
    "님",
)
_KOREAN = (
    "{a}{p} 내일 세 시에 온다고 했어요.",
    "{a}, 지금 어디야?",
    "제 번호는 {f}예요. 저녁에 걸어 주세요.",
    "{a}{p} {b}{q} {f}{r} 알려 줬다.",
    '"{a}{p} 먼저 갔어요."라고 {b}{q} 말했다.',
    "‘{f}’라고 적힌 종이를 {a}{p} 봤대요.",
    "{a}{b} 둘 다 안 왔어.",
    "{f}{a}",
    "{a} {a} 제발 전화 좀 받아, {a}!",
    "여기 적어 주세요: {f}",
    "({a}) 알겠습니다 ({b})",
    "{a}{p} 아니라 {b}{q} 보냈다니까요… {f}?",
    "#키를 누르고 {f}{p} 입력하세요.",
    "Person1이라는 이름표를 {a}{p} 달았어요.",
    "7301번 버스를 타고 {f}{p} 오세요.",
    "__P1__ 파일은 {a}에게, ⟦2⟧ 파일은 {b}에게.",
    "{a}{b}{f}{g}",
    "{a}",
)
_ENGLISH = (
    "{a} will come at three tomorrow.",
    "{a}, where are you?",
    "My number is {f}. Call me tonight.",
    "{a} gives {b} the {f}.",
    '"{a} has left already," {b} said.',
    "{a}'s card says '{f}'.",
    "{a}{b} both stayed away.",
    "{a} {a} please answer, {a}!",
    "Write it here: {f}",
    "({a}) I see ({b})",
    "Zelda and Quentin met {a} on line 7301.",
    'The tag <x id="1"/> belongs to {a}, not to {b} or {f}.',
    "PhoneNumber: {f}, Person2: {b}",
    "{f}",
)


class Cast(NamedTuple):
    """Whom and what an utterance can name."""

    people: tuple[str, str]
    facts: tuple[str, str]


def utterances(number: int, seed: int) -> list[str]:
    """Different utterances in Korean and English, each with one placeholder or more. The same seed
    gives the same ones."""
    chance = random.Random(seed)
    # A data set has few casts: what it takes to read damaged placeholders is made once for each set
    # of them.
    casts = [_cast(chance) for _ in range(60)]
    made: dict[str, None] = {}
    while len(made) < number:
        cast = chance.choice(casts)
        sentences = [_sentence(cast, chance) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
        made[chance.choice((" ", " ", "\n", "")).join(sentences)] = None
    return list(made)


def _cast(chance: random.Random) -> Cast:
    first, second = chance.choices(_PEOPLE, weights=(8, 8, 3, 1, 1, 1, 1, 2, 1), k=2)
    return Cast((first, second), (chance.choice(_FACTS), chance.choice(_FACTS)))


def _sentence(cast: Cast, chance: random.Random) -> str:
    first, second = chance.sample(cast.people, 2)
    fact, other = chance.sample(cast.facts, 2)
    particles = chance.choices(_PARTICLES, k=3)
    template = chance.choice(_KOREAN + _ENGLISH)
    return template.format(
        a=first, b=second, f=fact, g=other, p=particles[0], q=particles[1], r=particles[2]
    )


_NAMES = (
    "Zelda|Quentin|Matilda|Rufus|Ingrid|Boris|Yolanda|Igor|Ursula|Conrad|Odette|Dmitri|Beatrix|"
    "Gideon|Tabitha|Fergus"
)
_WORDS = "|".join(fact.strip("#") for fact in _FACTS)
SENTINEL = re.compile(
    rf"{PLACEHOLDER.pattern}|<x"
    rf" id=\"\d+\"/>|⟦\d+⟧|__P\d+__|73\d\d|(?:Person|Room)\d+|(?:{_WORDS})\d*|{_NAMES}"
)
"""Whatever any mask writes for a placeholder, as a translator can see it."""

Damage = Callable[[str, random.Random], str]


def _translated(sentinel: str, chance: random.Random) -> str:
    korean = {
        "Person": "사람",
        "Phone": "전화",
        "Number": "번호",
        "x id": "엑스",
        "Zelda": "젤다",
        "Quentin": "퀸틴",
        "⟦": "「",
    }
    for english, word in korean.items():
        sentinel = sentinel.replace(english, word)
    return re.sub("[A-Za-z]+|7[0-9]{3}", "말", sentinel)


def _exchanged(sentinel: str, chance: random.Random) -> str:
    if digits := re.search(r"\d+", sentinel):
        return (
            sentinel[: digits.start()]
            + str(int(digits[0]) + chance.choice((1, 10)))
            + sentinel[digits.end() :]
        )
    return "#Person9#"


def _middle(sentinel: str) -> int:
    return len(sentinel) // 2


DAMAGES: dict[str, Damage] = {
    "drops": lambda sentinel, chance: "",
    "translates": _translated,
    "re-cases": lambda sentinel, chance: chance.choice(
        (sentinel.upper(), sentinel.lower(), sentinel.swapcase())
    ),
    "duplicates": lambda sentinel, chance: f"{sentinel} {sentinel}",
    "splits by a blank": lambda sentinel, chance: (
        f"{sentinel[: _middle(sentinel)]} {sentinel[_middle(sentinel) :]}"
    ),
    "splits by a word": lambda sentinel, chance: (
        f"{sentinel[: _middle(sentinel)]} 그 {sentinel[_middle(sentinel) :]}"
    ),
    "keeps one half": lambda sentinel, chance: sentinel[: _middle(sentinel)],
    "adds a broken copy": lambda sentinel, chance: f"{sentinel}, {sentinel[:-1]}",
    "exchanges": _exchanged,
    "widens": lambda sentinel, chance: sentinel.replace("#", "＃").replace("1", "１"),
    "sprinkles": lambda sentinel, chance: "\u200b".join(sentinel) + "#",
}
"""What can happen to one sentinel."""


class BadTranslator:
    """Damages each sentinel with some probability in one of several ways. The same text always gets
    the same answer."""

    def __init__(self, damages: Sequence[Damage], share: float, seed: int) -> None:
        self.damages, self.share, self.seed = damages, share, seed

    def __call__(self, texts: Sequence[str]) -> list[str]:
        return [self._answer(text) for text in texts]

    def _answer(self, text: str) -> str:
        chance = random.Random(f"{self.seed} {text}")

        def damaged(match: re.Match[str]) -> str:
            harmed = chance.random() < self.share
            return chance.choice(self.damages)(match.group(), chance) if harmed else match.group()

        return SENTINEL.sub(damaged, text)


class Whole:
    """Does one thing to the whole text."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer

    def __call__(self, texts: Sequence[str]) -> list[str]:
        return [self.answer(text) for text in texts]


def translators(seed: int) -> Iterator[tuple[str, Translate]]:
    """Every bad translator with what it does."""
    yield "keeps everything", Whole(str)
    for name, damage in DAMAGES.items():
        yield f"{name}, always", BadTranslator([damage], 1.0, seed)
        yield f"{name}, {SHARE:.0%}", BadTranslator([damage], SHARE, seed)
    yield f"all of these mixed, {SHARE:.0%}", BadTranslator(list(DAMAGES.values()), SHARE, seed)
    yield "all of these mixed, always", BadTranslator(list(DAMAGES.values()), 1.0, seed)
    yield "says everything twice", Whole(lambda text: f"{text} {text}")
    yield "answers nothing", Whole(lambda text: "")
    yield "puts a blank between all letters", Whole(" ".join)
    yield "puts # between all letters", Whole("#".join)
    yield "adds #Person1# everywhere", Whole(lambda text: f"#Person1# {text} #Person1#")
    yield (
        "answers everything with one text",
        Whole(lambda text: "#Person1#, <x id='1'> ⟦1⟧ __P1__ 7301 #Person2#"),
    )


class Outcome(NamedTuple):
    """What came of one translator: texts by rung, the sources whose placeholders did not come out
    exactly, and how many outputs hold a piece of a mask, or a lone `#`, such as their source does
    not hold.
    """

    rungs: Counter[str]
    wrong: list[str]
    debris: int

    def plus(self, other: Outcome) -> Outcome:
        """Both together."""
        return Outcome(
            self.rungs + other.rungs, self.wrong + other.wrong, self.debris + other.debris
        )


_DEBRIS = re.compile(r"[⟦⟧]|<\s*/?\s*x\b|__\s*P|P\d*__|73\d\d|#", re.IGNORECASE)


def measure(texts: Sequence[str], translate: Translate, rungs: Sequence[str]) -> Outcome:
    """Send texts through the ladder."""
    served: Counter[str] = Counter()
    wrong, debris = [], 0
    for text, result in zip(texts, through_ladder(texts, translate, rungs), strict=True):
        served[result.rung] += 1
        if count(result.text) != count(text):
            wrong.append(text)
        debris += bool(_debris(result.text) - _debris(text))
    return Outcome(served, wrong, debris)


def _debris(text: str) -> set[str]:
    return {found.casefold() for found in _DEBRIS.findall(PLACEHOLDER.sub(" ", text))}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where an output is wrong."""
    number = int(arguments[0]) if arguments else 10_000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    texts = utterances(number, seed)
    placeholders = sum(count(text).total() for text in texts)
    print(
        f"{date.today()}: {number:,} different utterances with {placeholders:,} placeholders, seed"
        f" {seed}.\n"
    )
    everyone = dict(translators(seed))
    mixed = {name: translate for name, translate in everyone.items() if "mixed" in name}
    wrong = _table("The default masks", texts, everyone, DEFAULT_RUNGS) + _table(
        "All masks", texts, mixed, ALL_RUNGS
    )
    return 1 if wrong else 0


def _table(
    title: str, texts: Sequence[str], chosen: dict[str, Translate], rungs: Sequence[str]
) -> int:
    """Print one table; return how many outputs were wrong."""
    columns = (*rungs, CUT)
    print(
        f"{title}:\n\n| translator | {' | '.join(columns)} | exact | debris"
        f" |\n|---|{'---:|' * (len(columns) + 2)}"
    )
    total = Outcome(Counter(), [], 0)
    for name, translate in chosen.items():
        outcome = measure(texts, translate, rungs)
        total = total.plus(outcome)
        _row(name, outcome, columns)
        for text in outcome.wrong[:3]:
            print(f"wrong: {name}: {text!r}", file=sys.stderr)
    _row("**all**", total, columns)
    print()
    return len(total.wrong)


def _row(name: str, outcome: Outcome, columns: Sequence[str]) -> None:
    number = outcome.rungs.total()
    shares = " | ".join(f"{outcome.rungs[rung] / number:.1%}" for rung in columns)
    print(
        f"| {name} | {shares} | {1 - len(outcome.wrong) / number:.3%} |"
        f" {outcome.debris / number:.1%} |",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
