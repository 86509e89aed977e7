"""What the speakers of a dialogue say, sentence by sentence: its content, and signs of who asks,
offers, sells, and whose matter it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import sentences


class Said(NamedTuple):
    """A sentence of a dialogue."""

    speaker: str
    content: frozenset[str]
    signs: frozenset[str]


def said(dialogue: str, language: str) -> list[Said]:
    """The sentences of the lines that begin with a `#PersonN#:`."""
    found = []
    for head in HEAD.finditer(dialogue):
        spoken = with_apostrophes(head["said"])
        for sentence in sentences(spoken, language):
            signs = {sign for sign, pattern in SIGNS[language].items() if pattern.search(sentence)}
            signs |= {"any"} if "question" in signs else {"any", "statement"}
            found.append(Said(head["speaker"], content(sentence), frozenset(signs)))
    return found


HEAD = re.compile(
    r"^[^\S\n]*(?P<speaker>#Person[0-9]+#)[ \t]*[:：][ \t]*(?P<said>.*)$", re.MULTILINE
)
_SPACED = re.compile(r" ?['’] ?(?=(?:s|t|m|re|ll|ve|d)\b)", re.IGNORECASE)


def with_apostrophes(text: str) -> str:
    """The text with `I ' m` written as `I'm`, as data sets that were tokenised have it."""
    return _SPACED.sub("'", text)


_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
_ENDING = re.compile(r"(?:'s|ies|ied|ing|ed|es|s|d|ly|er|e|y)$")
_STEM = 6
_FUNCTION = frozenset(
    (
        "the", "a", "an", "to", "of", "and", "is", "are", "was", "were", "be", "been", "for", "in",
        "on", "at", "it", "that", "this", "with", "about", "from", "by", "his", "her", "their",
        "they", "he", "she", "him", "them", "not", "has", "have", "had", "will", "would", "can",
        "could", "do", "does", "did", "so", "as", "or", "but", "if", "what", "how", "when", "where",
        "who", "which", "because", "while", "there", "then", "than", "very", "more", "some", "any",
        "all", "also", "its", "it's", "into", "out", "up", "i", "you", "we", "me", "my", "your",
        "our", "i'm", "don't", "going", "get", "got",
    )
)  # fmt: skip


def content(text: str) -> frozenset[str]:
    """What carries meaning: pairs of syllables of Korean words, beginnings of English ones without
    those that only join others."""
    return frozenset(_content(PLACEHOLDER.sub(" ", text).casefold()))


def _content(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if "가" <= word[0] <= "힣":
            yield from ("".join(pair) for pair in pairwise(word))
        elif word.isdecimal() or (len(word) > 2 and word not in _FUNCTION):
            yield _ENDING.sub("", word)[:_STEM] if len(word) > 3 else word


def compiled(table: dict[str, str]) -> dict[str, re.Pattern[str]]:
    """Patterns by their names, whatever the case of letters."""
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in table.items()}


SIGNS = {
    "ko": compiled(
        {
            "question": r"\?|(?:까|나)요?[.! ]*$",
            "request": r"주세요|주시|줄래|줘|주실|부탁|세요[.! ]*$|십시오|지 마|바랍|달라",
            "proposal": r"자[.!? ]*$|까요|어때|게 좋|것이 좋|해 ?보|드릴|권|추천|제안",
            "first person": r"(?<![가-힣])(?:저|제|나|내|난|전|저희|우리)"
            "(?:는|가|도|를|의|에게|한테)?(?= )",
            "hearer": "[가-힣]시(?:면|는|나|고|겠|던|려|지|네|군)|십니|세요|하신|셨|셔"
            "|드[릴리려렸]"
            r"|(?<![가-힣])(?:당신|너|네|넌|니)(?:는|가|도|를|의|에게|한테)?(?= )"
            "|선생님|손님|고객님",
            "want": "고 싶|원해|원합|필요|려고|찾고|하려",
            "offer": "드릴|드리|도와|해 줄게|할게",
            "seller": "도와 ?드릴|손님|고객님|어서 오|저희|찾으시|드릴까요|필요하신|원하시"
            "|준비해 드|하시겠|있으신가요|성함|하신가요",
            "buyer": "주세요|얼마|사고 싶|예약하|하고 싶|찾고 있|수 있을까요|있나요|부탁"
            "|살게요|할게요|주시겠",
        }
    ),
    "en": compiled(
        {
            "question": r"\?",
            "request": r"\bplease\b|\b(?:can|could|would|will) you\b|\bi'd like\b"
            r"|^(?:give|let me|tell|show|take|don't|make|help)\b",
            "proposal": r"\blet's\b|\b(?:how|what) about\b|\bwhy don|\bshould\b|\bshall\b"
            r"|\byou could\b|\bsuggest|\brecommend|\bbetter\b|\btry\b",
            "first person": r"\b(?:i|i'm|my|me|we|our)\b",
            "hearer": r"\b(?:you|your|sir|madam)\b",
            "want": r"\b(?:want|need|would like|looking for|wish|hope|plan)\b|'d like\b",
            "offer": r"\bi'll\b|\bi will\b|\bmay i\b|\bcan i help\b|\bhere (?:you|is|are|it)\b",
            "seller": r"\bhelp you\b|\bsir\b|\bmadam\b|\bma'am\b|\bwould you like\b|\bmay i\b"
            r"|\bhere you are\b|\bhere is your|\byour name\b|\bcan i (?:get|help|see|take)"
            r"|\bfor you\b|\bour\b|\bcertainly\b|\bwhat can i do",
            "buyer": r"\bi'd like\b|\bi would like\b|\bhow much\b|\bi want\b|\bi'll (?:take|have)\b"
            r"|\bi need\b|\bplease\b|\bdo you have\b|\blooking for\b|\bcan i\b|\bcould you\b",
        }
    ),
}
"""Signs of what a speaker does, or is, by how sentences are worded."""
