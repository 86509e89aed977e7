"""How a text is written for DeepL, which reads XML, and how its answer is read."""

from __future__ import annotations

import html
import re

from pivot_sum.stages.text.placeholders import PLACEHOLDER

KEPT = "keep"
"""The tag around what DeepL is told to leave alone."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(turn: str) -> str:
    """A turn as XML text. Characters XML cannot hold, none of which is visible, are left out."""
    return html.escape(_NOT_XML.sub("", turn), quote=False)


def unescaped(xml: str) -> str:
    """What `escaped` was given."""
    return xml.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def tagged(text: str) -> str:
    """XML text with its placeholders inside a tag."""
    return PLACEHOLDER.sub(rf"<{KEPT}>\g<0></{KEPT}>", text)


_OWN_TAG = re.compile(r'(<x id="[0-9]+"/>)')


def untagged(answer: str) -> str:
    """An answer as XML text on one line, with no tags but the sentinels of the mask `xml`, each
    written as it was sent."""
    answer = re.sub(rf"</?{KEPT}\s*/?>", "", answer)
    answer = re.sub(r'<x\s+id="([0-9]+)"\s*(?:/>|>\s*</x>)', r'<x id="\1"/>', answer)
    pieces = [
        piece if index % 2 else html.escape(html.unescape(piece), quote=False)
        for index, piece in enumerate(_OWN_TAG.split(answer))
    ]
    return " ".join("".join(pieces).split())


def visible(xml: str) -> int:
    """The characters DeepL bills: those outside tags. A character written as an entity counts as
    long as it is written, so this never falls short.
    """
    return len(re.sub("<[^<>]*>", "", xml))


def bare(xml: str) -> str:
    """The text without tags and entities, as people read it."""
    return unescaped(re.sub("<[^<>]*>", "", xml))
