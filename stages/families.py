"""How each family of translation models names its languages: `ko` and `en` for the user, the family's own code inside.

A new family is one entry here, as long as it forces the target language by the first token it generates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stages.errors import WrongCheckpoint


@dataclass(frozen=True)
class Family:
    """A family of multilingual translators: architecture (`model_type` of config.json) and language codes."""

    name: str
    model_type: str
    codes: Mapping[str, str]


FAMILIES = (Family("NLLB-200", "m2m_100", {"ko": "kor_Hang", "en": "eng_Latn"}),)


def family_of(model_type: str, tokenizer: Any, languages: tuple[str, str]) -> Family:
    """The family a loaded checkpoint belongs to, with both languages known to its tokenizer as real tokens.

    The check is on ids, not on spellings: an NLLB folder without its language list shows `kor_Hang` among its tokens and
    still maps it to `<unk>`, and the model then answers in any language it likes. Raises `WrongCheckpoint`.
    """
    candidates = [family for family in FAMILIES if family.model_type == model_type]
    for family in candidates:
        codes = [family.codes[language] for language in languages if language in family.codes]
        ids = [tokenizer.convert_tokens_to_ids(code) for code in codes]
        if len(codes) == len(languages) and all(id_ is not None and id_ != tokenizer.unk_token_id for id_ in ids):
            return family
    known = ", ".join(f"{family.name} ({family.model_type})" for family in FAMILIES)
    if not candidates:
        raise WrongCheckpoint(f"architecture {model_type!r} is not one this stage can translate with; it knows: {known}")
    wanted = ", ".join(family.codes.get(language, language) for family in candidates for language in languages)
    raise WrongCheckpoint(
        f"the tokenizer does not know the languages {wanted} (they map to <unk>), so the target language could not be "
        "forced; use the model's own tokenizer.json"
    )
