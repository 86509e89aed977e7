"""Text in, text out: the mechanisms a recipe is made of. A new stage is one small file and one line in `STAGES`."""

from stages.clean import Clean
from stages.deepl import DeepL
from stages.polish import Polish
from stages.summarize import Summarize
from stages.translate import Translate

STAGES = {stage.name: stage for stage in (Clean, Translate, DeepL, Summarize, Polish)}
"""Every stage by the name recipes use."""
