"""What the stand-ins for services share: a real HTTP server on this machine that can be told to
fail, with the faults that are the same whatever the service says."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import urlsplit

WIRE_FAULTS = ("time-out", "reset", "truncated JSON", "cut connection", "junk", "drip")
"""No answer, half an answer, a page for browsers with status 200, an answer byte by byte."""
WAITS = {
    "429 with Retry-After": "Retry-After",
    "429 with Retry-After-Ms": "Retry-After-Ms",
}
"""Refusals that say how long to wait, and in which header."""
JUNK = b"<html><body>We will be back soon.</body></html>"

Service = TypeVar("Service", bound="Faults")


@dataclass
class Trouble:
    """A fault for requests to a path that begins with `path` and hold `text` (any, where it is
    empty): `after` of them pass, then it strikes as many `times`."""

    fault: str
    text: str
    times: float
    after: int
    path: str


@dataclass
class Faults(ABC):
    """What is set and counted whatever the service. All of it may be read and changed while the
    server runs."""

    url: str
    troubles: list[Trouble] = field(default_factory=list)
    delay: float = 0.0
    """Seconds every right answer takes; a fault takes none."""
    drip: float = 0.02
    """Seconds between two bytes of a dripping answer."""
    drips_headers: bool = False
    """Whether a dripping answer drips from its first byte on, or its body alone."""
    retry_after: str = "0.2"
    """The value of Retry-After (seconds or a date) or Retry-After-Ms."""
    page: bytes = b""
    """What stands in the body of a refusal instead of JSON, as a proxy does it."""
    in_flight: int = 0
    most_in_flight: int = 0
    crashes: list[BaseException] = field(default_factory=list)
    """Errors of this server itself, or of the test's part of it; raised when it stops."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def fail(
        self, fault: str, text: str = "", times: float = 1, *, after: int = 0, path: str = ""
    ) -> None:
        """Answer requests with a fault: see `Trouble`."""
        assert fault in self.known_faults(), fault
        self.troubles.append(Trouble(fault, text, times, after, path or self.main_path()))

    def stop_failing(self) -> None:
        """Fail no more."""
        self.troubles.clear()

    def trouble_with(self, path: str, texts: Sequence[str] = ("",)) -> str | None:
        """The fault this request meets; it is used up by that."""
        with self.lock:
            for trouble in self.troubles:
                strikes = path.startswith(trouble.path) and any(
                    trouble.text in text for text in texts
                )
                if strikes and trouble.after > 0:
                    trouble.after -= 1
                elif strikes and trouble.times > 0:
                    trouble.times -= 1
                    return trouble.fault
        return None

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a request as in flight."""
        with self.lock:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            yield
        finally:
            with self.lock:
                self.in_flight -= 1

    @abstractmethod
    def known_faults(self) -> tuple[str, ...]:
        """Everything that can go wrong with one request to this service."""

    @abstractmethod
    def main_path(self) -> str:
        """The path of the requests that cost money."""


class FaultHandler(BaseHTTPRequestHandler, ABC):
    """One request. A service says in `serve` what is right, and in `error` how it refuses."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = (
        True  # headers and body go out in two pieces; the second would wait 40 ms
    )

    @abstractmethod
    def serve(self, path: str, raw: bytes, body: dict[str, Any]) -> None:
        """Answer a request."""

    @abstractmethod
    def error(self, status: int) -> Any:
        """The body of an answer with this status, as the service writes it."""

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_json = "json" in (self.headers.get("Content-Type") or "")
        self.serve(urlsplit(self.path).path, raw, json.loads(raw) if raw and is_json else {})

    do_POST = do_DELETE = do_GET

    @property
    def faults(self) -> Faults:
        faults: Faults = self.server.faults  # type: ignore[attr-defined]
        return faults

    def play(self, fault: str, content: bytes) -> None:
        """Fail in a way that any service may; `content` is what would be right."""
        match fault:
            case "time-out":
                self.faults.over.wait(10)
                self.close_connection = True
            case "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
            case "truncated JSON":
                self.send_bytes(200, content[: len(content) // 2])
            case "cut connection":
                self.send_bytes(200, content, keep=len(content) // 2)
                self.close_connection = True
            case "junk":
                self.send_bytes(200, JUNK)
            case "drip":
                if self.faults.drips_headers:
                    content = _headers(len(content)) + content
                else:
                    self.send_bytes(200, content, keep=0)
                for place in range(len(content)):
                    self.wfile.write(content[place : place + 1])
                    if self.faults.over.wait(self.faults.drip):
                        break
            case _:
                status = int(fault[:3])
                said = {WAITS[fault]: self.faults.retry_after} if fault in WAITS else {}
                if self.faults.page:
                    self.send_bytes(status, self.faults.page, said)
                else:
                    self.send(status, self.error(status), said)

    def send(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        self.send_bytes(status, json.dumps(value).encode(), headers)

    def send_bytes(
        self,
        status: int,
        content: bytes,
        headers: dict[str, str] | None = None,
        keep: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        kind = "application/json" if content[:1] in (b"{", b"[") else "text/html"
        self.send_header("Content-Type", kind)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[:keep])


def _headers(length: int) -> bytes:
    lines = ("HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {length}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        # A client that has waited long enough hangs up.
        if error and not isinstance(error, ConnectionError):
            self.faults.crashes.append(error)  # type: ignore[attr-defined]


@contextmanager
def listening(handler: type[FaultHandler], service: Callable[[str], Service]) -> Iterator[Service]:
    """The service on a free port of this machine."""
    http = _Server(("127.0.0.1", 0), handler)
    faults = service(f"http://127.0.0.1:{http.server_address[1]}")
    http.faults = faults  # type: ignore[attr-defined]
    thread = threading.Thread(
        target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield faults
    finally:
        faults.over.set()
        http.shutdown()
        http.server_close()
        thread.join()
    if faults.crashes:
        raise faults.crashes[0]
