"""A stand-in for DeepL: a real HTTP server on this machine that can be told to fail, and remembers
what it was asked.

It is as strict as DeepL says it is (key, body size, number of texts, well-formed XML) and
translates character by character, so that a test knows the right answer to every text.
"""

from __future__ import annotations

import json
import re
import time
import xml.etree.ElementTree
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faulthttp import FaultHandler, Faults, listening
from faulttexts import bare, translated_xml

KEY = "secret-0123-4567-89ab:fx"
TRANSLATE = "/v2/translate"

STATUSES = (400, 403, 404, 413, 414, 429, 456, 500, 503, 504, 529)
FAULTS = (
    *(str(status) for status in STATUSES),
    "429 with Retry-After",
    "time-out",
    "reset",
    "truncated JSON",
    "cut connection",
    "junk",
    "one too few",
    "one too many",
    "no text",
    "half a character",
)
"""What can go wrong with one request."""


class Asked(NamedTuple):
    """A request to translate: when it came (seconds), what it said, and how it was answered."""

    moment: float
    body: dict[str, Any]
    outcome: str

    @property
    def texts(self) -> list[str]:
        return [bare(text) for text in self.body["text"]]


@dataclass
class FaultServer(Faults):
    """Start it with `running()`."""

    asked: list[Asked] = field(default_factory=list)
    others: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Requests that are not translations: method, path, body."""
    glossaries: list[dict[str, Any]] = field(default_factory=list)
    drop: str = ""
    """Tags (a pattern) that get lost in translation."""
    bills_tags: bool = False
    billed_as: Callable[[int], Any] = int
    """What it says of so many characters."""

    @property
    def answered(self) -> Counter[str]:
        """How often each text was answered as it should be."""
        return Counter(
            text for asked in self.asked if asked.outcome == "200" for text in asked.texts
        )

    @property
    def billed(self) -> int:
        """Characters of every good answer."""
        return sum(len(text) * times for text, times in self.answered.items())

    def known_faults(self) -> tuple[str, ...]:
        return (*FAULTS, "drip")

    def main_path(self) -> str:
        return TRANSLATE


def running() -> AbstractContextManager[FaultServer]:
    """A fault server on a free port."""
    return listening(_Handler, FaultServer)


class _Handler(FaultHandler):
    faults: FaultServer

    def serve(self, path: str, raw: bytes, body: dict[str, Any]) -> None:
        faults = self.faults
        if path == TRANSLATE and self.command == "POST":
            with faults.counted():
                self._translate(raw, body)
            return
        faults.others.append((self.command, self.path, body))
        if not self._known():
            self.send(403, {"message": "Authorization failed"})
        elif path == "/v2/languages":
            codes = {"DE": True, "EN-GB": False, "EN-US": False, "KO": False}
            self.send(
                200,
                [
                    {"language": code, "name": code, "supports_formality": can}
                    for code, can in codes.items()
                ],
            )
        elif path == "/v3/glossaries" and self.command == "GET":
            self.send(200, {"glossaries": faults.glossaries})
        elif path == "/v3/glossaries":
            made = {
                "glossary_id": f"glossary-{len(faults.glossaries)}",
                "name": body["name"],
                "creation_time": "2026-11-21T10:00:00.000000Z",
                "dictionaries": [
                    {
                        "source_lang": entry["source_lang"],
                        "target_lang": entry["target_lang"],
                        "entry_count": len(entry["entries"].splitlines()),
                    }
                    for entry in body["dictionaries"]
                ],
            }
            faults.glossaries.append(made)
            self.send(201, made)
        else:
            self.send(404, {"message": "Not found"})

    def _known(self) -> bool:
        return self.headers.get("Authorization") == f"DeepL-Auth-Key {KEY}"

    def error(self, status: int) -> Any:
        return {"message": f"fault for the key {KEY}"}

    def _translate(self, raw: bytes, body: dict[str, Any]) -> None:
        faults = self.faults
        moment = time.monotonic()
        # A fault may wait for words or for a tag.
        fault = faults.trouble_with(TRANSLATE, [*map(bare, body["text"]), *body["text"]])
        refusal = fault or self._refusal(raw, body)
        outcome = refusal or "200"
        if fault is None:
            faults.over.wait(faults.delay)
        faults.asked.append(Asked(moment, body, outcome))
        right = [self._one(text, body["target_lang"]) for text in body["text"]]
        match fault:
            case None if refusal is None:
                self.send(200, {"translations": right})
            case None:
                self.send(int(str(refusal)), {"message": "refused by the rules"})
            case "one too few":
                self.send(200, {"translations": right[:-1]})
            case "one too many":
                self.send(200, {"translations": [*right, right[0]]})
            case "no text":
                self.send(200, {"translations": [{**answer, "text": None} for answer in right]})
            case "half a character":
                self.send(200, {"translations": [{**answer, "text": "\ud83d"} for answer in right]})
            case _:
                self.play(fault, json.dumps({"translations": right}).encode())

    def _refusal(self, raw: bytes, body: dict[str, Any]) -> str | None:
        """What DeepL would refuse."""
        if not self._known():
            return "403"
        if len(raw) > 128 * 1024:
            return "413"
        texts = body.get("text")
        if not isinstance(texts, list) or len(texts) > 50 or not body.get("show_billed_characters"):
            return "400"
        try:
            for text in texts:
                xml.etree.ElementTree.fromstring(f"<all>{text}</all>")
        except xml.etree.ElementTree.ParseError:
            return "400"
        return None

    def _one(self, text: str, target: str) -> dict[str, Any]:
        answer = translated_xml(text, target)
        if self.faults.drop:
            answer = re.sub(self.faults.drop, "", answer)
        return {
            "detected_source_language": "KO",
            "text": answer,
            "billed_characters": self.faults.billed_as(
                len(text if self.faults.bills_tags else bare(text))
            ),
        }
