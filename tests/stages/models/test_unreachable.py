"""What is said where a model of the hub cannot be had: what went wrong, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hubserver import GATED, UNKNOWN, HubServer, is_the_hub, running, small_model, went_offline

from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models.hub import fetch, fingerprint, model_type

MODEL = "somebody/bart"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub that the hub client asks, which has fetched nothing yet and has no token."""
    with running() as server:
        is_the_hub(server, tmp_path, monkeypatch)
        yield server


def message(name: str = MODEL, revision: str = "main", ask: Any = fingerprint) -> str:
    with pytest.raises(ModelUnreachable) as caught:
        ask(name, revision)
    said = str(caught.value)
    assert name in said and revision in said and "\n" not in said and ".." not in said
    assert "--set STEP.model=FOLDER" in said and "--offline" in said
    return said


@pytest.mark.parametrize("ask", [fingerprint, model_type, fetch])
def test_a_gated_model_names_the_licence_page_and_the_variable(ask: Any, hub: HubServer) -> None:
    hub.refusal = GATED
    said = message(ask=ask)
    assert "it is gated, and no token is set" in said
    assert f"Accept its licence on https://huggingface.co/{MODEL} " in said and "HF_TOKEN" in said


def test_a_gated_model_whose_page_may_be_read_is_explained_too(
    tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may ask for the commit; only the files are refused."""
    hub.publish(MODEL, small_model(tmp_path / "source", 1))
    commit = fingerprint(MODEL, "main")["commit"]
    monkeypatch.setattr("pivot_sum.stages.models.hub._hub_commit", lambda *_: (commit, None))
    hub.refusal = (403, "GatedRepo")
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody")
    for ask in (model_type, fetch):
        assert "the account of the token has not been let in" in message(ask=ask)


@pytest.mark.parametrize("refusal", [UNKNOWN, (401, "")])
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("facebok/nllb-200-distiled-600M", "facebook/nllb-200-distilled-600M"),
        ("facebook/NLLB-200-Distilled-600m", "facebook/nllb-200-distilled-600M"),
        ("facebook/m2m100_418M", None),
        (MODEL, None),
    ],
)
def test_an_unknown_model_asks_whether_a_near_one_of_the_catalogue_was_meant(
    name: str, meant: str | None, refusal: tuple[int, str], hub: HubServer
) -> None:
    hub.refusal = refusal
    said = message(name)
    assert "the hub has no model of this name, or it is private" in said
    assert f"Check the spelling (https://huggingface.co/{name})" in said and "HF_TOKEN" in said
    assert (f"did you mean {meant!r}?" in said) if meant else ("did you mean" not in said)


def test_an_unknown_revision_is_told_from_an_unknown_model(tmp_path: Path, hub: HubServer) -> None:
    hub.publish(MODEL, small_model(tmp_path / "source", 1))
    said = message(revision="v9")
    assert "no branch, tag or commit of this name" in said
    assert f"https://huggingface.co/{MODEL}/tree/main" in said


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("429", "too many requests"),
        ("500", "trouble of its own (500)"),
        ("HF_HUB_OFFLINE", "Unset HF_HUB_OFFLINE once to fetch it"),
        ("no network", "no connection to the hub"),
    ],
)
def test_a_hub_that_does_not_answer_is_not_taken_for_an_unknown_model(
    how: str, expected: str, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    went_offline(monkeypatch, hub, how)
    for ask in (fingerprint, fetch, model_type):
        said = message(ask=ask)
        assert expected in said and "did you mean" not in said and "spelling" not in said


def test_a_token_the_hub_does_not_know_is_named(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.refusal = (403, "")
    assert "refuses requests without a token (HF_TOKEN) (403)" in message()
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody")
    said = message()
    assert "refuses the token in HF_TOKEN (403)" in said and "hf_of_somebody" not in said


def test_a_model_without_config_is_explained(tmp_path: Path, hub: HubServer) -> None:
    (small_model(tmp_path / "source", 1) / "config.json").unlink()
    hub.publish(MODEL, tmp_path / "source")
    assert "it has no config.json" in message(ask=model_type)
