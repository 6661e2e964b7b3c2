"""The schemas that clients sent, cleaned once, and values judged by them. Pure."""

import json
from functools import lru_cache
from typing import Any

from ...dialects.grammar.check import problems
from ...dialects.grammar.place import Node
from ...dialects.grammar.references import MISSING, find
from ...dialects.grammar.schema import clean
from ...errors import BadRequest

# References that lead to references.
DEEPEST = 16


def cleaned(schema: Node) -> Node:
    """Shared: not to be changed."""
    return _cleaned(json.dumps(schema))


@lru_cache(512)
def _cleaned(text: str) -> Node:
    try:
        return clean(json.loads(text)).schema
    except BadRequest:
        # Whoever answered made something of it all the same.
        return {}


def followed(node: Any, root: Node) -> Node:
    """The schema itself, where it is a reference."""
    for _ in range(DEEPEST):
        if not isinstance(node, dict) or "$ref" not in node:
            break
        found = find(root, node["$ref"])
        node = {} if found is MISSING else found
    return node if isinstance(node, dict) else {}


def wrong(value: Any, node: Node, root: Node) -> list[str]:
    """What a part of a schema has against a value."""
    return problems(value, {**node, "$defs": root["$defs"]} if "$defs" in root else node)


def options(node: Node) -> list[Any]:
    """The schemas of which one is to hold."""
    return [*node.get("anyOf", ()), *node.get("oneOf", ())]
