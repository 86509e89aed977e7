"""A stand-in for the Hugging Face hub: a real HTTP server on this machine with a few models, which
can be told to refuse, and remembers what it was asked."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants

from pivot_sum.stages.models import hub as hub_module

GATED = (401, "GatedRepo")
UNKNOWN = (404, "RepoNotFound")
BUSY = (429, "")
OFFLINE = ("HF_HUB_OFFLINE", "no network", "401", "404", "429", "500")
"""The ways `went_offline` knows."""


@dataclass
class HubServer:
    """Start it with `running()`. What it has and how it answers may be changed while it runs."""

    url: str
    commits: dict[tuple[str, str], Path] = field(default_factory=dict)
    """The folder of each model and commit."""
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    """The commit of each model and branch or tag."""
    refusal: tuple[int, str] | None = None
    """Status and error code every request is answered with."""
    withheld: tuple[str, ...] = ()
    """Files that are listed, but whose download is refused."""
    asked: list[str] = field(default_factory=list)

    def publish(self, model: str, folder: Path, name: str = "main") -> str:
        """Let a branch or tag of a model stand for the files of a folder; return the commit."""
        content = b"".join(
            path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir())
        )
        commit = hashlib.sha1(content).hexdigest()
        self.commits[model, commit] = folder
        self.names[model, name] = commit
        return commit


@contextmanager
def running() -> Iterator[HubServer]:
    """A hub on a free port."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    server = HubServer(f"http://127.0.0.1:{http.server_address[1]}")
    http.hub = server  # type: ignore[attr-defined]
    thread = threading.Thread(
        target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def is_the_hub(server: HubServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the hub client of this process ask the server, keep what it fetches below `folder`, and
    have no token."""
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, server.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(folder / "no-token"))
    for variable in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def new_process() -> None:
    """Forget what a process remembers of the hub's answers."""
    hub_module._asked.clear()


def went_offline(monkeypatch: pytest.MonkeyPatch, hub: HubServer, how: str) -> None:
    """Begin a new process for which the hub is out of reach, in one of the ways of `OFFLINE`."""
    new_process()
    if how == "HF_HUB_OFFLINE":
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    elif how == "no network":
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    else:
        hub.refusal = {"401": GATED, "404": UNKNOWN}.get(how, (int(how), ""))


def small_model(folder: Path, number: int) -> Path:
    """Files that need not load, for what only fetches; another number, another content."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "bart", "number": number}))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights %d" % number)
    return folder


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        hub: HubServer = self.server.hub  # type: ignore[attr-defined]
        path = urlsplit(self.path).path.strip("/")
        hub.asked.append(f"{self.command} {path}")
        if hub.refusal:
            return self._refuse(*hub.refusal)
        parts = [unquote(part) for part in path.removeprefix("api/models/").split("/")]
        model = "/".join(parts[:2])
        if not any(model == known for known, _ in hub.names):
            return self._refuse(*UNKNOWN)
        verb, revision, *rest = parts[2:]
        commit = hub.names.get((model, revision), revision)
        if (model, commit) not in hub.commits:
            return self._refuse(404, "RevisionNotFound")
        folder = hub.commits[model, commit]
        if verb == "resolve":
            return self._file(folder / "/".join(rest), commit, hub.withheld)
        files = sorted(folder.iterdir())
        if verb == "tree":
            listing = [
                {
                    "type": "file",
                    "path": file.name,
                    "size": file.stat().st_size,
                    "oid": hashlib.sha1(file.read_bytes()).hexdigest(),
                }
                for file in files
            ]
            return self._send(200, json.dumps(listing).encode())
        about = {
            "_id": "0",
            "id": model,
            "modelId": model,
            "sha": commit,
            "private": False,
            "tags": [],
            "downloads": 0,
            "likes": 0,
            "siblings": [{"rfilename": file.name} for file in files],
        }
        return self._send(200, json.dumps(about).encode())

    def _file(self, file: Path, commit: str, withheld: tuple[str, ...]) -> None:
        if not file.is_file():
            return self._refuse(404, "EntryNotFound", {"X-Repo-Commit": commit})
        if file.name in withheld and self.command == "GET":
            return self._refuse(403, "")
        content = file.read_bytes()
        headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Repo-Commit": commit,
        }
        return self._send(200, content, headers)

    def _refuse(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        headers = {**(headers or {}), **({"X-Error-Code": code} if code else {})}
        self._send(status, b'{"error": "refused"}', headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
