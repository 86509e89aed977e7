"""Text in, text out: the mechanisms a recipe is made of. A new stage is one small file and one line
in `STAGES`."""

from pivot_sum.stages.chat import Chat
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.deepl import DeepL
from pivot_sum.stages.names import Names
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.rewrite import Rewrite
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

STAGES = {
    stage.name: stage
    for stage in (Clean, Translate, DeepL, Chat, Summarize, Rewrite, Names, Polish)
}
"""Every stage by the name recipes use."""
