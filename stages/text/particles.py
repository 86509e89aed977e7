"""Korean particles behind numbered placeholders: the one table of which form follows which number.

A particle's form depends on the last sound before it. In the gold summaries the digit is read aloud
(`#Person1#` ends in 일, `#Person2#` in 이): that explains 768 of the 858 such particles in the dev
references (measured). A placeholder without a number has no one reading, so its particle is left
alone.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

_READ_ALOUD = "십일이삼사오육칠팔구"
"""How a number's last digit sounds, by digit: a number that ends in 0 ends in 십, 백 or 천, and 0
alone is 영, which all close in a consonant that is no ㄹ."""
_FINAL_L = 8  # ㄹ in Unicode's order of final consonants, where 0 is none

Final = Literal["", "ㄹ", "other"]
"""What a syllable ends in: a vowel (empty), ㄹ, or another consonant."""

_FORMS = (
    # after a consonant, after a vowel, what may follow in the same word
    ("은", "는", "요?"),
    ("이", "가", ""),
    ("을", "를", ""),
    ("과", "와", "(?:의|는|도|만)?"),
    ("으로", "로", "(?:부터|서|써|는|도|만|의)*"),
    ("이랑", "랑", "(?:은|도|만)?"),
    ("이나", "나", ""),
    ("이라", "라", "(?:고|는|며|면|서|도|거나)[가-힣]*"),
    ("이에요", "예요", ""),
    ("이었", "였", "[가-힣]+"),
)
_ONE_WAY = (
    # wrong after a consonant; after a vowel both forms are used
    ("이다", "다", ""),
)


def _alternatives() -> str:
    # Longest first, so that 이라고 is not read as 이. The word has to end there: 이 in 이야기 is no
    # particle.
    forms = sorted(
        {(form, rest) for closed, open_, rest in (*_FORMS, *_ONE_WAY) for form in (closed, open_)},
        key=lambda item: -len(item[0]),
    )
    return "|".join(f"{form}(?={rest}(?![가-힣]))" for form, rest in forms)


@cache  # as the next one: compiled when it is used, which a replay does not
def _particle() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<placeholder>#[A-Z][A-Za-z]*[0-9]*(?P<digit>[0-9])#)(?P<form>{_alternatives()})"
    )


@cache
def _form() -> re.Pattern[str]:
    return re.compile(_alternatives())


_IN_BRACKETS = re.compile(r"[ ]?[(\[（][^()\[\]（）]*[)\]）]$")


def fix_particles(text: str) -> tuple[str, int]:
    """Give the particle directly behind each numbered placeholder the form its number asks for.

    은/는, 이/가, 을/를, 과/와, 으로/로, 이랑/랑, 이나/나, 이라/라 (이라고, 이라는), 이에요/예요,
    이었/였, and 이다 after a consonant. Returns the text and how many particles were repaired.
    """
    fixed = 0

    def put_right(match: re.Match[str]) -> str:
        nonlocal fixed
        right = _form_after(match["digit"], match["form"])
        fixed += right != match["form"]
        return match["placeholder"] + right

    return _particle().sub(put_right, text), fixed


def final_consonant(character: str) -> Final:
    """What a Hangul syllable, or a digit as it is read aloud in Korean, ends in: a vowel (empty),
    ㄹ, which 으로 treats as a vowel, or another consonant.
    """
    syllable = _READ_ALOUD[int(character)] if character.isdecimal() else character
    final = (ord(syllable) - ord("가")) % 28
    return "" if not final else "ㄹ" if final == _FINAL_L else "other"


def with_particle(name: str, behind: str) -> tuple[str, int]:
    """A name with the particle that stands `behind` its place, in the form its last sound asks for,
    and how many characters the particle takes there (0: there is none).

    What stands in brackets at its end is not read. Where nobody can say how the name sounds, the
    particle stays.
    """
    found = _form().match(behind)
    if found is None:
        return name, 0
    final = final_sound(name)
    form = found.group() if final is None else _form_for(final, found.group())
    return name + form, found.end()


def final_sound(name: str) -> Final | None:
    """What a name ends in as it is said in Korean; None for a script nobody can tell it of.

    Latin names follow their spelling: l, m, n (also before a silent e) and p, t, k, ck, b behind a
    single vowel close (`Tom`, `Jane`, `Jack`), others are said with a vowel at the end (`Anna`,
    `David`, `Kate`). Capitals alone are spelt out: L, M, N and R close.
    """
    bare = _IN_BRACKETS.sub("", name).rstrip(" .·-_'’&/")
    last = bare[-1:]
    if last.isdecimal() or "가" <= last <= "힣":
        return final_consonant(last)
    if not (last.isascii() and last.isalpha()):
        return None
    word = re.split(r"[^A-Za-z]+", bare)[-1]
    if word.isupper() and len(word) <= _LONGEST_ABBREVIATION:
        return "ㄹ" if last in "LR" else "other" if last in "MN" else ""
    if _CLOSED_LATIN.search(word.casefold()):
        return "ㄹ" if word.casefold().rstrip("e").endswith("l") else "other"
    return ""


_LONGEST_ABBREVIATION = 4
_CLOSED_LATIN = re.compile(r"(?:[lmn]e?|ng|(?<![aeiou])[aeiou](?:ck|[kptb]))$")


def _form_after(sound: str, form: str) -> str:
    return _form_for(final_consonant(sound), form)


def _form_for(final: Final, form: str) -> str:
    for closed, open_, _ in _FORMS:
        if form in (closed, open_):
            return open_ if not final or (final == "ㄹ" and closed == "으로") else closed
    return "이다" if final else form
