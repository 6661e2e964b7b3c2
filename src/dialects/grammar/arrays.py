"""Arrays: what may stand in them, and where."""

from collections.abc import Callable
from typing import Any

from .impossible import Impossible
from .place import Node, Place

Part = Callable[[Any, Place], Node]


def tidy(node: Node, limits: Node, place: Place, part: Part) -> Node:
    first, others = _drafts(node)
    most = limits.get("maxItems")
    prefix: list[Node] = []
    for number, schema in enumerate(first):
        try:
            prefix.append(part(schema, (*place, "prefixItems", str(number))))
        except Impossible:
            most, others = _least(most, number), True
            break
    try:
        items = part(others, (*place, "items"))
    except Impossible:
        most, items = _least(most, len(prefix)), {}
    if most is not None and limits.get("minItems", 0) > most:
        raise Impossible(place, f"minItems is {limits['minItems']}, but at most {most} items are possible")
    cleaned: Node = {"prefixItems": prefix} if prefix else {}
    cleaned |= {"items": items} if items else {}
    return cleaned | ({"maxItems": most} if most is not None else {})


def _drafts(node: Node) -> tuple[list[Any], Any]:
    """Until draft 2019-09 a list in `items` was what `prefixItems` is now."""
    items = node.get("items", True)
    if isinstance(items, list):
        return items, node.get("additionalItems", True)
    prefix = node.get("prefixItems")
    return prefix if isinstance(prefix, list) else [], items


def _least(most: int | None, other: int) -> int:
    return other if most is None else min(most, other)
