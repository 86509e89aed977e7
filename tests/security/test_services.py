"""Services: the key goes where it is meant for, and nobody on the way reads it unnoticed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pivot_sum.stages.chat import Chat
from pivot_sum.stages.deepl import DeepL
from pivot_sum.stages.errors import ServiceRefused, StageError
from pivot_sum.stages.services.deepl_account import server
from pivot_sum.stages.services.network import is_in_the_open

KEY = "sk-secret-0123456789"


class Redirecting(HTTPServer):
    """Sends every request to another server of its own, and notes what comes there."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.arrived: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Redirecting

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/there"):
            self.server.arrived.append(str(self.headers))
        self.send_response(307)
        self.send_header("Location", f"http://localhost:{self.server.server_port}/there{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def redirecting() -> Iterator[Redirecting]:
    with Redirecting() as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_a_redirect_is_not_followed(
    redirecting: Redirecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    monkeypatch.setenv("DEEPL_SERVER_URL", redirecting.address)
    chat = Chat(
        task="translate",
        model="m",
        base_url=f"{redirecting.address}/v1",
        snapshot="1",
        attempts=1,
        source="ko",
        target="en",
    )
    for stage in (chat, DeepL(source="ko", target="en", snapshot="1", attempts=1)):
        with pytest.raises(StageError) as raised:
            stage(["안녕하세요"])
        assert "307" in str(raised.value) and KEY not in str(raised.value)
    assert redirecting.arrived == []


@pytest.mark.parametrize(
    ("address", "open_to_all"),
    [
        ("http://example.org/v1", True),
        ("http://192.168.0.7:8000", True),
        ("http://127.0.0.1.example.org", True),
        ("https://example.org", False),
        ("http://localhost:8000/v1", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
    ],
)
def test_plain_http_to_elsewhere_is_in_the_open(address: str, open_to_all: bool) -> None:
    assert is_in_the_open(address) is open_to_all


def test_a_key_that_would_go_in_the_open_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    chat = Chat(
        task="translate",
        model="m",
        base_url="http://example.org/v1",
        snapshot="1",
        source="ko",
        target="en",
    )
    with caplog.at_level(logging.WARNING):
        assert chat.service
    assert "http://example.org/v1 gets the key in OPENAI_API_KEY without encryption" in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize("address", ["http://user:pw@example.org", "http://[::1", "ftp://x"])
def test_an_address_with_a_password_or_none_at_all_is_one_message(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPL_SERVER_URL", address)
    with pytest.raises(ServiceRefused, match="DEEPL_SERVER_URL") as raised:
        server()
    assert "pw" not in str(raised.value)
