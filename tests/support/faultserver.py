"""A stand-in for DeepL: a real HTTP server on this machine that can be told to fail, and remembers
what it was asked.

It is as strict as DeepL says it is (key, body size, number of texts, well-formed XML) and
translates character by character, so that a test knows the right answer to every text.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
import xml.etree.ElementTree
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from faulttexts import bare, translated_xml

KEY = "secret-0123-4567-89ab:fx"

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
)
"""Everything that can go wrong with one request."""


class Asked(NamedTuple):
    """A request to translate: when it came (seconds), what it said, and how it was answered."""

    moment: float
    body: dict[str, Any]
    outcome: str

    @property
    def texts(self) -> list[str]:
        return [bare(text) for text in self.body["text"]]


@dataclass
class Trouble:
    """A fault for requests that hold `text` (any, where it is empty), for as many `times`."""

    fault: str
    text: str
    times: float


@dataclass
class FaultServer:
    """Start it with `running()`. All its lists may be read while it runs."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    others: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Requests that are not translations: method, path, body."""
    glossaries: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    delay: float = 0.0
    """Seconds every right answer takes; a fault takes none."""
    drop: str = ""
    """Tags (a pattern) that get lost in translation."""
    retry_after: str = "0.2"
    page: bytes = b""
    """What stands in the body of a refusal instead of JSON, as a proxy does it."""
    in_flight: int = 0
    most_in_flight: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def fail(self, fault: str, text: str = "", times: float = 1) -> None:
        """Answer requests that hold `text` with a fault."""
        assert fault in FAULTS
        self.troubles.append(Trouble(fault, text, times))

    def stop_failing(self) -> None:
        """Fail no more."""
        self.troubles.clear()

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

    def trouble_with(self, body: dict[str, Any]) -> str | None:
        with self.lock:
            for trouble in self.troubles:
                if trouble.times > 0 and any(trouble.text in bare(text) for text in body["text"]):
                    trouble.times -= 1
                    return trouble.fault
        return None


@contextmanager
def running() -> Iterator[FaultServer]:
    """A fault server on a free port."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that has waited long enough hangs up

    http = Server(("127.0.0.1", 0), _Handler)
    server = FaultServer(f"http://127.0.0.1:{http.server_address[1]}")
    http.faults = server  # type: ignore[attr-defined]
    thread = threading.Thread(
        target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        http.shutdown()
        http.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = (
        True  # headers and body go out in two pieces; the second would wait 40 ms
    )

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        faults: FaultServer = self.server.faults  # type: ignore[attr-defined]
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        is_json = "json" in (self.headers.get("Content-Type") or "")
        body = json.loads(raw) if raw and is_json else {}
        if path == "/v2/translate" and self.command == "POST":
            with faults.lock:
                faults.in_flight += 1
                faults.most_in_flight = max(faults.most_in_flight, faults.in_flight)
            try:
                self._translate(faults, raw, body)
            finally:
                with faults.lock:
                    faults.in_flight -= 1
            return
        faults.others.append((self.command, self.path, body))
        if not self._known():
            self._send(403, {"message": "Authorization failed"})
        elif path == "/v2/languages":
            codes = {"DE": True, "EN-GB": False, "EN-US": False, "KO": False}
            self._send(
                200,
                [
                    {"language": code, "name": code, "supports_formality": can}
                    for code, can in codes.items()
                ],
            )
        elif path == "/v3/glossaries" and self.command == "GET":
            self._send(200, {"glossaries": faults.glossaries})
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
            self._send(201, made)
        else:
            self._send(404, {"message": "Not found"})

    def _known(self) -> bool:
        return self.headers.get("Authorization") == f"DeepL-Auth-Key {KEY}"

    def _translate(self, faults: FaultServer, raw: bytes, body: dict[str, Any]) -> None:
        moment = time.monotonic()
        fault = faults.trouble_with(body)
        refusal = fault or self._refusal(raw, body)
        outcome = refusal or "200"
        if fault is None:
            faults.over.wait(faults.delay)
        faults.asked.append(Asked(moment, body, outcome))
        right = [self._one(faults, text, body["target_lang"]) for text in body["text"]]
        content = json.dumps({"translations": right}).encode()
        match fault:
            case None if refusal is None:
                self._send(200, {"translations": right})
            case None:
                self._send(int(str(refusal)), {"message": "refused by the rules"})
            case "429 with Retry-After":
                self._send(
                    429, {"message": "too many requests"}, {"Retry-After": faults.retry_after}
                )
            case "time-out":
                faults.over.wait(10)
            case "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
            case "truncated JSON":
                self._send_bytes(200, content[: len(content) // 2])
            case "cut connection":
                self._send_bytes(200, content, keep=len(content) // 2)
                self.close_connection = True
            case "junk":
                self._send_bytes(200, b"<html><body>We will be back soon.</body></html>")
            case "one too few":
                self._send(200, {"translations": right[:-1]})
            case "one too many":
                self._send(200, {"translations": [*right, right[0]]})
            case "no text":
                self._send(200, {"translations": [{**answer, "text": None} for answer in right]})
            case _ if faults.page:
                self._send_bytes(int(fault), faults.page)
            case _:
                self._send(int(fault), {"message": f"fault for the key {KEY}"})

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

    def _one(self, faults: FaultServer, text: str, target: str) -> dict[str, Any]:
        answer = translated_xml(text, target)
        if faults.drop:
            answer = re.sub(faults.drop, "", answer)
        return {
            "detected_source_language": "KO",
            "text": answer,
            "billed_characters": len(bare(text)),
        }

    def _send(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        self._send_bytes(status, json.dumps(value).encode(), headers)

    def _send_bytes(
        self,
        status: int,
        content: bytes,
        headers: dict[str, str] | None = None,
        keep: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[:keep])
