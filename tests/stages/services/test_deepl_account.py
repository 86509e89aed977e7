"""What a DeepL account is needed for, over real HTTP: glossaries, the key, the identity."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from deeplfaults import TEXTS, korean_to_english, right, run
from faultserver import KEY, FaultServer

from pivot_sum.cache import Cache
from pivot_sum.stages.base import resolved_identity
from pivot_sum.stages.errors import (
    KeyRefused,
    ModelUnreachable,
    ServiceRefused,
    StageError,
)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


DIALOGUE = "#Person1#: 하나\n#Person2#: 둘\n#Person1#: 셋 #Email#\n#Person2#: 넷"


# Formality and glossary


@pytest.mark.parametrize("formality", ["more", "less"])
def test_a_formality_the_target_does_not_have_is_refused_before_anything_is_translated(
    formality: Any, deepl_server: FaultServer
) -> None:
    with pytest.raises(
        ServiceRefused, match=f"knows no formality '{formality}' for EN-US; use prefer_{formality}"
    ):
        korean_to_english(formality=formality)(["안녕"])
    assert deepl_server.asked == []


def glossary(folder: Path, text: str) -> str:
    path = folder / "terms.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_glossary_is_made_once_and_used_by_its_id(
    deepl_server: FaultServer, tmp_path: Path
) -> None:
    terms = glossary(tmp_path, "도서관,library\n우체국,post office\n")
    for _ in range(2):
        korean_to_english(glossary=terms)(["안녕", "잘 가"])
    made = [body for method, path, body in deepl_server.others if method == "POST"]
    (dictionary,) = made[0]["dictionaries"]
    assert len(made) == 1
    assert dictionary == {
        "source_lang": "ko",
        "target_lang": "en",
        "entries": "도서관\tlibrary\n우체국\tpost office",
        "entries_format": "tsv",
    }
    assert {asked.body["glossary_id"] for asked in deepl_server.asked} == {"glossary-0"}
    glossary(tmp_path, "도서관,the library\n")
    korean_to_english(glossary=terms)(["안녕"])
    assert deepl_server.asked[-1].body["glossary_id"] == "glossary-1"


def test_a_glossary_is_in_the_identity_by_content(tmp_path: Path) -> None:
    terms = glossary(tmp_path, "도서관,library\n우체국,post office\n")
    before = resolved_identity(korean_to_english(glossary=terms))
    (tmp_path / "elsewhere").mkdir()
    moved = glossary(tmp_path / "elsewhere", "\ufeff우체국, post office\r\n\r\n도서관,library")
    assert resolved_identity(korean_to_english(glossary=moved)) == before
    assert (
        resolved_identity(korean_to_english(glossary=glossary(tmp_path, "도서관,libraries\n")))[
            "glossary"
        ]
        != before["glossary"]
    )
    assert resolved_identity(korean_to_english())["glossary"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("도서관\n", "entry 1 ('도서관')"),
        ("도서관,library,x\n", "entry 1 ('도서관,library,x')"),
        ("도서관,library\n도서관,other\n", "entry 2 ('도서관,other')"),
        ("도서관,\n", "entry 1 ('도서관,')"),
        ("\n\n", "is empty"),
    ],
)
def test_a_glossary_that_is_none_is_said_so(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        resolved_identity(korean_to_english(glossary=glossary(tmp_path, text)))
    assert said in str(caught.value)


def test_a_glossary_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreachable, match=r"glossary .*none.csv does not exist"):
        resolved_identity(korean_to_english(glossary=str(tmp_path / "none.csv")))


# Identity and key


def test_the_snapshot_is_part_of_the_identity(deepl_server: FaultServer, cache: Cache) -> None:
    for snapshot, computed in (("2026-11", 1), ("2026-11", 0), ("2026-12", 1)):
        assert run(korean_to_english(snapshot=snapshot), ["안녕"], cache).computed == computed


@pytest.mark.parametrize(
    ("address", "server"),
    [
        (None, None),
        ("", None),
        ("https://api.deepl.com", None),
        ("https://api-free.deepl.com/", None),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("https://deepl.com.example.org", "https://deepl.com.example.org"),
    ],
)
def test_answers_of_another_server_are_kept_apart(
    address: str | None, server: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEEPL_SERVER_URL", raising=False)
    if address is not None:
        monkeypatch.setenv("DEEPL_SERVER_URL", address)
    assert resolved_identity(korean_to_english())["server"] == server


def test_an_identity_needs_neither_key_nor_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DEEPL_AUTH_KEY", raising=False)
    for package in ("deepl", "requests", "tenacity"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "pivot_sum.stages.services.deepl_requests", raising=False)
    assert (
        resolved_identity(korean_to_english(glossary=glossary(tmp_path, "가,a\n")))["stage"]
        == "deepl"
    )


def test_what_is_cached_is_replayed_without_key_and_server(
    deepl_server: FaultServer, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(korean_to_english(), TEXTS, cache)
    monkeypatch.delenv("DEEPL_AUTH_KEY")
    monkeypatch.delenv("DEEPL_SERVER_URL")
    again = run(korean_to_english(), TEXTS, cache, offline=True)
    assert (again.texts, again.counts, again.computed, again.billed) == (
        first.texts,
        first.counts,
        0,
        {"characters": 0},
    )


def test_without_a_key_it_says_where_to_put_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", "  ")
    with pytest.raises(KeyRefused, match="set the environment variable DEEPL_AUTH_KEY"):
        korean_to_english()(["안녕"])


@pytest.mark.parametrize(
    "key", ["geheim geheim", "geheim\nX: y", "비밀geheim", "'geheim'", '"geheim"']
)
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", key)
    with pytest.raises(KeyRefused) as caught:
        korean_to_english()(["안녕"])
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_whitespace_around_the_key_does_no_harm(
    deepl_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", f" {KEY}\n")
    assert korean_to_english()(["안녕"]) == [right("안녕")]


def test_the_key_is_nowhere_but_in_the_request(
    deepl_server: FaultServer, cache: Cache, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    stage = korean_to_english()
    with caplog.at_level("DEBUG"):
        deepl_server.fail("503", times=2)
        run(stage, TEXTS, cache)
    assert "DeepL API" in caplog.text  # the package does log
    assert KEY not in caplog.text
    assert KEY not in repr(stage) + json.dumps(resolved_identity(stage))
    cache.close()
    assert all(
        KEY.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    )
    assert os.environ["DEEPL_AUTH_KEY"] == KEY
