"""YAML as recipes and the settings of models need it: safe values only, no larger than a recipe
can be, and a key that is written twice is a mistake, not a silent winner."""

from __future__ import annotations

from typing import Any

import yaml

MOST_CHARACTERS = 1_000_000
MOST_VALUES = 10_000
"""With every alias written out: nine lines of aliases of aliases stand for a billion values."""
DEEPEST = 50


class _Loader(yaml.SafeLoader):
    pass


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = key_node.value
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(
                None, None, "a key that is no text", key_node.start_mark
            )
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands here twice", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(text: str) -> Any:
    """The value of a YAML text. Raises `yaml.YAMLError`, for a key written twice, and for what is
    too large, too deep or holds itself, as well."""
    if len(text) > MOST_CHARACTERS:
        raise yaml.YAMLError(f"it has more than {MOST_CHARACTERS:,} characters")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _values(node, {}) > MOST_VALUES:
            raise yaml.YAMLError(f"it holds more than {MOST_VALUES:,} values, aliases written out")
        return loader.construct_document(node)
    except RecursionError as error:
        raise yaml.YAMLError("its values are nested too deep") from error
    except (ValueError, TypeError, OverflowError) as error:  # dates and numbers that are none
        raise yaml.YAMLError(str(error)) from error


def _values(node: yaml.Node, known: dict[int, int], depth: int = 0) -> int:
    """How many values a node stands for. Raises YAMLError where it is nested too deep, as one is
    that holds itself."""
    if depth > DEEPEST:
        raise yaml.YAMLError(f"its values are nested more than {DEEPEST} deep")
    if id(node) not in known:
        below = node.value if isinstance(node, yaml.CollectionNode) else []
        nodes = [part for each in below for part in (each if isinstance(each, tuple) else (each,))]
        known[id(node)] = 1 + sum(_values(part, known, depth + 1) for part in nodes)
    return known[id(node)]
