"""The one table of architectures: what is special about each, and which translators and summarisers
are of it. A new family of models is one entry here; no other file asks which architecture a model
has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.summarisers import MBart50Summariser, Summariser
from pivot_sum.stages.models.translators import (
    Family,
    ForcedToken,
    Loaded,
    MBart50,
    OnePair,
    Prompt,
    TargetPrefix,
)


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """What is special about an architecture. The defaults are right for an encoder-decoder that
    transformers can load and about which nothing is special; it runs on the transformers engine.
    """

    translators: tuple[Family, ...] = ()
    summariser: Summariser | None = None

    ctranslate2: bool = False
    """Whether CTranslate2 can run it."""

    own_decoding: bool = False
    """Whether it can be decoded by `pivot_sum.stages.engines.decoding`, which is faster than plain
    `generate`: true of those on which the tests hold the two against each other."""

    converter_config: Callable[[Any], Mapping[str, Any]] = lambda config: {}
    """What CTranslate2's converter looks for in a config (which is given) and transformers 5 does
    not write there, or writes in another sense."""

    normalized: Callable[[Any, str], str] | None = None
    """What is done to a text before the tokenizer (which is given) reads it, as was done to the
    training data."""

    unmarked_tokens: Callable[[Any, Any], Iterable[int]] = lambda tokenizer, config: ()
    """Further tokens that are no text, which the tokenizer does not list at all."""

    languages: str = r"(?!)"
    """A pattern for its language tokens, as they are written."""

    reserved: str = r"(?!)"
    """A pattern for tokens that published tokenizers hold in reserve, or had for training only."""

    float16: bool = True
    """Whether it can be computed in float16; else `dtype: auto` is float32 where there is no
    bfloat16."""

    padding_only_starts: bool = False
    """Whether the padding token is nothing but the decoder's start, a row of zeros behind the
    vocabulary: an answer must not hold it, where it would otherwise win, and CTranslate2 leaves it
    out."""

    def is_language(self, token: str) -> bool:
        """Whether a token names a language."""
        return re.fullmatch(self.languages, token) is not None

    def is_reserved(self, token: str) -> bool:
        """Whether a token is one that no text holds."""
        return re.fullmatch(self.reserved, token) is not None


def _layout(before: bool, embedding: bool) -> Callable[[Any], Mapping[str, Any]]:
    """Where an architecture normalises: before each block (not after it), and right after the
    embeddings."""
    return lambda config: {"normalize_before": before, "normalize_embedding": embedding}


def _scaled_output(config: Any) -> Mapping[str, Any]:
    """The converter takes tied embeddings for a sign that the output is scaled; transformers 5
    calls all of them tied."""
    return {"tie_word_embeddings": getattr(config, "scale_decoder_outputs", False)}


def _language_tokens(tokenizer: Any, config: Any) -> Iterable[int]:
    """The language tokens and the padding words behind the vocabulary of M2M-100, which decoding
    would leave in the text as `__en__` or `<unk>`. NLLB's tokenizer lists its own."""
    of_m2m100 = hasattr(tokenizer, "id_to_lang_token")
    return range(tokenizer.vocab_size, config.vocab_size) if of_m2m100 else ()


def _moses_punctuation(tokenizer: Any, text: str) -> str:
    """Marian's training data went through Moses' punctuation rules; its tokenizer offers them, but
    does not apply them."""
    return str(tokenizer.normalize(text))


_SENTINELS = r"▁?<extra_id_\d+>"

_NLLB_CODES = {"ko": "kor_Hang", "en": "eng_Latn"}
_MBART_CODES = {"ko": "ko_KR", "en": "en_XX"}

MBART = MBart50("mBART-50", "facebook/mbart-large-50-many-to-many-mmt", _MBART_CODES, _MBART_CODES)
MADLAD = TargetPrefix("MADLAD-400", "google/madlad400-3b-mt", {"ko": "<2ko>", "en": "<2en>"})

ARCHITECTURES: dict[str, Architecture] = {
    "m2m_100": Architecture(
        translators=(
            ForcedToken("NLLB-200", "facebook/nllb-200-distilled-600M", _NLLB_CODES, _NLLB_CODES),
            ForcedToken(
                "M2M-100",
                "facebook/m2m100_418M",
                {"ko": "__ko__", "en": "__en__"},
                {"ko": "ko", "en": "en"},
            ),
        ),
        ctranslate2=True,
        own_decoding=True,
        unmarked_tokens=_language_tokens,
        languages=r"[a-z]{3}_[A-Z][a-z]{3}|__[a-z]{2,3}__",
    ),
    "mbart": Architecture(
        translators=(MBART,),
        summariser=MBart50Summariser(name="mBART-50", family=MBART),
        ctranslate2=True,
        own_decoding=True,
        converter_config=_layout(before=True, embedding=True),
        languages=r"[a-z]{2,3}_[A-Z]{2}",
    ),
    "marian": Architecture(
        translators=(
            OnePair(
                "OPUS-MT (Marian)",
                "Helsinki-NLP/opus-mt-ko-en (ko to en) or Helsinki-NLP/opus-mt-tc-big-en-ko (en to"
                " ko)",
                {},
                {"ko": ("ko", "kor"), "en": ("en", "eng")},
            ),
        ),
        ctranslate2=True,
        own_decoding=True,
        normalized=_moses_punctuation,
        padding_only_starts=True,
    ),
    "bart": Architecture(
        summariser=Summariser("BART"),
        ctranslate2=True,
        own_decoding=True,
        converter_config=_layout(before=False, embedding=True),
        reserved=r"<(usr|sys|/?d|unused\d+)>",  # KoBART's
    ),
    "t5": Architecture(
        translators=(MADLAD,),
        summariser=Summariser("T5", unless=MADLAD),
        ctranslate2=True,
        own_decoding=True,
        converter_config=_scaled_output,
        languages=r"<2[\w-]+>",
        reserved=_SENTINELS,
        float16=False,
    ),
    "mt5": Architecture(
        summariser=Summariser("mT5"),
        ctranslate2=True,
        own_decoding=True,
        converter_config=_scaled_output,
        reserved=_SENTINELS,
        float16=False,
    ),
    "pegasus": Architecture(
        summariser=Summariser("Pegasus"),
        ctranslate2=True,
        own_decoding=True,
        converter_config=_layout(before=True, embedding=False),
        reserved=r"<(mask|unk)_\d+>",
        float16=False,
    ),
}
"""By `model_type`, as config.json names the architecture."""

_UNKNOWN = Architecture()


def architecture(model_type: str | None) -> Architecture:
    """What is known of an architecture: of one that is not in the table, nothing."""
    return ARCHITECTURES.get(model_type or "", _UNKNOWN)


def translators() -> list[Family]:
    """Every family of translators."""
    return [family for entry in ARCHITECTURES.values() for family in entry.translators]


def summarisers() -> list[Summariser]:
    """Every kind of summarisers."""
    return [entry.summariser for entry in ARCHITECTURES.values() if entry.summariser]


def translation_prompt(engine: Loaded, model: str, source: str, target: str) -> Prompt:
    """How to ask a loaded checkpoint for a translation; its tokenizer is set to the source
    language.

    `model` is the name the user gave it, for the message. Raises `WrongCheckpoint` where it is no
    translator, or not one for this direction, and says which checkpoint would be right.
    """
    families = architecture(engine.model_type).translators
    if not families:
        raise WrongCheckpoint(
            f"{model} is of the architecture {engine.model_type!r}, which this stage cannot"
            " translate with; it knows "
            + "; ".join(f"{family.name}: {family.example}" for family in translators())
        )
    for family in families:
        if all(
            family.knows(engine.tokenizer, language) for language in family.needed(source, target)
        ):
            objection = family.objection(engine, model, source, target)
            if objection:
                raise WrongCheckpoint(
                    f"{model} is of the family {family.name}, but {objection}. Right would be"
                    f" {family.example}, or another family (`pivot-sum models`)"
                )
            return family.prepare(engine, source, target)
    wanted = " or ".join(
        f"{', '.join(family.tokens[language] for language in family.needed(source, target))}"
        f" ({family.name})"
        for family in families
    )
    raise WrongCheckpoint(
        f"the tokenizer of {model} does not know the languages this step needs, {wanted}: they map"
        " to <unk>, and the model would answer in any language. Use the model's own tokenizer"
        f" files, or a translator such as {families[0].example}"
    )


def summary_prompt(engine: Loaded, model: str, language: str, prefix: str) -> Prompt:
    """How to ask a loaded checkpoint for a summary in `language`, with the task's `prefix` in front
    of the dialogue.

    Raises `WrongCheckpoint` where it is a translator, or of an architecture that does not
    summarise.
    """
    summariser = architecture(engine.model_type).summariser
    if summariser is None or summariser.is_translator(engine):
        raise WrongCheckpoint(
            f"{model} ({engine.model_type}) is no summariser; this stage knows"
            f" {', '.join(known.name for known in summarisers())}, for instance"
            " philschmid/bart-large-cnn-samsum (en) or gogamza/kobart-summarization (ko)"
        )
    return summariser.prepare(engine, model, language, prefix)
