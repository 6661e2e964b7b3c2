"""What a schema says by itself, before it is cleaned: nothing at all, or what is ignored, but not without a word."""

from typing import Any

from .keywords import CONSTRAINTS, UNENFORCED
from .place import Node, Place, Warnings

SHAPES: dict[str, tuple[tuple[type, ...], str]] = {
    "$ref": ((str,), "text"),
    "allOf": ((list,), "list"),
    "anyOf": ((list,), "list"),
    "oneOf": ((list,), "list"),
    "prefixItems": ((list,), "list"),
    "required": ((list, bool), "list"),  # draft 3 has it as a boolean inside the property
    "patternProperties": ((dict,), "object"),
    "additionalProperties": ((dict, bool), "schema"),
    "unevaluatedProperties": ((dict, bool), "schema"),
}
NEVER_EMPTY = ("type", "anyOf", "oneOf")


def check(node: Node, place: Place, warnings: Warnings) -> None:
    """Null counts as not said: many clients send it so."""
    for keyword, (kinds, name) in SHAPES.items():
        if node.get(keyword) is not None and not isinstance(node[keyword], kinds):
            warnings.add((*place, keyword), f"is no {name} and is ignored")
    for keyword in NEVER_EMPTY:
        if node.get(keyword) == []:
            warnings.add((*place, keyword), "is empty and is ignored")
    if any(not isinstance(name, str) for name in _list(node.get("required"))):
        warnings.add((*place, "required"), "holds what is no name, which is ignored")
    for keyword in UNENFORCED:
        if keyword in node and node[keyword] not in (False, {}, None, []):
            warnings.add((*place, keyword), "is not enforced")


def forbids_all(node: Any) -> bool:
    """`false`, by its name or as the opposite of what allows everything."""
    if not isinstance(node, dict) or "not" not in node:
        return node is False
    all_but = node["not"]
    return all_but is True or (isinstance(all_but, dict) and CONSTRAINTS.isdisjoint(all_but))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
