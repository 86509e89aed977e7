"""Changes of values that translators and summarisers make, put into correct texts on purpose, by
patterns of their own: nothing here knows how the ledger reads."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

Injection = Callable[[str, str, str, random.Random], str | None]
"""The changed text, from a text, its language, and what it will be compared with (nothing that
stands there is put in); None where there is nothing to change."""

_NUMBER = re.compile(
    r"(?<![A-Za-z0-9.,:#-])[0-9]+(?:(?:,|, |\.)[0-9]+)*(?![0-9A-Za-z#]*#)(?![A-Z])"
)
_CLOCK = re.compile(r"(?<![0-9:])([0-9]{1,2}):([0-9]{2})(?![0-9:])")
_ENGLISH_WORD = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty"
    r"|fifty|sixty)\b(?!-)", re.IGNORECASE,
)  # fmt: skip
_ENGLISH_WORDS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty",
)  # fmt: skip
_KOREAN_WORD = re.compile(
    "(?<![가-힣])(두|세|네|다섯|여섯|일곱|여덟|아홉|열|열한|열두)"
    "(?= ?(?:시|시간|명|개|번|가지|달|살|사람|장|주|곳|마리|권|대|병|잔|군데|배|벌)(?![가-힣]{3}))"
)
_KOREAN_WORDS = (
    "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열",
)  # fmt: skip
_DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
_WEEKDAYS = {"en": _DAYS, "ko": tuple(f"{day}요일" for day in "월화수목금토일")}
_MONTHS = (
    "January", "February", "April", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_HALVES = {
    "en": (r"(?<=[0-9 ])([ap])(?=\.? ?m\b)", {"a": "p", "p": "a"}),
    "ko": ("(오전|오후)", {"오전": "오후", "오후": "오전"}),
}
_SAYS_HALF = {
    "en": re.compile(r"[0-9] ?[ap]\.? ?m\b|morning|afternoon|evening|night|noon", re.IGNORECASE),
    "ko": re.compile("(?:오전|오후|아침|저녁|밤|새벽|낮) ?[0-9가-힣]{1,3} ?(?:시|:)|정오"),
}
_UNITS = {
    "en": (
        (r"(?<=[0-9] )hours?\b", "minutes"), (r"(?<=[0-9] )minutes?\b", "hours"),
        (r"(?<=[0-9] )days?\b", "weeks"), (r"(?<=[0-9] )weeks?\b", "months"),
        (r"(?<=[0-9] )months?\b", "days"), (r"(?<=[0-9] )years?\b(?! old)", "months"),
        (r"(?<=[0-9] )dollars\b", "euros"), (r"(?<=[0-9] )won\b", "dollars"),
        (r"\bhundred\b", "thousand"), (r"\bthousand\b", "million"),
        (r"(?<=[0-9]) ?%", " dollars"), (r"(?<=[0-9] )kilometers\b", "miles"),
    ),
    "ko": (
        ("(?<=[0-9])시간", "분"), ("(?<=[0-9])분(?= )", "시간"), ("(?<=[0-9])일(?= )", "주"),
        ("(?<=[0-9])주(?= )", "개월"), ("(?<=[0-9])개월", "일"), ("(?<=[0-9])달러", "유로"),
        ("(?<=[0-9천만백] )원", "달러"), ("(?<=[0-9천만백])원", "달러"), ("(?<=[0-9])%", "달러"),
        ("(?<=[0-9])천 ", "만 "), ("(?<=[0-9])만 ", "천 "), ("(?<=[0-9])킬로미터", "마일"),
    ),
}  # fmt: skip


class Fault(NamedTuple):
    """One kind of change, and whether it can be put into a summary."""

    name: str
    inject: Injection
    in_summaries: bool = True


def _picked(pattern: re.Pattern[str] | str, text: str, rng: random.Random) -> re.Match[str] | None:
    matches = list(re.finditer(pattern, text))
    return rng.choice(matches) if matches else None


def _put(text: str, match: re.Match[str], new: str, group: int = 0) -> str:
    return text[: match.start(group)] + new + text[match.end(group) :]


def digit_changed(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """One digit of a number is another one."""
    match = _picked(_NUMBER, text, rng)
    if match is None:
        return None
    written = match.group()
    places = [place for place, letter in enumerate(written) if letter.isdigit()]
    known = set(re.findall("[0-9]+", re.sub("(?<=[0-9]), ?(?=[0-9])", "", other + " " + text)))
    choices = []
    for place in places:
        for digit in "123456789":
            new = written[:place] + digit + written[place + 1 :]
            if digit != written[place] and re.sub("[^0-9]", "", new) not in known:
                choices.append(new)
    return _put(text, match, rng.choice(choices)) if choices else None


def hour_shifted(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """A time is some hours off."""
    pattern = (
        r"(?<![0-9:])([0-9]{1,2})(?= ?시(?!간))"
        if language == "ko"
        else r"\b([0-9]{1,2})(?=:[0-9]{2}| ?(?:[ap]\.? ?m\b|o'clock))"
    )
    match = _picked(pattern, text, rng)
    if match is None:
        return None
    hours = [
        hour for hour in range(1, 13) if not re.search(rf"(?<![0-9]){hour}(?![0-9])", other + text)
    ]
    hours = [hour for hour in hours if (hour - int(match[1])) % 12]
    return _put(text, match, str(rng.choice(hours)), 1) if hours else None


def word_changed(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """A number in words is another one."""
    pattern, words = (
        (_KOREAN_WORD, _KOREAN_WORDS) if language == "ko" else (_ENGLISH_WORD, _ENGLISH_WORDS)
    )
    match = _picked(pattern, text, rng)
    if match is None:
        return None
    known = (text + " " + other).lower()
    choices = [word for word in words if word not in known and not _said(word, language, known)]
    return _put(text, match, rng.choice(choices), 1) if choices else None


def _said(word: str, language: str, known: str) -> bool:
    """Whether the number of a word stands somewhere in digits or in the other language's words."""
    english = dict(zip(_ENGLISH_WORDS, (*range(2, 13), 15, 20, 30, 40, 50, 60), strict=True))
    korean = dict(zip(_KOREAN_WORDS, range(2, 11), strict=True))
    number = korean[word] if language == "ko" else english[word]
    words = [w for w, n in (english | korean).items() if n == number]
    return any(w in known for w in words) or bool(re.search(rf"(?<![0-9]){number}(?![0-9])", known))


def half_swapped(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """a.m. became p.m., where the other side says which it is."""
    pattern, swap = _HALVES[language]
    sides = [_SAYS_HALF[side].findall(other) for side in ("ko", "en")]
    matches = re.findall(pattern, text)
    if len(matches) != 1 or not any(len(said) == 1 for said in sides):
        return None
    return re.sub(pattern, lambda match: swap[match[1]], text)


def weekday_changed(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """Tuesday became Friday."""
    days = _WEEKDAYS[language]
    match = _picked("|".join(days), text, rng)
    named = {
        place
        for names in _WEEKDAYS.values()
        for place, name in enumerate(names)
        if name in text or name in other
    }
    choices = [day for place, day in enumerate(days) if place not in named]
    return _put(text, match, rng.choice(choices)) if match and choices else None


def month_changed(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """April became October."""
    if language == "ko":
        match = _picked(r"(?<![0-9])([0-9]{1,2})(?=월)", text, rng)
        choices = [str(n) for n in range(1, 13) if not re.search(rf"(?<![0-9]){n}(?![0-9])", text)]
    else:
        match = _picked("(" + "|".join(_MONTHS) + ")", text, rng)
        choices = [name for name in _MONTHS if name not in text and name not in other]
    return _put(text, match, rng.choice(choices), 1) if match and choices else None


def unit_changed(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """Hours became minutes, dollars euros, hundreds thousands."""
    found = [
        (match, new) for pattern, new in _UNITS[language] if (match := re.search(pattern, text))
    ]
    if not found:
        return None
    match, new = rng.choice(found)
    return _put(text, match, new)


def magnitude_changed(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """A number grew by a factor of ten."""
    found = [match for match in _NUMBER.finditer(text) if re.fullmatch("[0-9]+", match.group())]
    found = [
        match
        for match in found
        if not _CLOCK.search(text, max(0, match.start() - 3), match.end() + 3)
    ]
    if not found:
        return None
    match = rng.choice(found)
    return _put(text, match, match.group() + "0")


def value_deleted(text: str, language: str, other: str, rng: random.Random) -> str | None:
    """The word with a number, or a weekday, is gone, and its unit with it."""
    words = text.split(" ")
    numbered = [
        place
        for place, word in enumerate(words)
        if (re.search("[0-9]", re.sub("#[^#]*#", "", word)) and not re.search("[A-Z]-?[0-9]", word))
        or any(day in word for day in _WEEKDAYS[language])
    ]
    numbered = [
        place
        for place in numbered
        if _core(words[place]) not in [_core(word) for at, word in enumerate(words) if at != place]
    ]
    if not numbered:
        return None
    place = rng.choice(numbered)
    after = (
        2
        if language == "en"
        and place + 1 < len(words)
        and re.match("p\\.|a\\.|[ap]m|dollars|o'clock|days|hours|minutes|%", words[place + 1])
        else 1
    )
    return " ".join(words[:place] + words[place + after :])


def _core(word: str) -> str:
    return re.sub("[^0-9]", "", word) or word.strip(".,?!")


FAULTS = (
    Fault("a digit changed", digit_changed),
    Fault("the hour shifted", hour_shifted),
    Fault("a number word changed", word_changed),
    Fault("a.m. and p.m. swapped", half_swapped),
    Fault("another weekday", weekday_changed),
    Fault("another month", month_changed),
    Fault("another unit or scale word", unit_changed),
    Fault("ten times as much", magnitude_changed),
    Fault("a value deleted", value_deleted, in_summaries=False),
)
