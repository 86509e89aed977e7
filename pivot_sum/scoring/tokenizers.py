"""Tokenizers for scoring: how a summary is cut into the units that ROUGE counts.

`rouge_score`'s own tokenizer keeps only `[a-z0-9]`: Korean against itself scores 0, and what it
counts are placeholders and digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Final, Protocol

from pivot_sum.errors import TokenizerMissing
from pivot_sum.scoring.mecab import MeCab, mecab_ko, python_mecab_ko

DEFAULT_TOKENIZER: Final = "mecab-ko"
ENGLISH: Final = "english"
"""`rouge_score`'s own tokenizer with its stemmer; all others are for Korean."""


class Tokenizer(Protocol):
    """What scoring needs of a tokenizer. `name` and `version` are what a signature shows."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    def tokenize(self, text: str, /) -> list[str]: ...


@dataclass(frozen=True)
class FunctionTokenizer:
    """A tokenizer made of the function of some library that cuts a text into units."""

    name: str
    version: str
    cut: Callable[[str], list[str]]

    def tokenize(self, text: str, /) -> list[str]:
        """The units of a text in order; none for an empty text."""
        return self.cut(text) if text.strip() else []


def _mecab(name: str, package: str, load: Callable[[], MeCab], wheels: str) -> Tokenizer:
    try:
        found = load()
    except ImportError as error:
        raise TokenizerMissing(
            f"The tokenizer {name} cannot be loaded ({error}). Install it with `pip install"
            f" {package}`, which has wheels for Python {wheels}, or take another: `pip install"
            " kiwipiepy`, then --tokenizer kiwi. Scores of different tokenizers cannot be compared"
        ) from error
    return FunctionTokenizer(name, found.release, _even(found.morphs))


def _kiwi() -> Tokenizer:
    try:
        from kiwipiepy import Kiwi
    except ImportError as error:
        raise TokenizerMissing(
            f"The tokenizer kiwi cannot be loaded ({error}). Install it with `pip install"
            " kiwipiepy`, or choose another: --tokenizer mecab-ko, the default, or syllable and"
            " eojeol, which need nothing. Scores of different tokenizers cannot be compared"
        ) from error
    kiwi = Kiwi(num_workers=1)
    release = f"{version('kiwipiepy')}-model-{version('kiwipiepy_model')}"
    return FunctionTokenizer(
        "kiwi", release, _even(lambda text: [token.form for token in kiwi.tokenize(text)])
    )


def _konlpy(name: str) -> Tokenizer:
    try:
        import jpype
        import konlpy.tag
    except ImportError as error:
        raise TokenizerMissing(
            f"The tokenizer {name} cannot be loaded ({error}). Install it with `pip install konlpy`"
            " and a Java runtime, or choose one that needs no Java: --tokenizer mecab-ko or"
            " --tokenizer kiwi"
        ) from error
    if not jpype.isJVMStarted():
        try:  # konlpy's own failure does not say what to do
            jpype.getDefaultJVMPath()
        except (jpype.JVMNotFoundException, jpype.JVMNotSupportedException) as error:
            raise TokenizerMissing(
                f"The tokenizer {name} runs on Java, and there is none that can be used here."
                " Install one (on Debian and Ubuntu `apt-get install default-jre-headless`) or let"
                " JAVA_HOME name it, or choose a tokenizer that needs no Java: --tokenizer"
                " mecab-ko or --tokenizer kiwi"
            ) from error
    tagger = getattr(
        konlpy.tag, name.capitalize()
    )()  # all of them share the one Java machine that konlpy starts

    def cut(text: str) -> list[str]:
        pieces = _BEYOND_JAVA.split(_LONG_WORD.sub(r"\g<0> ", text))
        return [
            unit
            for piece in pieces
            if piece.strip()
            for unit in ([piece] if _BEYOND_JAVA.match(piece) else tagger.morphs(piece))
        ]

    return FunctionTokenizer(name, f"konlpy-{version('konlpy')}", _even(cut))


_BEYOND_JAVA: Final = re.compile("([\U00010000-\U0010ffff])")
"""Characters of two units in Java, such as emoji, come back as half characters that cannot be
read.
"""

_LONG_WORD: Final = re.compile("[가-힣]{10}(?=[가-힣])")
"""Kkma and Okt take minutes for `네네네네…` of a model in a loop. No word in the 499 dialogues and
summaries of the DialogSum dev split is longer than 9 syllables."""


def _english() -> Tokenizer:
    from rouge_score.tokenizers import DefaultTokenizer

    return FunctionTokenizer(
        "english",
        f"rouge-score-{version('rouge-score')}-stem",
        DefaultTokenizer(use_stemmer=True).tokenize,
    )


def _even(cut: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """The same text for every tokenizer: one space between words, and syllables composed, which a
    Mac may store as letters.

    A NUL ends the text for mecab.
    """
    return lambda text: cut(" ".join(unicodedata.normalize("NFC", text).replace("\0", " ").split()))


_LOADERS: Final[dict[str, Callable[[], Tokenizer]]] = {
    DEFAULT_TOKENIZER: partial(_mecab, DEFAULT_TOKENIZER, "mecab-ko", mecab_ko, "3.9 to 3.14"),
    "mecab": partial(_mecab, "mecab", "python-mecab-ko", python_mecab_ko, "3.7 to 3.12"),
    "kiwi": _kiwi,
    "okt": partial(_konlpy, "okt"),
    "komoran": partial(_konlpy, "komoran"),
    "hannanum": partial(_konlpy, "hannanum"),
    "kkma": partial(_konlpy, "kkma"),
    "syllable": lambda: FunctionTokenizer(
        "syllable", "1", _even(lambda text: list(text.replace(" ", "")))
    ),
    "eojeol": lambda: FunctionTokenizer("eojeol", "1", _even(str.split)),
    ENGLISH: _english,
}

TOKENIZERS: Final = tuple(_LOADERS)
"""Every name `load_tokenizer` knows, the default first. The last is for English; the one before
cuts at whitespace alone."""


def load_tokenizer(name: str = DEFAULT_TOKENIZER) -> Tokenizer:
    """The tokenizer of that name, ready to use. It is never another one than was asked for.

    Raises TokenizerMissing, saying what to install or choose instead, where its library or Java is
    missing.
    """
    if name not in _LOADERS:
        raise TokenizerMissing(
            f"There is no tokenizer {name!r}. Choose one of {', '.join(TOKENIZERS)}"
        )
    return _LOADERS[name]()
