"""Recipes written by tests: a pivot that is right, to be changed and loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pivot_sum.errors import RecipeInvalid
from pivot_sum.recipes.recipe import Recipe, load_recipe

PIVOT = """
description: a pivot
data: {language: ko, reference_language: ko}
steps:
  - {name: clean, stage: clean}
  - {name: to-english, stage: translate, over: turn, model: some/model, source: ko, target: en}
  - {name: summarize, stage: summarize, model: some/model, language: en}
  - {name: to-korean, stage: translate, over: sentence, model: some/model, source: en, target: ko}
  - {name: polish, stage: polish}
"""


class Recipes:
    """Writes recipes to a temporary folder and loads them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "mine.yaml"
        self.raw: dict[str, Any] = yaml.safe_load(PIVOT)
        self.steps: list[Any] = self.raw["steps"]

    def load(self, *settings: str) -> Recipe:
        return self.load_text(
            yaml.safe_dump(self.raw, sort_keys=False, allow_unicode=True), *settings
        )

    def load_text(self, text: str, *settings: str) -> Recipe:
        self.path.write_text(text, encoding="utf-8")
        return load_recipe(str(self.path), settings)

    def mistakes(self, *settings: str) -> list[str]:
        """The mistakes the message lists."""
        with pytest.raises(RecipeInvalid) as caught:
            self.load(*settings)
        first, *lines, last = str(caught.value).splitlines()
        changed = "".join(f" --set {setting.partition('=')[0]}=…" for setting in settings)
        changed = f" with{changed}" if changed else ""
        assert (
            first == f"recipe {self.path}{changed} has {len(lines)}"
            f" mistake{'s' if len(lines) > 1 else ''}:"
        )
        assert last.startswith("Correct it")
        return [line.removeprefix("  - ") for line in lines]
