"""Whether an answer holds remarks of the model's own: headings, explanations in brackets, Markdown
that the source does not have."""

from __future__ import annotations

import re

from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.scripts import HANGUL, LATIN

_HEADING = re.compile(
    r"(?:^|(?<=[.!?…)\]*])\s|[(（\[【*])[ \t>*_#-]*([^\n:：.!?()（）\[\]]{1,40})[:：]", re.M
)
_LONGEST_HEADING = 3
"""Words. `My answer is simple: no.` is a sentence."""
ABOUT_THE_TEXT = re.compile(
    r"\b(?:translat\w*|notes?|summary|explanation|comment(?:ary)?|answer|disclaimer|literal(?:ly)?"
    r"|original|n\.?b|p\.?s)\b"
    r"|참고|참조|주의|비고|역주|번역|요약|설명|해설|주석|각주|원문|의역|직역"
    r"|^(?:역자|옮긴이)? ?주$",
    re.IGNORECASE,
)
"""Words of those who speak about a text instead of giving it."""
_PHRASE = re.compile(
    r"\b(?:here is|here's) (?:the|a|your|my) (?:\w+ )?(?:translat|summar)|※"
    r"|다음은 [^.]{0,20}(?:번역|요약)",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"\*\*[^*\n]+\*\*|^[ \t]*[-*•][ \t]+(?=\S)|^#{1,6}[ \t]+(?=\S)|```", re.M)
_BRACKET = re.compile(r"[(（\[［【{〔]([^()（）\[\]［］【】{}〔〕]*)")
_WORD = re.compile(r"[^\W_]+")


def adds_notes(source: str, output: str, target: str) -> bool:
    """Whether an answer has more remarks, brackets or Markdown than its source.

    A gloss is no remark: the original of a name (`그랜트(Grant)`), an abbreviation, or what the
    text has just said.
    """
    return (
        _remarks(output) > len(headings(source)) + len(_PHRASE.findall(source))
        or len(_MARKDOWN.findall(output)) > len(_MARKDOWN.findall(source))
        or _explanations(source, output, target)
        > len(_BRACKET.findall(PLACEHOLDER.sub("", source)))
    )


def headings(text: str) -> list[str]:
    """What stands before a colon, at the start of a line or sentence, and is no sentence itself."""
    return [
        heading.strip(" *_")
        for heading in _HEADING.findall(PLACEHOLDER.sub("", text))
        if 0 < len(heading.split()) <= _LONGEST_HEADING
    ]


def _remarks(text: str) -> int:
    about_it = sum(bool(ABOUT_THE_TEXT.search(heading)) for heading in headings(text))
    return about_it + len(_PHRASE.findall(text))


def _explanations(source: str, output: str, target: str) -> int:
    text = PLACEHOLDER.sub("", output)
    return sum(
        not _is_gloss(match.group(1).strip(" :*"), text[: match.start()], source, target)
        for match in _BRACKET.finditer(text)
    )


def _is_gloss(content: str, before: str, source: str, target: str) -> bool:
    words = _WORD.findall(content.casefold())
    if not words or (content.isupper() and len(words) == 1):
        return True
    own, foreign = (HANGUL, LATIN) if target == "ko" else (LATIN, HANGUL)
    if not re.search(f"[{own}{foreign}]", content):
        return True  # numbers, and signs of a third script: 용(龍)
    known = source if re.search(f"[{foreign}]", content) else before
    return set(words) <= set(_WORD.findall(known.casefold())) or content in source
