"""The fields of the stage `chat`: what belongs to its identity, what is refused, and where its key
and its server come from."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chatserver import KEY, ChatServer
from chatstages import chat, summarizer
from faulttexts import right
from recipefiles import Recipes

from pivot_sum.errors import RecipeInvalid
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.stages.base import declared_identity, resolved_identity
from pivot_sum.stages.errors import (
    FieldsInvalid,
    KeyRefused,
    ModelUnreachable,
    ServiceRefused,
    StageError,
)

PASTED = "sk-proj-Pasted0123"
"""What a key looks like that somebody put where its variable belongs."""


@pytest.fixture(autouse=True)
def no_server_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def mistakes(over: Any = "turn", **settings: Any) -> list[str]:
    """What is refused, in Python or by a recipe that runs over this."""
    try:
        return chat(**settings).mistakes(over)
    except FieldsInvalid as error:
        assert all(mistake in str(error) for mistake in error.mistakes)
        return list(error.mistakes)


def test_more_requests_in_flight_than_a_server_bears_are_refused() -> None:
    with pytest.raises(FieldsInvalid, match="concurrency: input should be less than"):
        chat(concurrency=65)


# The identity


def test_the_identity_needs_no_key_and_holds_the_text_of_the_prompt() -> None:
    identity = resolved_identity(chat())
    assert "{text}" in identity["prompt"] and "## user" in identity["prompt"]
    assert identity["base_url"] is identity["glossary"] is None
    assert identity == resolved_identity(chat(prompt="translate"))


def test_a_changed_prompt_is_another_stage_and_a_moved_one_is_not(tmp_path: Path) -> None:
    prompt = tmp_path / "mine.md"
    prompt.write_text("## user\n\n{text}\n", encoding="utf-8")
    before = resolved_identity(chat(prompt=str(prompt)))
    moved = tmp_path / "moved.md"
    moved.write_bytes(b"\xef\xbb\xbf## user\r\n\r\n{text}")
    assert resolved_identity(chat(prompt=str(moved))) == before
    prompt.write_text("## user\n\n{text}!\n", encoding="utf-8")
    assert resolved_identity(chat(prompt=str(prompt))) != before


def test_a_glossary_is_in_the_identity_by_content(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("도서관,library\n우체국,post office\n", encoding="utf-8")
    two.write_text("우체국,post office\n도서관, library\n", encoding="utf-8")
    before = resolved_identity(chat(glossary=str(one)))
    assert resolved_identity(chat(glossary=str(two))) == before
    one.write_text("도서관,the library\n", encoding="utf-8")
    assert resolved_identity(chat(glossary=str(one))) != before


def test_key_prices_and_haste_are_not_in_the_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    before = resolved_identity(chat())
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    others: dict[str, Any] = {"key_variable": "UPSTAGE_API_KEY", "token_limit": "max_tokens"}
    others |= {"price_in": 1.0, "price_out": 2.0, "currency": "KRW", "concurrency": 9}
    assert resolved_identity(chat(**others)) == before


@pytest.mark.parametrize("address", ["", "https://api.openai.com/v1", "https://api.openai.com/v1/"])
def test_openai_is_the_same_server_however_it_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert resolved_identity(chat(base_url=address))["base_url"] is None
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    assert resolved_identity(chat())["base_url"] is None


def test_another_server_is_in_the_identity_from_wherever_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = resolved_identity(chat(base_url="http://localhost:8000/v1/"))
    assert named["base_url"] == "http://localhost:8000/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1")
    assert resolved_identity(chat()) == named
    assert resolved_identity(chat(base_url="http://localhost:9/v1"))["base_url"].endswith(":9/v1")


def test_offline_the_answers_of_another_server_are_not_replayed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Offline only the declared identity is known: it names the server wherever it comes from."""
    unset = declared_identity(chat())
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1")
    here = declared_identity(chat())
    assert here == declared_identity(chat(base_url="http://localhost:8000/v1/"))
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:9/v1")
    assert len({str(one) for one in (unset, here, declared_identity(chat()))}) == 3


def test_an_empty_variable_for_the_server_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "made-up")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    unset = resolved_identity(chat())
    for value in ("", " "):
        monkeypatch.setenv("OPENAI_BASE_URL", value)
        assert resolved_identity(chat()) == unset
        assert str(chat().service._client.base_url) == "https://api.openai.com/v1/"


# Mistakes


@pytest.mark.parametrize(
    ("settings", "over", "mistake"),
    [
        ({"target": "ko"}, "turn", "target: is ko, as the source is; nothing to translate"),
        (
            {"task": "summarize"},
            "dialogue",
            "target: to summarize keeps the language; write ko",
        ),
        (
            {"task": "summarize", "target": "ko"},
            "turn",
            "over: to summarize takes whole dialogues; write over: dialogue",
        ),
        (
            {"task": "rewrite", "source": "en"},
            "dialogue",
            "prompt: the shipped one corrects Korean; name a prompt of your own",
        ),
        ({"context": 1}, "turn", "context: needs task: translate and over: dialogue"),
        (
            {"task": "summarize", "target": "ko", "context": 1},
            "dialogue",
            "context: needs task: translate and over: dialogue",
        ),
        (
            {"texts_per_request": 2, "context": 1},
            "dialogue",
            "texts_per_request: several need task: translate, and context: 0",
        ),
        (
            {"context": 1, "prompt": "translate-hunyuan-mt"},
            "dialogue",
            "context: the prompt has no {context}, so no turn around would be seen",
        ),
        (
            {"task": "summarize", "target": "ko", "glossary": "terms.csv"},
            "dialogue",
            "glossary: the prompt has no {glossary}, so no term would be seen",
        ),
        ({"extra_body": "{"}, "turn", "extra_body: is no JSON object"),
        ({"extra_body": "[1]"}, "turn", "extra_body: is no JSON object"),
    ],
)
def test_fields_that_do_not_go_together_are_named(
    settings: dict[str, Any], over: Any, mistake: str
) -> None:
    assert mistakes(over, **settings) == [mistake]


def test_what_goes_together_has_no_mistakes() -> None:
    assert chat(context=2).mistakes("dialogue") == []
    assert chat(glossary="terms.csv", prompt="not-there.md").mistakes("turn") == []
    assert chat(texts_per_request=8).mistakes("sentence") == []
    assert summarizer(extra_body="{}").mistakes("dialogue") == []
    assert chat(task="rewrite", target="ko").mistakes("dialogue") == []


def test_a_key_in_place_of_its_variable_is_refused_and_not_repeated() -> None:
    (mistake,) = mistakes(key_variable=PASTED)
    assert mistake.startswith("key_variable: names the environment variable that holds the key")
    assert PASTED not in mistake


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://me:hunter2@localhost:8000/v1", "holds a user or a password"),
        ("http://localhost:8000/v1?key=hunter2", "holds a ? or #"),
        ("localhost:8000/v1?key=hunter2", "holds a ? or #"),
        ("localhost:8000/v1", "has to be an address such as"),
        ("ftp://localhost/v1", "has to be an address such as"),
        ("http://localhost:port/v1", "cannot be read as an address"),
    ],
)
def test_an_address_that_is_none_is_refused_without_a_password_in_the_message(
    address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mistake,) = mistakes(base_url=address)
    assert mistake.startswith("base_url: ") and said in mistake
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(ServiceRefused, match=re.escape(said)) as caught:
        resolved_identity(chat())
    assert "hunter2" not in mistake + str(caught.value)


def test_a_recipe_with_such_mistakes_is_refused_and_repeats_no_key(tmp_path: Path) -> None:
    recipes = Recipes(tmp_path)
    recipes.steps[1] = {
        "name": "to-english",
        "stage": "chat",
        "task": "translate",
        "source": "ko",
        "target": "en",
        "model": "m",
        "snapshot": "x",
        "context": 1,
        "over": "turn",
        "key_variable": PASTED,
        "base_url": f"http://x:{PASTED}@localhost/v1",
    }
    found = recipes.mistakes()
    assert len(found) == 2
    assert not any(PASTED in mistake for mistake in found)


@pytest.mark.parametrize(
    "setting",
    [f"key_variable={PASTED}", f"base_url=http://x:{PASTED}@localhost/v1", f"api_key={PASTED}"],
)
def test_a_key_given_with_a_setting_is_refused_and_not_repeated(setting: str) -> None:
    with pytest.raises(RecipeInvalid, match=setting.partition("=")[0]) as caught:
        load_recipe("pivot-chat", [f"to-english.{setting}"])
    assert PASTED not in str(caught.value)


@pytest.mark.parametrize("settings", [{"temperature": 0.7}, {"max_tokens": 0}, {"snapshot": ""}])
def test_values_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(FieldsInvalid, match=next(iter(settings))):
        chat(**settings)


def test_a_prompt_that_does_not_exist_is_refused_before_anything_is_asked(
    chat_server: ChatServer,
) -> None:
    with pytest.raises(ModelUnreachable, match=r"prompt 'tranlsate' does not exist \(did you mean"):
        resolved_identity(chat(prompt="tranlsate"))
    assert chat_server.asked == []


def test_a_prompt_without_a_place_for_the_text_is_refused(tmp_path: Path) -> None:
    prompt = tmp_path / "mine.md"
    prompt.write_text("## user\n\nTranslate it.\n", encoding="utf-8")
    with pytest.raises(StageError, match=r"\{text\} is missing"):
        resolved_identity(chat(prompt=str(prompt)))


# The key


def test_openai_needs_a_key_and_a_server_of_your_own_does_not(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(KeyRefused, match="set the environment variable OPENAI_API_KEY"):
        chat()(["안녕"])
    chat_server.key = None
    assert chat(base_url=f"{chat_server.url}/v1")(["안녕"]) == [right("안녕")]


def test_a_key_that_is_none_or_not_accepted_is_never_shown(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_url = f"{chat_server.url}/v1"
    for key, said in (
        ("two words", "cannot be a key"),
        ("열쇠", "cannot be a key"),
        ("sk-secret-0123-4567-other", "does not accept the key in SOLAR_KEY"),
    ):
        monkeypatch.setenv("SOLAR_KEY", key)
        with pytest.raises(KeyRefused, match=said) as caught:
            chat(base_url=base_url, key_variable="SOLAR_KEY")(["안녕"])
        assert key not in str(caught.value)
    assert {asked.outcome for asked in chat_server.asked} == {"401"}
    monkeypatch.setenv("SOLAR_KEY", f" {KEY}\n")
    assert chat(base_url=base_url, key_variable="SOLAR_KEY")(["안녕"]) == [right("안녕")]


def test_the_openai_package_is_loaded_only_to_ask() -> None:
    code = (
        "import sys; from pivot_sum.stages.chat import Chat\n"
        "stage = Chat(task='translate', source='ko', target='en', model='m', snapshot='x')\n"
        "stage.resolve(); stage.cost(['안녕']); stage(['', ' '])\n"
        "assert 'openai' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
