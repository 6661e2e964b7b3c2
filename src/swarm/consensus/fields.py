"""A JSON value by its fields: what has to be equal, and texts in which those that agree may differ. Pure.

Numbers, enumerations, paths, commands and short strings are hard. A long text is soft, but its numbers and negations
are not, unless it is as long as a file. What only explains the rest, such as a `description`, is soft altogether.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

from ...dialects.grammar.place import Node
from . import strings
from .facts import facts
from .numbers import exact
from .reading import of_item, of_property
from .schemas import followed, options

# Characters of a string that has to be equal, and of one whose numbers have to be.
LONGEST_HARD = 80
LONGEST_CHECKED = 400
# What leads to an answer, and what is told about it where that may be left out.
THINKS = frozenset({"reasoning", "thought", "thoughts", "thinking", "explanation", "justification", "rationale"})
EXPLAINS = frozenset({"description", "reason", "comment", "note"})


@dataclass(frozen=True, slots=True)
class Fields:
    """`hard` is JSON again, in which a soft text is an object of what is hard of it."""

    hard: str
    soft: str


def fields(value: Any, root: Node) -> Fields:
    reading = _Reading(root)
    hard = reading.part(value, root, "", "")
    return Fields(hard, json.dumps(sorted(reading.soft)) if reading.soft else "")


class _Reading:
    def __init__(self, root: Node) -> None:
        self._root = root
        self.soft: list[tuple[str, str]] = []

    def part(self, value: Any, node: Any, name: str, place: str) -> str:
        node = followed(node, self._root)
        match value:
            case dict():
                return self._object(value, node, place)
            case list():
                items = [self.part(item, of_item(node, at), name, f"{place}[{at}]") for at, item in enumerate(value)]
                return f"[{','.join(items)}]"
            case str():
                listed = "enum" in node or "const" in node
                return json.dumps(value) if listed else self._string(value, strings.snake(name), place)
            case bool() | None:
                return json.dumps(value)
            case _:
                return _number(value)

    def _object(self, value: Mapping[str, Any], node: Node, place: str) -> str:
        beside = _beside(value, node)
        self.soft += [(f"{place}.{name}", value[name]) for name in beside]
        parts = [
            f"{json.dumps(name)}:{self.part(value[name], self._property(node, name), name, f'{place}.{name}')}"
            for name in sorted(value)
            if name not in beside
        ]
        return f"{{{','.join(parts)}}}"

    def _property(self, node: Node, name: str) -> Any:
        """Of several shapes the first that has it."""
        shapes = [node, *(followed(choice, self._root) for choice in options(node))]
        having = (shape["properties"][name] for shape in shapes if name in shape.get("properties", {}))
        return next(having, of_property(node, name))

    def _string(self, text: str, name: str, place: str) -> str:
        if known := strings.canonical(text, name):
            return json.dumps(known)
        text = text.strip()
        if len(text) <= LONGEST_HARD and "\n" not in text:
            return json.dumps(strings.words(text, name))
        self.soft.append((place, text))
        numbers, negations = facts(text) if len(text) <= LONGEST_CHECKED else ((), 0)
        return json.dumps({"~": [*numbers, f"no:{negations}"]}, separators=(",", ":"))


def _beside(value: Mapping[str, Any], node: Node) -> set[str]:
    """The texts that only explain, where there is something to be explained."""
    found = {
        name
        for name, item in value.items()
        if isinstance(item, str)
        and (name in THINKS or (name in EXPLAINS and name in node.get("properties", {})))
        and (name in THINKS or name not in node.get("required", ()))
    }
    return found if len(found) < len(value) else set()


def _number(value: float) -> str:
    if isinstance(value, int):
        return exact(Fraction(value))
    return exact(Fraction(repr(value))) if isfinite(value) else json.dumps(str(value))
