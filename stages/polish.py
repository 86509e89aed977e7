"""The stage `polish`: the last touch on Korean summaries that came out of a translator.

It changes the form, never the words: a Korean reference has no space between a placeholder and its
particle (not once in the dev split), and the particle follows the number read aloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from pivot_sum.stages.base import Annotating, Answer, OneLanguage, PlaceholderPolicy, Task, option
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.seen import Seen, Sees
from pivot_sum.stages.text.names import names_of, with_names
from pivot_sum.stages.text.particles import fix_particles
from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.repairs import Rule, repaired, replacing

_PARTICLE = (
    "은|는|이|가|을|를|과|와|의|도|에|에게|에게서|에서|한테|한테서|께|께서|으로|로|부터|까지|이랑|랑|처럼|"
    "이라고|라고|이라는|라는|이에요|예요|입니다|이다"
)
"""What is a particle even behind a space. 만, 보다, 나 and 다 may be words of their own there and
stay."""

_SPACES = r"[ \t\u00a0\u3000]"

_RULES: tuple[Rule, ...] = (
    replacing("line breaks", r"(?<!\s)\s*[\r\n\u2028\u2029]\s*", " "),
    replacing("doubled spaces", rf"{_SPACES}{{2,}}", " "),
    replacing("spaces before punctuation", rf"(?<=\S){_SPACES}+(?=[,.!?…](?![A-Za-z0-9]))", ""),
    replacing("missing spaces after a sentence", r"(?<=[가-힣#][.!?])(?=[가-힣#])", " "),
    replacing(
        "spaces before a particle",
        rf"({PLACEHOLDER.pattern}){_SPACES}+(?=(?:{_PARTICLE})(?![가-힣]))",
        r"\1",
    ),
    ("particles", fix_particles),
    replacing("spaces at the ends", r"\A\s+|(?<!\s)\s+\Z", ""),
)


@dataclass(frozen=True, kw_only=True)
class Polish(OneLanguage, Annotating, CheckedFields):
    """Repairs what a translator leaves behind in Korean: particles, spaces, line breaks. Every
    repair is counted."""

    name: ClassVar[str] = "polish"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "polish"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    language: Literal["ko", "en"] = option("ko", "language of the texts")
    speakers: Literal["placeholder", "name"] = option(
        "placeholder",
        "how the speakers are written in the end that `clean` found by name: #PersonN#, or by their"
        " name again",
        identity="unless-default",
    )
    batch_size: Annotated[int, Ge(1)] = option(256, "texts handed over at once", identity=False)

    @property
    def sees(self) -> Sees:
        """The names stand in the dialogue alone."""
        return "source" if self.speakers == "name" else "text"

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The repaired texts, each with what was repaired."""
        if self.sees == "source":
            return [self._named(Seen.unpacked(text)) for text in texts]
        return [_polished(text) for text in texts]

    def _named(self, seen: Seen) -> Answer:
        polished = _polished(seen.text)
        [tidied] = Clean(language=self.language)([seen.dialogue])
        text, named = with_names(polished.text, names_of(tidied, seen.cleaned))
        if not named:
            return polished
        repairs = {**polished.note.get("repairs", {}), "names put back": sum(named.values())}
        return Answer(text, {"repairs": repairs, "named": named})


def _polished(text: str) -> Answer:
    text, counts = repaired(text, _RULES)
    return Answer(text, {"repairs": counts} if counts else {})
