"""Utterances with placeholders of all kinds, and translators that damage them on purpose."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pivot_sum.stages.placeholders.ladder import Translate
from pivot_sum.stages.text.placeholders import PLACEHOLDER

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
    rng = random.Random(seed)
    # A data set has few casts: what it takes to read damaged placeholders is made once for each set
    # of them.
    casts = [_cast(rng) for _ in range(60)]
    made: dict[str, None] = {}
    while len(made) < number:
        cast = rng.choice(casts)
        sentences = [_sentence(cast, rng) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
        made[rng.choice((" ", " ", "\n", "")).join(sentences)] = None
    return list(made)


def _cast(rng: random.Random) -> Cast:
    first, second = rng.choices(_PEOPLE, weights=(8, 8, 3, 1, 1, 1, 1, 2, 1), k=2)
    return Cast((first, second), (rng.choice(_FACTS), rng.choice(_FACTS)))


def _sentence(cast: Cast, rng: random.Random) -> str:
    first, second = rng.sample(cast.people, 2)
    fact, other = rng.sample(cast.facts, 2)
    particles = rng.choices(_PARTICLES, k=3)
    template = rng.choice(_KOREAN + _ENGLISH)
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
    rf" id=\"\d+\"/>|⟦\d+⟧|__P\d+__|73\d\d|(?:Person|Room|Url|Hashtag|Code|Term)\d+"
    rf"|(?:{_WORDS})\d*|{_NAMES}"
)
"""Whatever any mask writes for a placeholder, as a translator can see it."""

Damage = Callable[[str, random.Random], str]


def _translated(sentinel: str, rng: random.Random) -> str:
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


def _exchanged(sentinel: str, rng: random.Random) -> str:
    if digits := re.search(r"\d+", sentinel):
        return (
            sentinel[: digits.start()]
            + str(int(digits[0]) + rng.choice((1, 10)))
            + sentinel[digits.end() :]
        )
    return "#Person9#"


def _middle(sentinel: str) -> int:
    return len(sentinel) // 2


DAMAGES: dict[str, Damage] = {
    "drops": lambda sentinel, rng: "",
    "translates": _translated,
    "re-cases": lambda sentinel, rng: rng.choice(
        (sentinel.upper(), sentinel.lower(), sentinel.swapcase())
    ),
    "duplicates": lambda sentinel, rng: f"{sentinel} {sentinel}",
    "splits by a space": lambda sentinel, rng: (
        f"{sentinel[: _middle(sentinel)]} {sentinel[_middle(sentinel) :]}"
    ),
    "splits by a word": lambda sentinel, rng: (
        f"{sentinel[: _middle(sentinel)]} 그 {sentinel[_middle(sentinel) :]}"
    ),
    "keeps one half": lambda sentinel, rng: sentinel[: _middle(sentinel)],
    "adds a broken copy": lambda sentinel, rng: f"{sentinel}, {sentinel[:-1]}",
    "exchanges": _exchanged,
    "widens": lambda sentinel, rng: sentinel.replace("#", "＃").replace("1", "１"),
    "sprinkles": lambda sentinel, rng: "\u200b".join(sentinel) + "#",
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
        rng = random.Random(f"{self.seed} {text}")

        def damaged(match: re.Match[str]) -> str:
            harmed = rng.random() < self.share
            return rng.choice(self.damages)(match.group(), rng) if harmed else match.group()

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
    yield "puts a space between all letters", Whole(" ".join)
    yield "puts # between all letters", Whole("#".join)
    yield "adds #Person1# everywhere", Whole(lambda text: f"#Person1# {text} #Person1#")
    yield (
        "answers everything with one text",
        Whole(lambda text: "#Person1#, <x id='1'> ⟦1⟧ __P1__ 7301 #Person2#"),
    )
