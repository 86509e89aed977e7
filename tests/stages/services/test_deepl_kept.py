"""What DeepL was paid for is kept, wherever a run ends; a budget is held where tags are billed; and
the network's own certificates and proxies are used."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from deeplfaults import TEXTS, korean_to_english, right, run
from faultserver import FaultServer

from pivot_sum.cache import Cache
from pivot_sum.running.storing import replies_to
from pivot_sum.stages.base import resolved_identity
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import BudgetExceeded, QuotaExceeded, ServiceUnavailable
from pivot_sum.stages.services import asking

FEW = TEXTS[:12]
LOST = "<keep>[^<]*</keep>"
"""A DeepL that loses every placeholder on the first rung."""


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


def sent(server: FaultServer) -> list[str]:
    """Every part of a text that was answered, and so paid for."""
    return [text for asked in server.asked if asked.outcome == "200" for text in asked.body["text"]]


@pytest.mark.parametrize("over", ["turn", "dialogue"])
def test_answers_of_a_rung_are_kept_when_the_quota_ends_before_the_next(
    over: str, deepl_server: FaultServer, cache: Cache
) -> None:
    deepl_server.drop = LOST
    deepl_server.fail("456", "<x ", times=99)  # the empty tag of the second rung
    with pytest.raises(QuotaExceeded):
        run(korean_to_english(batch_size=12), FEW, cache, over=over)
    deepl_server.stop_failing()
    before = sent(deepl_server)
    assert sorted(before) == sorted(set(before)) and len(before) == 12
    result = run(korean_to_english(batch_size=12), FEW, cache, over=over)
    after = sent(deepl_server)
    assert len(after) == len(set(after)) == 24  # nothing was paid for twice
    assert result.texts == [right(text) for text in FEW]
    # What these texts cost, both runs together.
    assert result.billed == {"characters": deepl_server.billed}
    assert result.counts["rungs"] == {"xml": 12}


def test_what_is_kept_of_a_rung_holds_for_its_settings_alone(
    deepl_server: FaultServer, cache: Cache
) -> None:
    first = korean_to_english()
    run(first, FEW, cache)
    identity = resolved_identity(first)
    assert cache.count(replies_to(identity)) == len(FEW)
    run(korean_to_english(snapshot="2026-12"), FEW, cache)
    assert set(deepl_server.answered.values()) == {2}


def test_who_drops_the_stage_from_the_cache_asks_anew(
    deepl_server: FaultServer, cache: Cache
) -> None:
    run(korean_to_english(), FEW, cache)
    assert cache.drop(stage="deepl") == 2 * len(FEW)
    run(korean_to_english(), FEW, cache)
    assert set(deepl_server.answered.values()) == {2}


def test_progress_of_deepl_is_stored_request_by_request(
    deepl_server: FaultServer, cache: Cache
) -> None:
    """Three requests of one batch; the third fails, what the others said is kept."""
    deepl_server.fail("456", TEXTS[25][:4], times=9)
    stage = korean_to_english(batch_size=30, concurrency=1)
    texts = [text.replace("도서관", "도서관" * 900) for text in TEXTS]  # 10 or so a request
    with pytest.raises(QuotaExceeded, match=r"\(2\d of 30 missing texts are computed and kept"):
        run(stage, texts, cache)


def test_at_ctrl_c_what_is_in_flight_is_waited_for_and_kept(
    deepl_server: FaultServer, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    deepl_server.delay = 0.3
    with monkeypatch.context() as patched:
        patched.setattr(asking, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt, match="of 12 missing texts are computed and kept"):
            run(korean_to_english(batch_size=12), FEW, cache)
    run(korean_to_english(batch_size=12), FEW, cache)
    assert set(deepl_server.answered.values()) == {1}


def test_a_budget_holds_where_tags_are_billed(deepl_server: FaultServer, cache: Cache) -> None:
    deepl_server.bills_tags = True
    for limit in (300, 777, 1500):
        budget = Budget(limit)
        with suppress(BudgetExceeded):
            run(korean_to_english(batch_size=2), TEXTS, cache, budget=budget)
        assert 0 < budget.spent["characters"] <= limit


# The network


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine that nobody has signed, and its key beside it."""
    path = tmp_path / "cert.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=localhost"
        f" -addext subjectAltName=DNS:localhost -keyout {tmp_path / 'key.pem'} -out {path}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return path


class Translator(BaseHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.lines.append(self.requestline)  # type: ignore[attr-defined]
        answers = [
            {"detected_source_language": "KO", "text": "Hello.", "billed_characters": 1}
            for _ in body["text"]
        ]
        content = json.dumps({"translations": answers}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def plain_server() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Translator)
    server.lines = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def secure(
    plain_server: HTTPServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> HTTPServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    plain_server.socket = context.wrap_socket(plain_server.socket, server_side=True)
    for name in CERTIFICATES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "localhost")
    monkeypatch.setenv("DEEPL_AUTH_KEY", "a-key:fx")
    monkeypatch.setenv("DEEPL_SERVER_URL", f"https://localhost:{plain_server.server_port}")
    return plain_server


CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.mark.parametrize("variable", CERTIFICATES)
def test_certificates_the_environment_names_are_trusted(
    variable: str, secure: HTTPServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(certificate))
    assert korean_to_english()(["안녕"]) == ["Hello."]


def test_a_certificate_nobody_trusts_is_said_at_once(secure: HTTPServer) -> None:
    budget = Budget(5)
    with pytest.raises(ServiceUnavailable, match=r"certificate verify failed.*REQUESTS_CA_BUNDLE"):
        korean_to_english(attempts=9, pause=600.0).answers_within(["안녕"], budget)
    assert budget.spent == {}


def test_a_file_of_certificates_that_is_not_there_is_said(
    secure: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    with pytest.raises(ServiceUnavailable, match=r"/nowhere/bundle\.pem"):
        korean_to_english(attempts=9, pause=600.0)(["안녕"])


def test_a_proxy_the_environment_names_is_asked(
    plain_server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{plain_server.server_port}")
    monkeypatch.setenv("DEEPL_AUTH_KEY", "a-key:fx")
    monkeypatch.setenv("DEEPL_SERVER_URL", "http://deepl.invalid")
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("deepl.invalid", 80)
    assert korean_to_english()(["안녕"]) == ["Hello."]
    (line,) = plain_server.lines  # type: ignore[attr-defined]
    assert line.startswith("POST http://deepl.invalid/v2/translate")
