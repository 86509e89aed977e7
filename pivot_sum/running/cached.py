"""What a cache holds for a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.cache import Cache, Exported, export_cache
from pivot_sum.errors import CacheMiss
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.storing import replies_to


class ExportedRecipe(NamedTuple):
    """What went into the file, and the names of the steps for which the cache holds nothing."""

    exported: Exported
    without: list[str]


def export_recipe(
    cache: Cache, steps: Sequence[Step], target: Path, *, overwrite: bool = False
) -> ExportedRecipe:
    """Write what a replay of these steps needs to one new cache file: their answers, the replies of
    services that these are made of, and what the names in the recipe stood for.

    Nothing is resolved or loaded: a name stands for what it stood for in the last run through this
    cache. Raises `CacheMiss` where that holds nothing for any of the steps, and what `export_cache`
    raises.
    """
    chosen: list[dict[str, Any]] = []
    without = []
    for step in steps:
        identity = cache.resolution(step.declared_identity())
        if identity is None or not cache.count(identity):
            without.append(step.name)
        else:
            chosen += [identity, replies_to(identity)]
    if not chosen:
        raise CacheMiss(
            f"{cache.path} holds nothing for any step of this recipe with these settings;"
            " `pivot-sum cache explain` says in which field what is stored differs"
        )
    return ExportedRecipe(export_cache(cache, target, overwrite=overwrite, chosen=chosen), without)
