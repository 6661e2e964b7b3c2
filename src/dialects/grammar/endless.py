"""Recursion that never ends: definitions that every value of would have to hold once more."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from .place import Node

DEFINITIONS = "#/$defs/"


def endless(definitions: Mapping[str, Node]) -> set[str]:
    """Of these cleaned definitions, the names of those that no finite value satisfies."""
    left = dict(definitions)
    ending: set[str] = set()
    while found := [name for name, node in left.items() if _ends(node, ending)]:
        ending.update(found)
        for name in found:
            del left[name]
    return set(left)


def _ends(node: Any, ending: Collection[str]) -> bool:
    """Is there a value, of parts that are known to have one?"""
    if not isinstance(node, dict):
        return node is not False
    if "$ref" in node:
        return node["$ref"].removeprefix(DEFINITIONS) in ending
    for keyword in ("anyOf", "oneOf"):
        if keyword in node and not any(_ends(_whole(option, node), ending) for option in node[keyword]):
            return False
    if "type" not in node or "enum" in node or "const" in node:
        return True
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    return any(_ends_as(kind, node, ending) for kind in kinds)


def _whole(option: Node, node: Node) -> Node:
    """Options may only say which of the properties that stand beside them are needed."""
    if option.keys() != {"required"}:
        return option
    return {"type": "object", "properties": node.get("properties", {}), **option}


def _ends_as(kind: str, node: Node, ending: Collection[str]) -> bool:
    if kind == "object":
        return _object_ends(node, ending)
    return kind != "array" or _array_ends(node, ending)


def _object_ends(node: Node, ending: Collection[str]) -> bool:
    properties = node.get("properties", {})
    possible = {name for name, part in properties.items() if _ends(part, ending)}
    if not possible.issuperset(name for name in node.get("required", ()) if name in properties):
        return False
    others = [node.get("additionalProperties", True), *node.get("patternProperties", {}).values()]
    most = math.inf if any(_ends(part, ending) for part in others) else len(possible)
    return bool(node.get("minProperties", 0) <= most)


def _array_ends(node: Node, ending: Collection[str]) -> bool:
    least: int = node.get("minItems", 0)
    first = node.get("prefixItems", [])
    if not all(_ends(part, ending) for part in first[:least]):
        return False
    return least <= len(first) or _ends(node.get("items", True), ending)
