"""Both engines by name, and an ear at what a loaded model reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pivot_sum.stages.engines.base import EngineSpec
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.engines.transformers import TransformersEngine

ENGINES: dict[str, type[TransformersEngine] | type[CTranslate2Engine]] = {
    "transformers": TransformersEngine,
    "ctranslate2": CTranslate2Engine,
}
both_engines = pytest.mark.parametrize("engine_name", ENGINES)


def load(folder: Path, engine_name: str = "transformers") -> Any:
    """The engine of that name with the model of a folder."""
    return ENGINES[engine_name](EngineSpec(str(folder), "main", "float32", "cpu", 1))


class Listener:
    """Stands in front of a loaded model and remembers what it reads."""

    def __init__(self, engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[list[str]] = []
        self.first: list[int] = []
        generate = engine.model.generate

        def listening(**settings: Any) -> Any:
            answer = generate(**settings)
            self.read += [
                engine.tokenizer.convert_ids_to_tokens(row)
                for row in settings["input_ids"].tolist()
            ]
            self.first += [row[0] for row in answer[0]]
            return answer

        monkeypatch.setattr(engine.model, "generate", listening)
