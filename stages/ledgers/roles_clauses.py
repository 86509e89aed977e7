"""Who does what by a summary: its clauses with the `#PersonN#` that is their subject and what that
person does in them (asks, suggests, ...)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pivot_sum.stages.ledgers.roles_turns import compiled
from pivot_sum.stages.text.segmentation import sentences

PERSON = "#Person[0-9]+#"


class Clause(NamedTuple):
    """What a summary says of a person."""

    person: str
    act: str
    """One of `ACTS`, `state` where none of them is named, or `own` for what is somebody's."""
    text: str


def clauses(summary: str, language: str) -> Iterator[Clause]:
    """The clauses of a Korean (`ko`) or English (`en`) summary whose subject is a person. What two
    do together is nobody's: exchanged, it stays true."""
    for sentence in sentences(summary, language):
        alone = _TOGETHER[language].sub(" ", sentence)
        spans = _korean(alone) if language == "ko" else _english(alone)
        helper = None
        for person, text in spans:
            if text.strip():
                act = act_of(text, language)
                if act == "serve" and _HELPING[language].search(text):
                    helper = person
                elif (person, act) != (helper, "state"):  # else more of what it helps to do
                    helper = None
                yield Clause(person, act, "" if person == helper else text)
        for match in _POSSESSIVE[language].finditer(alone):
            yield Clause(match["person"], "own", match["what"])
            for act, noun in _NOUNS[language].items():
                if noun.match(match["what"]):
                    yield Clause(match["person"], act, "")


def act_of(text: str, language: str) -> str:
    """What is done in a clause: the last act a Korean one names, the first of an English one."""
    found = [
        (match.start(), act)
        for act, pattern in ACTS[language].items()
        for match in pattern.finditer(text)
    ]
    if not found:
        return "state"
    return max(found)[1] if language == "ko" else min(found, key=lambda place: place[0])[1]


ACTS = {
    "ko": compiled(
        {
            "ask": "묻|물어|물었|질문|문의|궁금|알고 싶|알아보|인터뷰|면접",
            "request": "요청|부탁|요구|달라고|신청|구한|구하|찾",
            "suggest": "제안|권하|권한|권유|추천|조언|충고|초대|설득|격려|위로|축하|경고|상기"
            "|하라고",
            "tell": "말하|말한|말했|말해|설명|알려|알리|대답|답하|답변|소개|보여|가르|안내|공유",
            "serve": "도와|돕|도움|제공|해 ?[준줍주]|(?:빌려|알려|고쳐|바꿔) ?[주준줍]|체크(?!인)"
            "|진찰|팔",
            "react": "감사|고마|사과|미안|죄송|동의|수락|받아들|승낙|허락|약속|그러자|그러겠"
            "|거절|거부|반대|불평|만족하지|화가",
            "buy": "구매|구입|산다|사고|샀|사기|사려|주문|예약[하한을]|빌[리린려]|렌트[하합]"
            "|선택|지불|결제|체크인|환불|교환",
            "want": "싶|원한|원하|계획|예정|려고|필요",
        }
    ),
    "en": compiled(
        {
            "ask": r"\bask(?:s|ed|ing)?\b(?! (?:[^ ]+ ){0,2}(?:to|for)\b)|\bwonder|\binquir"
            r"|\binterview|\bwants? to know|\bask(?:s|ed)? [^ ]* ?about|\bquestion",
            "request": r"\bask(?:s|ed)?\b|\brequest|\bappl(?:y|ies)|\blook(?:s|ing) for|\bcalls?\b"
            r"|\bbegs?\b|\bdemand",
            "suggest": r"\bsuggest|\brecommend|\badvi[sc]|\binvit|\bpersuad|\bencourag|\bcomfort"
            r"|\bcongratulat|\bwarn|\bremind|\bpropos",
            "tell": r"\btell|\btold|\bsa(?:ys?|id)\b|\bexplain|\banswer|\bintroduc|\bshow|\bteach"
            r"|\bshare|\binform|\bdescrib",
            "serve": r"\bhelp|\bassist|\bserv|\boffer|\bgives? #|\bcheck",
            "react": r"\bthank|\bgrateful|\bapolog|\bsorry|\bagree|\baccept|\bpromis|\bwilling"
            r"|\brefus|\breject|\bdeclin|\bcomplain|\bnot satisf|\bdisagree|\bangry",
            "buy": r"\bbuy|\bpurchas|\bbought|\brent|\border|\bbook|\breserv|\bchoos|\bpays?\b"
            r"|\btakes\b|\bborrow|\bchecks? in|\breturn",
            "want": r"\bwant|\bplan|\bwill\b|\bgoing to\b|\bwould like|\bneed|\bhope|\bwish",
        }
    ),
}
_HELPING = {"ko": re.compile("도와|돕"), "en": re.compile(r"\bhelp|\bassist", re.IGNORECASE)}
"""What somebody is helped to do is theirs, not the helper's: the rest of such a clause is near
the wrong sentences."""
_NOUNS = {
    "ko": compiled(
        {
            "serve": "도움",
            "suggest": "제안|추천|조언|권유|초대|권고|격려",
            "ask": "질문|물음",
            "request": "부탁|요청|요구",
            "tell": "설명|안내|소개",
        }
    ),
    "en": compiled(
        {
            "serve": "help|assist",
            "suggest": "sugges|recommend|advice|invit|propos|offer",
            "ask": "question",
            "request": "request",
            "tell": "explan|introd",
        }
    ),
}
"""What somebody's help, advice or question makes of that person."""

_POSSESSIVE = {
    "ko": re.compile(
        rf"(?P<person>{PERSON})의\s+(?P<what>[가-힣A-Za-z0-9]+(?:\s[가-힣A-Za-z0-9]+)?)"
    ),
    "en": re.compile(rf"(?P<person>{PERSON})['’]s?\s+(?P<what>[A-Za-z]+(?:\s[A-Za-z]+)?)"),
}
_TOGETHER = {
    "ko": re.compile(
        rf"{PERSON}(?:과|와|이랑|랑|하고|,| 및| 그리고| 또는)\s*{PERSON}"
        "(?:은|는|이|가|의)?(?![가-힣])"
    ),
    "en": re.compile(rf"(?:both )?{PERSON}(?: and |, ){PERSON}(?! *['’]s)", re.IGNORECASE),
}

_SUBJECT = re.compile(rf"(?P<person>{PERSON})님?(?P<particle>은|는|이|가|께서|도|만)(?![가-힣])")
_SOMEBODY = re.compile("(?<![#가-힣A-Za-z])[가-힣A-Za-z]+(?:은|는|이|가) ")
_KOREAN_END = re.compile(
    # 라고, 다고 and their like quote; 고 싶다, 고 있다 are one verb
    "(?<=[가-힣])(?<![다라냐자려])(?:고|며|지만|으나|는데|면서)(?:,\\s*|\\s+)(?!싶|있|계|나서)|,\\s+"
)


def _korean(sentence: str) -> Iterator[tuple[str, str]]:
    """The parts of a sentence and whose they are. The subject stays until there is another one; one
    with 이 or 가 beside a topic is inside of what the topic's person says."""
    edges = [0, *(match.end() for match in _KOREAN_END.finditer(sentence)), len(sentence)]
    subject = None
    for start, end in pairwise(edges):
        part = sentence[start:end]
        found = list(_SUBJECT.finditer(part))
        topics = [match for match in found if match["particle"] not in ("이", "가")]
        subjects = topics or found
        if not subjects:
            if _SOMEBODY.search(part):
                subject = None
            elif subject:
                yield subject, part
            continue
        first, before = subjects[0], part[: subjects[0].start()]
        if not _SOMEBODY.search(before):
            if subject:
                yield subject, before
            elif len(subjects) == 1:
                yield first["person"], before
        for match, following in pairwise([*subjects, None]):
            assert match is not None
            yield match["person"], part[match.end() : following.start() if following else None]
        subject = subjects[-1]["person"]


_BEFORE_SUBJECT = re.compile(
    r"(?:^|[,;]|\b(?:and|but|because|while|since|as|then|so|until|after|before|though|although"
    r"|when))\s*$",
    re.IGNORECASE,
)
_IS = re.compile(r"['’]s (?:\w+ing|an?|the|not)\b")
_ENGLISH_END = re.compile(r"(?:,|\band\b|\bbut\b|\bbecause\b|\bso\b|\bwhile\b)\s")


def _english(sentence: str) -> Iterator[tuple[str, str]]:
    """The parts of a sentence and whose they are; what stands in front of the first subject is
    nobody's."""
    subjects = [
        match
        for match in re.finditer(PERSON, sentence)
        if _BEFORE_SUBJECT.search(sentence[: match.start()])
        and (
            sentence[match.end() : match.end() + 1] not in "'’" or _IS.match(sentence, match.end())
        )
    ]
    for match, following in pairwise([*subjects, None]):
        assert match is not None
        span = sentence[match.end() : following.start() if following else None]
        for part in _ENGLISH_END.split(span):
            yield match.group(), part
