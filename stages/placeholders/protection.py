"""What a translator is not to change: it is written as placeholders of its own, which go through
the ladder as those of the data do, and written back behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import count as count_up
from typing import NamedTuple

from pivot_sum.stages.guards.tokens import Kind, tokens
from pivot_sum.stages.text.glossary import Terms
from pivot_sum.stages.text.particles import with_particle
from pivot_sum.stages.text.placeholders import PLACEHOLDER, count, find


class Span(NamedTuple):
    """A piece of a text that is not translated: where it stands, the word its placeholder is made
    of, and what is written for it in the translation."""

    start: int
    end: int
    word: str
    meaning: str


class Hidden(NamedTuple):
    """A text with placeholders in place of what is not translated."""

    text: str
    meanings: Mapping[str, str]
    """What is written for each of these placeholders in the translation."""
    target: str

    def back(self, output: str) -> str:
        """A translation of the text with its own words back. In Korean the particle behind one gets
        the form the word asks for, where it is certain how the word sounds."""
        if not self.meanings:
            return output
        pieces, end = [], 0
        for found in PLACEHOLDER.finditer(output):
            if meaning := self.meanings.get(found.group()):
                behind = output[found.end() :] if self.target == "ko" else ""
                named, length = with_particle(meaning, behind)
                pieces += [output[end : found.start()], named]
                end = found.end() + length
        return "".join([*pieces, output[end:]])

    def lost(self, output: str) -> bool:
        """Whether a translation of the text as it was holds one of these words less often."""
        times: Counter[str] = Counter()
        for placeholder in find(self.text):
            if meaning := self.meanings.get(placeholder):
                times[meaning] += 1
        for meaning in sorted(times, key=len, reverse=True):
            if output.count(meaning) < times[meaning]:
                return True
            output = output.replace(meaning, " ")
        return False


class Protection:
    """What is not translated: tokens of some kinds as they are, terms as the glossary has them."""

    def __init__(
        self, kinds: Collection[Kind], target: str, terms: Mapping[str, str] | None = None
    ) -> None:
        self._kinds = frozenset(kinds)
        self._terms = Terms(terms or {})
        self._target = target

    def hide(self, text: str) -> Hidden:
        """Write a text's tokens and terms as placeholders that it does not have, the same for the
        same. Where two overlap the longer is hidden."""
        spans = _apart([*self._tokens(text), *self._found_terms(text)])
        placeholders = _named(spans, text)
        written = [placeholders[span.word, span.meaning] for span in spans]
        hidden = _written(text, spans, written)
        if count(hidden) != count(text) + Counter(written):
            # A `#` beside a span was read as one of its own: `#A` in front of `#Url1#`.
            hidden = _written(text, spans, [f" {placeholder} " for placeholder in written])
        meanings = {placeholder: meaning for (_, meaning), placeholder in placeholders.items()}
        return Hidden(hidden, meanings, self._target)

    def _tokens(self, text: str) -> Iterator[Span]:
        if self._kinds:
            for start, end, kind in tokens(text):
                if kind in self._kinds:
                    yield Span(start, end, kind.capitalize(), text[start:end])

    def _found_terms(self, text: str) -> Iterator[Span]:
        taken = bytearray(len(text))
        for match in PLACEHOLDER.finditer(text):
            taken[match.start() : match.end()] = b"\1" * len(match.group())
        for start, end, meaning in self._terms.found_in(text):
            if not any(taken[start:end]):
                yield Span(start, end, "Term", meaning)


def _apart(spans: list[Span]) -> list[Span]:
    """The spans in order, of those that overlap the longest."""
    kept: list[Span] = []
    taken = bytearray(max((span.end for span in spans), default=0))
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if not any(taken[span.start : span.end]):
            kept.append(span)
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
    return sorted(kept)


def _named(spans: list[Span], text: str) -> dict[tuple[str, str], str]:
    """A placeholder for each word and meaning, with numbers that stand behind the word nowhere in
    the text."""
    folded = text.casefold()
    found: dict[tuple[str, str], str] = {}
    numbers: dict[str, Iterator[int]] = {}
    for span in spans:
        if (span.word, span.meaning) not in found:
            free = numbers.setdefault(span.word, count_up(1))
            number = next(n for n in free if f"{span.word}{n}".casefold() not in folded)
            found[span.word, span.meaning] = f"#{span.word}{number}#"
    return found


def _written(text: str, spans: list[Span], written: list[str]) -> str:
    pieces, end = [], 0
    for span, placeholder in zip(spans, written, strict=True):
        pieces += [text[end : span.start], placeholder]
        end = span.end
    return "".join([*pieces, text[end:]])
