"""What the stage `translate` keeps from its model: addresses, codes, terms of a glossary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakeengine import TextEngine

from pivot_sum.stages.base import resolved_identity
from pivot_sum.stages.engines import local_model
from pivot_sum.stages.engines.base import Generated, Search
from pivot_sum.stages.translate import Translate


class FakeEngine(TextEngine):
    """A model that answers by a rule, and remembers what it was asked."""

    model_type = "m2m_100"

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self.rule = rule
        self.tokenizer = SimpleNamespace(
            unk_token_id=3, src_lang="", convert_tokens_to_ids={"kor_Hang": 7, "eng_Latn": 8}.get
        )
        self.asked: list[str] = []

    def answers_to(
        self, texts: list[str], search: Search, forced_token: str | None
    ) -> list[Generated]:
        self.asked += texts
        return [Generated(self.rule(text), True) for text in texts]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeEngine]:
    def install(rule: Callable[[str], str]) -> FakeEngine:
        engine = FakeEngine(rule)
        monkeypatch.setattr(local_model, "engine_for", lambda spec: engine)
        return engine

    return install


def stage(model: str | Path = "demo:none", **fields: Any) -> Translate:
    return Translate(
        model=str(model),
        **{"source": "ko", "target": "en", "device": "cpu", "guards": (), **fields},
    )


@pytest.fixture
def terms(tmp_path: Path) -> str:
    path = tmp_path / "terms.csv"
    path.write_text("하늘공원,Sky Park\n무빙데이,Moving Day\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("masks", [(), ("as-is",), ("word", "xml")])
@pytest.mark.parametrize("answer", [lambda text: text, lambda text: "Hi", lambda text: text[::-1]])
def test_addresses_and_terms_come_back_whatever_the_model_does(
    answer: Callable[[str], str],
    masks: tuple[str, ...],
    terms: str,
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(answer)
    text = "#Person1#, 하늘공원에서 무빙데이! 하늘공원 지도는 https://map.kr/a?b=1. 끝나면 KE907."
    (output,) = stage(
        protect=("url", "code"), glossary=terms, masks=masks, guards=("copy", "empty")
    )([text])
    assert [output.count(word) for word in ("Sky Park", "Moving Day", "#Person1#")] == [2, 1, 1]
    assert output.count("https://map.kr/a?b=1") == output.count("KE907") == 1
    assert "#Term" not in output and "#Url" not in output
    assert not any(word in asked for asked in engine.asked for word in ("하늘공원", "map.kr"))


def test_a_korean_term_is_put_back_with_its_own_particle(
    tmp_path: Path, install: Callable[..., FakeEngine]
) -> None:
    (tmp_path / "terms.csv").write_text("sky park,하늘공원\n", encoding="utf-8")
    install(lambda text: "#Term1#는 넓어요.")
    assert stage(source="en", target="ko", glossary=str(tmp_path / "terms.csv"))(
        ["The Sky Park is large."]
    ) == ["하늘공원은 넓어요."]


def test_a_glossary_is_in_the_identity_by_content(nllb: Path, terms: str, tmp_path: Path) -> None:
    with_terms = resolved_identity(stage(nllb, glossary=terms))
    moved = tmp_path / "moved.csv"
    moved.write_text("무빙데이,Moving Day\n하늘공원,Sky Park\n", encoding="utf-8")
    assert resolved_identity(stage(nllb, glossary=str(moved))) == with_terms
    moved.write_text("하늘공원,the Sky Park\n", encoding="utf-8")
    assert resolved_identity(stage(nllb, glossary=str(moved))) != with_terms
    assert not {"glossary", "protect"} & set(resolved_identity(stage(nllb)))
