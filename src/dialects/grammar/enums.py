"""Enumerations: the values that a schema allows by name."""

import json
from typing import Any

from .check import problems
from .impossible import Impossible
from .kinds import fits
from .place import Node, Place, Warnings
from .values import kind_of, same_key, wide, writable

# Beyond this (in values, and in characters of all of them) a list is no help to a model either.
MOST_VALUES = 4_000
LONGEST_VALUES = 100_000


def allowed(node: Node, limits: Node, wanted: list[str] | None, place: Place, warnings: Warnings) -> Node | None:
    """`const` or `enum` with the values that everything else in this schema allows; None: it does not limit any."""
    listed = node["enum"] if "enum" in node else [node["const"]]
    if not isinstance(listed, list):
        warnings.add((*place, "enum"), "is no list and is not enforced")
        return None
    if "enum" in node and "const" in node:
        listed = [value for value in listed if same_key(value) == same_key(node["const"])]
    values = {
        same_key(value): value
        for value in listed
        if writable(value) and (wanted is None or fits(value, wanted)) and not (limits and problems(value, limits))
    }
    if not values:
        raise Impossible(place, "no value is allowed")
    return _relaxed(list(values.values()), place, warnings)


def _relaxed(values: list[Any], place: Place, warnings: Warnings) -> Node:
    if len(values) <= MOST_VALUES and len(json.dumps(values)) <= LONGEST_VALUES and not wide(values):
        return {"enum": values} if len(values) > 1 else {"const": values[0]}
    warnings.add((*place, "enum"), f"is too long ({len(values)} values) and is not enforced")
    found = sorted({kind_of(value) for value in values})
    return {"type": found[0] if len(found) == 1 else found}
