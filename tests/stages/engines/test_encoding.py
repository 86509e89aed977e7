"""Each text is tokenised once for each attempt to answer it, and a part of a text that is too long
once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from checkpoints import ENGLISH, KOREAN
from fakestages import run, step

from pivot_sum.cache import Cache
from pivot_sum.stages.engines.base import Engine
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

Small = Callable[[str], Path]


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often the engines encoded each text."""
    texts_encoded: Counter[str] = Counter()
    encode = Engine.encode

    def counting(self: Engine, texts: Sequence[str], prefix: str = "") -> list[list[int]]:
        texts_encoded.update(prefix + text for text in texts)
        return encode(self, texts, prefix)

    monkeypatch.setattr(Engine, "encode", counting)
    yield texts_encoded
    free()


def test_a_run_encodes_each_text_once(small: Small, tmp_path: Path, encoded: Counter[str]) -> None:
    stage = Translate(
        model=str(small("nllb")), source="ko", target="en", max_new_tokens=6, retries=(), guards=()
    )
    dialogue = "\n".join(f"#Person{1 + turn % 2}#: {text}" for turn, text in enumerate(KOREAN * 2))
    with Cache(tmp_path / "cache.sqlite3") as cache:
        run(cache, [dialogue, dialogue[::-1]], step(stage, "turn"))
    assert set(encoded.values()) == {1}
    assert set(KOREAN) <= set(encoded)


def test_each_further_attempt_encodes_a_text_once_more(
    small: Small, encoded: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Summarize, "flags_of", lambda *_: ["length"])
    stage = Summarize(
        model=str(small("bart")), language="en", max_new_tokens=6, retries=("beams",), num_beams=2
    )
    answers = stage.answers(ENGLISH)
    assert all("length" in answer.note["flags"] for answer in answers)
    assert encoded == dict.fromkeys(ENGLISH, 2)


def test_of_a_text_that_is_too_long_each_part_is_encoded_once(
    small: Small, encoded: Counter[str]
) -> None:
    stage = Summarize(
        model=str(small("bart")),
        language="en",
        prefix="summarize: ",
        max_new_tokens=4,
        max_source_tokens=24,
        retries=(),
        guards=(),
    )
    long = "\n".join(ENGLISH * 2)
    (answer,) = stage.answers([long])
    assert answer.note["flags"][0] == "split"
    assert set(encoded.values()) == {1}
    assert all(text.startswith("summarize: ") for text in encoded)
