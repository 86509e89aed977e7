"""A stage from outside the program, as a module that other processes import too."""

from __future__ import annotations

from typing import Any

from pivot_sum.recipes.recipe import Step
from pivot_sum.stages.registry import find_stage

SHOUTING = """\
import os
import signal
import time
from pathlib import Path

import pivot_sum
from pivot_sum.stages.base import Answer, option
from pivot_sum.stages.errors import Unanswered
from pivot_sum.stages.finishing import keeper


class Shout(pivot_sum.Rule):
    name = "shout"
    version = 1

    mark: str = option("!", "what stands behind a text")
    seconds: float = option(0.0, "how long a text takes", identity=False)
    dies: str = option("", "ends its process at this text, once", identity=False)

    def apply(self, text):
        time.sleep(self.seconds)
        if self.dies and self.dies in text and Path("dies").exists():
            Path("dies").unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        if "오류" in text:
            raise ValueError("no")
        return text + self.mark

    def __call__(self, texts):
        refused = [text for text in texts if "거절" in text]
        done = {text: Answer(self.apply(text)) for text in texts if text not in refused}
        keeper().finished(done)
        if refused:
            raise Unanswered(refused, "refused", refused[0])
        return [done[text].text for text in texts]
"""
"""The module `shouting`."""


def shouting_step(**fields: Any) -> Step:
    """A step with the stage `Shout` of the module, which lies in the working folder."""
    kind = "shouting:Shout"
    stage: Any = find_stage(kind)
    return Step("shout", "dialogue", stage(**fields), kind)
