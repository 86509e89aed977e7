"""Whether an answer holds remarks of the model's own: headings, explanations in brackets, Markdown
that the source does not have."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pivot_sum.stages.guards.repetition import WORD
from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.remarks import ABOUT_THE_TEXT, headings
from pivot_sum.stages.text.scripts import HANGUL, LATIN

_PHRASE = re.compile(
    r"\b(?:here is|here's) (?:the|a|your|my) (?:\w+ )?(?:translat|summar)|※"
    r"|다음은 [^.]{0,20}(?:번역|요약)",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"\*\*[^*\n]+\*\*|^[ \t]*[-*•][ \t]+(?=\S)|^#{1,6}[ \t]+(?=\S)|```", re.M)
_BRACKET = re.compile(r"[(（\[［【{〔]([^()（）\[\]［］【】{}〔〕]*)")


def adds_notes(source: str, output: str, target: str) -> bool:
    """Whether an answer has more remarks, brackets or Markdown than its source.

    A gloss is no remark: the original of a name (`그랜트(Grant)`), an abbreviation, or what the
    text has just said.
    """
    return (
        _remarks(output) > len(headings(source)) + len(_PHRASE.findall(source))
        or len(_MARKDOWN.findall(output)) > len(_MARKDOWN.findall(source))
        or _more_explained(source, output, target)
    )


def _remarks(text: str) -> int:
    about_it = sum(bool(ABOUT_THE_TEXT.search(heading)) for heading in headings(text))
    return about_it + len(_PHRASE.findall(text))


def _more_explained(source: str, output: str, target: str) -> bool:
    """Whether an answer has more explanations in brackets than its source has brackets."""
    text = PLACEHOLDER.sub("", output)
    brackets = list(_BRACKET.finditer(text))
    allowed = len(_BRACKET.findall(PLACEHOLDER.sub("", source)))
    if len(brackets) <= allowed:
        return False
    said = _first_places(text)
    in_source = frozenset(_first_places(source))
    explanations = sum(
        not (
            _is_gloss(
                content := match.group(1).strip(" :*"), said, match.start(), in_source, target
            )
            or content in source
        )
        for match in brackets
    )
    return explanations > allowed


def _first_places(text: str) -> dict[str, int]:
    """Where each word of a text stands first."""
    places: dict[str, int] = {}
    for match in WORD.finditer(text):
        for word in WORD.findall(match.group().casefold()):
            places.setdefault(word, match.start())
    return places


def _is_gloss(
    content: str, said: Mapping[str, int], start: int, in_source: frozenset[str], target: str
) -> bool:
    """Whether the words of a bracket at `start` explain nothing that is not `said` before or in the
    source."""
    words = WORD.findall(content.casefold())
    if not words or (content.isupper() and len(words) == 1):
        return True
    own, foreign = (HANGUL, LATIN) if target == "ko" else (LATIN, HANGUL)
    if not re.search(f"[{own}{foreign}]", content):
        return True  # numbers, and signs of a third script: 용(龍)
    if re.search(f"[{foreign}]", content):
        return in_source.issuperset(words)
    return all(said[word] < start for word in words)
