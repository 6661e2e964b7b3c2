"""Two schemas that must both hold, as one. Deep parts are left as `allOf` for whoever cleans them."""

import math
from collections.abc import Callable
from typing import Any

from .impossible import Impossible
from .kinds import common
from .values import same_key

Node = dict[str, Any]
GREATEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
LEAST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def both(left: Node, right: Node, place: tuple[str, ...]) -> Node:
    left, right = _listed(left), _listed(right)
    merged = dict(left)
    for keyword, value in right.items():
        if keyword not in left:
            merged[keyword] = value
        elif keyword in MERGED and left[keyword] != value:
            merged[keyword] = MERGED[keyword](left[keyword], value)
    if "type" in left and "type" in right and not merged["type"]:
        raise Impossible(place, "the types exclude each other")
    if isinstance(left.get("properties"), dict) or isinstance(right.get("properties"), dict):
        merged["properties"] = _properties(left, right)
    return merged


def _listed(node: Node) -> Node:
    """One value is a list of one value."""
    if "const" not in node or "enum" in node:
        return node
    return {name: value for name, value in node.items() if name != "const"} | {"enum": [node["const"]]}


def _all(left: Any, right: Any) -> Any:
    return {"allOf": [left, right]}


def _properties(left: Node, right: Node) -> Node:
    mine, theirs = _dict(left.get("properties")), _dict(right.get("properties"))
    return {
        name: _one(_of(mine, name, left), _of(theirs, name, right))
        for name in [*mine, *(name for name in theirs if name not in mine)]
    }


def _of(properties: Node, name: str, node: Node) -> Any:
    """What a schema says about a property, be it through `additionalProperties`."""
    if name in properties or "patternProperties" in node:
        return properties.get(name, True)
    return node.get("additionalProperties", True)


def _one(left: Any, right: Any) -> Any:
    if left is True or right is True:
        return right if left is True else left
    return False if left is False or right is False else _all(left, right)


def _dict(value: Any) -> Node:
    return value if isinstance(value, dict) else {}


def _union(left: Any, right: Any) -> Any:
    if not isinstance(left, list) or not isinstance(right, list):
        return left if isinstance(left, list) else right
    return left + [name for name in right if name not in left]


def _shared(left: Any, right: Any) -> Any:
    if not isinstance(left, list) or not isinstance(right, list):
        return left if isinstance(left, list) else right
    keys = {same_key(value) for value in right}
    return [value for value in left if same_key(value) in keys]


def _choices(left: Any, right: Any) -> Any:
    if not isinstance(left, list) or not isinstance(right, list):
        return left if isinstance(left, list) else right
    return [_all(one, {"anyOf": right}) for one in left]


def _patterns(left: Any, right: Any) -> Any:
    left, right = _dict(left), _dict(right)
    return left | {name: _one(left.get(name, True), value) for name, value in right.items()}


def _tuples(left: Any, right: Any) -> Any:
    if not isinstance(left, list) or not isinstance(right, list):
        return left if isinstance(left, list) else right
    longer = left if len(left) > len(right) else right
    return [_one(one, two) for one, two in zip(left, right, strict=False)] + longer[min(len(left), len(right)) :]


def _bound(choose: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def merged(left: Any, right: Any) -> Any:
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            return left if isinstance(left, int | float) else right
        return choose(left, right)

    return merged


def _multiple(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left > 0 and right > 0:
        return math.lcm(left, right)
    return left


MERGED: dict[str, Callable[[Any, Any], Any]] = {
    "type": common,
    "required": _union,
    "enum": _shared,
    "anyOf": _choices,
    "oneOf": _choices,
    "items": _one,
    "additionalProperties": _one,
    "patternProperties": _patterns,
    "prefixItems": _tuples,
    "multipleOf": _multiple,
    **{keyword: _bound(max) for keyword in GREATEST},
    **{keyword: _bound(min) for keyword in LEAST},
}
