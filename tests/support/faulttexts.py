"""The right translation of every text a fault server is sent: letter by letter."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, unescape

from pivot_sum.stages.text.placeholders import PLACEHOLDER


def bare(xml: str) -> str:
    """XML text without tags and entities."""
    return unescape(re.sub("<[^<>]*>", "", xml))


def translated(text: str, target: str) -> str:
    """The right translation of a text without tags: other letters, the rest as it is."""

    def letter(character: str) -> str:
        if not character.isalpha():
            return character
        code = ord(character)
        return (
            chr(0xAC00 + code % 11172)
            if target == "KO"
            else chr((65 if character.isupper() else 97) + code % 26)
        )

    return "".join(map(letter, text))


def right(text: str, target: str = "EN") -> str:
    """The answer the fault server gives to a text, with its placeholders."""
    pieces = re.split(f"({PLACEHOLDER.pattern})", text)
    return "".join(
        piece if index % 2 else translated(piece, target) for index, piece in enumerate(pieces)
    )


def translated_xml(xml: str, target: str) -> str:
    """The right translation of XML text. What stands inside <keep> stays."""
    pieces = re.split("(<keep>[^<]*</keep>|<[^<>]*>)", xml)
    return "".join(
        piece if index % 2 else escape(translated(unescape(piece), target))
        for index, piece in enumerate(pieces)
    )
