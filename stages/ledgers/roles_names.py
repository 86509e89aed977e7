"""Which of two speakers is called what: who is addressed as 민수 씨 is the other one, who says `제
이름은 민수입니다` is not."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from pivot_sum.stages.ledgers.roles_turns import HEAD, with_apostrophes
from pivot_sum.stages.ledgers.spellings import english_names, korean_spellings

_TITLE = "씨|님|선생님|박사님|박사|부인|양|교수님|교수|사장님|부장님|군"
_ENGLISH_NAME = r"(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? ?[A-Z][a-z]+|[A-Za-z]+)"
_CALLED = {
    "ko": re.compile(
        r"(?:^|(?<=[,.!?~])\s*)(?:[가-힣]+(?:요|녕|아|어|참|헤이),? )?"
        rf"(?P<name>[가-힣A-Za-z]+(?: [가-힣A-Za-z]+)??)(?: ?(?:{_TITLE})|아|야)?(?=[,.!?~]|$)"
    ),
    "en": re.compile(
        r"(?:^|(?<=[,.!?])\s*)"
        r"(?:(?:hello|hi|hey|oh|well|ok|okay|thanks|thank you|sorry|excuse me|good morning"
        rf"|good afternoon|yes|no|sure),? )?(?P<name>{_ENGLISH_NAME})(?=[,.!?]|$)",
        re.IGNORECASE,
    ),
}
"""A name alone between punctuation: whoever it is said to."""
_OWN = {
    "ko": re.compile(
        r"(?:저는|나는|난|전|이름은|이쪽은)\s+(?:[가-힣]+의 )?"
        r"(?P<name>[가-힣A-Za-z]+(?: [가-힣A-Za-z]+)?)(?:입니다|이에요|예요|이야|야|라고|이라고)"
    ),
    "en": re.compile(
        r"(?:[Mm]y name is|I'm|I am|[Tt]his is|[Nn]ame's|it's)\s+"
        r"(?P<name>[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
    ),
}
_OWN_COUNTS = 2
"""How many times as much as a call a name says that somebody gives as their own."""

_ASKS_NAME = {
    "ko": re.compile("성함|이름|누구세요|누구신"),
    "en": re.compile("your name|who is this|who's (?:this|calling|speaking)", re.IGNORECASE),
}

_ENGLISH_TITLES = frozenset(
    (
        "doctor", "officer", "policeman", "mom", "mum", "dad", "teacher", "professor", "boss",
        "mother", "father", "waiter",
    )
)  # fmt: skip
_SUBJECT_OR_OBJECT = f"(?: ?(?:{_TITLE}))?(?:은|는|이|가|에게|를|을|과|와|의|께)(?![가-힣])"


def persons_named(
    dialogue: str, summary: str, language: str, pair: tuple[str, str]
) -> dict[str, str]:
    """Which of the two speakers each name (or title) of a summary stands for, where the dialogue
    tells."""
    votes = _votes(dialogue, language, pair)
    found = {}
    for name in _names(summary, language):
        counted = sum(
            (votes[called] for called in votes if _same(called, name, language)), Counter()
        )
        one, other = (counted[person] for person in pair)
        if one != other:
            found[name] = pair[0] if one > other else pair[1]
    return found


def _votes(dialogue: str, language: str, pair: tuple[str, str]) -> dict[str, Counter[str]]:
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    other = {pair[0]: pair[1], pair[1]: pair[0]}
    asked = False
    for head in HEAD.finditer(dialogue):
        text = with_apostrophes(head["said"]).strip()
        if (speaker := head["speaker"]) in other:
            for match in _CALLED[language].finditer(text):
                votes[match["name"]][speaker if asked else other[speaker]] += 1
            for match in _OWN[language].finditer(text):
                for name in {match["name"], *match["name"].split()}:
                    votes[name][speaker] += _OWN_COUNTS
        asked = bool(_ASKS_NAME[language].search(text))
    return votes


def _names(summary: str, language: str) -> set[str]:
    if language == "en":
        titles = _ENGLISH_TITLES & set(re.findall("[a-z]+", summary))
        return {*english_names(summary), *titles}
    return {
        stem.text
        for stem in korean_spellings(summary)
        if len(stem.text) > 1 and re.match(_SUBJECT_OR_OBJECT, summary[stem.end :])
    }


def _same(called: str, name: str, language: str) -> bool:
    if language == "ko":
        return called == name
    return (
        called.split()[-1].casefold() == name.casefold()
        or called == name
        or called == name.split()[0]
    )
