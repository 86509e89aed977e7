"""`pivot-sum cache`: look into the cache, carry it to another machine, check it, clear parts of
it.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pivot_sum.cache import Cache, export_cache, import_cache, repair_cache
from pivot_sum.commands.completion import recipes
from pivot_sum.commands.options import (
    DEFAULT_RECIPE,
    CacheOption,
    DataOption,
    JsonOption,
    LimitOption,
    OfflineOption,
    RecipeArgument,
    SetOption,
)
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.commands.run import print_plan
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.running.cached import export_recipe
from pivot_sum.running.execute import Request, cache_path
from pivot_sum.running.execute import explain as explain_request

# the exit code of pivot_sum.cache.errors.CorruptRow: a verification that finds one ends like a run
# that meets one
DAMAGED = 43

app = typer.Typer(
    help="Look into the cache, carry it elsewhere, check it, clear parts of it.",
    no_args_is_help=True,
)


@app.command()
def info(cache: CacheOption = None, json: JsonOption = False) -> None:
    """How large the cache is, and what it holds by identity."""
    with Cache(cache_path(cache), read_only=True) as store:
        facts, identities, declared = store.info(), store.identities(), store.declared()
    if json:
        print_json(
            {
                **facts._asdict(),
                "path": str(facts.path),
                "identities": [
                    stored._asdict() | {"declared": declared.get(stored.sha256, [])}
                    for stored in identities
                ],
            }
        )
        return
    print(
        f"{facts.path}: {facts.rows:,} rows, {facts.bytes / 1e6:,.1f} MB, schema"
        f" {facts.schema_version}"
    )
    print(f"first row of {facts.first_write or '-'}, last row of {facts.last_write or '-'}\n")
    rows = [
        (
            stored.sha256[:12],
            stored.identity.get("stage", "?"),
            stored.rows,
            _summary(stored.identity, declared.get(stored.sha256, [])),
        )
        for stored in identities
    ]
    print_table("identities", ("sha256", "stage", "rows", "fields"), rows, right=("rows",))


def _summary(identity: dict[str, object], declared: list[dict[str, object]]) -> str:
    """The fields of an identity; where a name stood for a value, the name in front of it."""
    parts = []
    for field, value in identity.items():
        if field in ("stage", "version"):
            continue
        names = {str(one[field]) for one in declared if one.get(field, value) != value}
        called = f"{' or '.join(sorted(names))} ({value})" if names else str(value)
        parts.append(f"{field}={called}")
    return ", ".join(parts)


@app.command()
def explain(
    recipe: RecipeArgument = DEFAULT_RECIPE,
    data: DataOption = None,
    set_: SetOption = None,
    limit: LimitOption = None,
    offline: OfflineOption = False,
    cache: CacheOption = None,
    json: JsonOption = False,
) -> None:
    """Per step, how much of a run is cached; where nothing is, which field differs from the nearest
    stored identity."""
    plans = explain_request(Request(recipe, data, None, set_ or (), limit, offline, cache))
    if json:
        print_json([step.as_json() for step in plans])
    else:
        print_plan(plans)


@app.command()
def verify(cache: CacheOption = None, json: JsonOption = False) -> None:
    """Check the file and every row's key and checksum. Exit code 43 where something is damaged."""
    with Cache(cache_path(cache), read_only=True) as store:
        result = store.verify()
    if json:
        print_json(
            {
                **result._asdict(),
                "examples": [example._asdict() for example in result.examples],
                "sound": result.sound,
            }
        )
    else:
        print(
            f"rows checked: {result.rows:,}, damaged: {result.damaged:,}, damaged resolutions:"
            f" {result.damaged_resolutions:,}, damaged identities: {result.damaged_identities:,}"
        )
        for line in result.structure:
            print(f"structure: {line}")
        for example in result.examples:
            print(f"damaged: {example.stage}: {example.input}: {example.damage}")
        if not result.sound:
            words = ["pivot-sum", "cache"]
            words += ["repair"] if result.structure else ["drop", "--damaged"]
            words += ["--cache", str(cache)] if cache else []
            print(f"next: {shlex.join(words)}, then run again: only what is lost is computed anew")
    if not result.sound:
        sys.exit(DAMAGED)


@app.command()
def repair(cache: CacheOption = None, json: JsonOption = False) -> None:
    """Save every sound row of a damaged cache into a new file in its place; the old file is kept
    beside it."""
    path = cache_path(cache)
    result = repair_cache(path)
    if json:
        print_json(None if result is None else result._asdict() | {"kept": str(result.kept)})
    elif result is None:
        print(f"{path} is sound; it was left as it is")
    else:
        print(f"rows saved: {result.rows:,}, names saved: {result.resolutions:,}")
        print(
            f"damaged and left out: {result.damaged:,}; numbers without a row: {result.gaps:,}"
            " (lost now, or dropped before)"
        )
        print(f"{path} is a new file; the damaged one is kept as {result.kept}")
        print("next: run again: only what is lost is computed anew")


@app.command("export")
def export_(
    target: Annotated[Path, typer.Argument(help="The file to write.")],
    recipe: Annotated[
        str | None,
        typer.Option(
            "--recipe", help="Only what a replay of this recipe needs.", autocompletion=recipes
        ),
    ] = None,
    set_: SetOption = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
    cache: CacheOption = None,
) -> None:
    """Write the whole cache, or what a recipe needs of it, to a single file another person can
    import."""
    without: list[str] = []
    if set_ and recipe is None:
        raise typer.BadParameter("--set changes a recipe: name one with --recipe")
    with Cache(cache_path(cache), read_only=True) as store:
        if recipe is None:
            result = export_cache(store, target, overwrite=overwrite)
        else:
            steps = load_recipe(recipe, set_ or ()).steps
            result, without = export_recipe(store, steps, target, overwrite=overwrite)
    if without:
        print(f"steps without results in this cache: {', '.join(without)}")
    if result.damaged:
        print(f"damaged rows left out: {result.damaged:,} (see pivot-sum cache verify)")
    print(f"{target}: {result.rows:,} rows, {target.stat().st_size / 1e6:,.1f} MB")
    print(f"next, on the other machine: pivot-sum cache import {target.name}")


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A file made by `pivot-sum cache export`.")],
    cache: CacheOption = None,
    json: JsonOption = False,
) -> None:
    """Add the results of another cache to this one. Nothing already here changes: neither a result
    nor what a model's name stood for."""
    with Cache(cache_path(cache)) as store:
        result = import_cache(store, source)
    names = result.names
    if json:
        print_json(
            {
                **result._asdict(),
                "examples": [example._asdict() for example in result.examples],
                "names": {
                    **names._asdict(),
                    "examples": [example._asdict() for example in names.examples],
                },
            }
        )
        return
    print(
        f"rows added: {result.added:,}, here already: {result.already:,}, damaged and refused:"
        f" {result.damaged:,}"
    )
    print(
        f"conflicts: {result.conflicts:,} (inputs whose outputs differ; the ones already here were"
        " kept)"
    )
    for row in result.examples:
        print(f"conflict: {row.stage}: {row.input}: kept {row.kept}, refused {row.refused}")
    print(
        f"names added: {names.added:,}, here already: {names.already:,}, damaged and refused:"
        f" {names.damaged:,}, without rows and left out: {names.without_rows:,}"
    )
    print(
        f"conflicts of names: {names.conflicts:,} (settings whose model or other name stands for"
        " something else here; what it stood for here was kept)"
    )
    for name in names.examples:
        print(
            f"conflict of names: {name.stage}, {name.field} {_short(name.name)}: kept"
            f" {_short(name.kept)}, refused {_short(name.refused)}"
        )
    if names.conflicts:
        print(
            f"next: --offline goes on answering as before; to replay what {source} holds, name it:"
            f" pivot-sum run RECIPE --offline --cache {source}"
        )


def _short(value: Any) -> str:
    """A value of an identity, short enough for a line. Hashes differ in their first digits."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(inner)}" for name, inner in value.items())
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"


@app.command()
def drop(
    stage: Annotated[str | None, typer.Option("--stage", help="All rows of this stage.")] = None,
    identity: Annotated[
        str | None,
        typer.Option("--identity", help="All rows of the identity with this SHA-256 prefix."),
    ] = None,
    damaged: Annotated[
        bool, typer.Option("--damaged", help="All rows that do not match their checksum.")
    ] = False,
    cache: CacheOption = None,
) -> None:
    """Remove rows: of a stage, of one identity (see `cache info`), or damaged ones. Nothing else is
    ever removed."""
    if sum((stage is not None, identity is not None, damaged)) != 1:
        raise typer.BadParameter("say what to drop: exactly one of --stage, --identity, --damaged")
    with Cache(cache_path(cache)) as store:
        dropped = store.drop(stage=stage, identity=identity, damaged=damaged)
    print(
        f"rows dropped: {dropped:,}"
        + ("" if dropped or damaged else " (nothing matches; see pivot-sum cache info)")
    )
