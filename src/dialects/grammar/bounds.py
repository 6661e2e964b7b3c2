"""The limits of numbers, lengths and counts: put in order, and refused where nothing lies between them."""

import math
from typing import Any

from .impossible import Impossible

Node = dict[str, Any]
COUNTS = (("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"))
# Whole numbers beyond this are not exact in most languages; infinities and NaN are not even JSON.
FARTHEST = 2**63
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def tidy(node: Node, kinds: list[str] | None, place: tuple[str, ...]) -> tuple[Node, list[str]]:
    """The limits of a schema that can be enforced, and the keywords that cannot be understood."""
    limits: Node = {}
    strange: list[str] = []
    node = _without_draft_4(node)
    for keyword in [*NUMBERS, *(name for pair in COUNTS for name in pair)]:
        value = node.get(keyword)
        if value is None:
            continue
        counts = keyword not in NUMBERS
        number = _number(value, whole=counts)
        if number is None or (keyword == "multipleOf" and number <= 0) or (counts and number < 0):
            strange.append(keyword)
        elif number or not (counts and keyword.startswith("min")):
            limits[keyword] = number
    _check_counts(limits, place)
    if kinds is None or set(kinds) <= {"number", "integer"}:
        _check_numbers(limits, kinds == ["integer"], place)
    return limits, strange


def _without_draft_4(node: Node) -> Node:
    """There `exclusiveMinimum: true` said how `minimum` was meant."""
    changed = dict(node)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(changed.get(exclusive), bool) and changed.pop(exclusive) and bound in changed:
            changed[exclusive] = changed.pop(bound)
    return changed


def _number(value: Any, whole: bool) -> int | float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -FARTHEST <= value <= FARTHEST:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if whole and not isinstance(value, int) else value


def _check_counts(limits: Node, place: tuple[str, ...]) -> None:
    for low, high in COUNTS:
        if high in limits and limits.get(low, 0) > limits[high]:
            raise Impossible(place, f"{low} is above {high}")


def _check_numbers(limits: Node, whole: bool, place: tuple[str, ...]) -> None:
    low = max(limits.get("minimum", -math.inf), limits.get("exclusiveMinimum", -math.inf))
    high = min(limits.get("maximum", math.inf), limits.get("exclusiveMaximum", math.inf))
    open_ended = low == limits.get("exclusiveMinimum") or high == limits.get("exclusiveMaximum")
    if low > high or (low == high and open_ended):
        raise Impossible(place, f"no number is between {low} and {high}")
    if whole and math.isfinite(low) and math.isfinite(high) and not _whole_between(limits, low, high):
        raise Impossible(place, f"no whole number is between {low} and {high}")


def _whole_between(limits: Node, low: float, high: float) -> bool:
    first = math.floor(low) + 1 if low == limits.get("exclusiveMinimum") else math.ceil(low)
    last = math.ceil(high) - 1 if high == limits.get("exclusiveMaximum") else math.floor(high)
    step = limits.get("multipleOf")
    if isinstance(step, int):
        first = -(-first // step) * step
    return first <= last
