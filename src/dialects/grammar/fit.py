"""Cleaned schemas relaxed until they can be enforced: smallest loss first, and only where it is needed."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from . import edges
from .cost import compiles, divisor_is_cheap, pattern_is_cheap
from .place import Node, Place, Warnings, notes, without

Change = Callable[[Node, Place], Node]

# What is given up, in this order; of two keywords in one line neither makes sense alone.
STEPS = (
    ("format",),
    ("pattern",),
    ("multipleOf",),
    ("minProperties", "maxProperties"),
    ("oneOf",),
    ("patternProperties",),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    ("enum", "const"),
    ("prefixItems",),
    ("anyOf",),
    ("allOf",),
)
NAMED_PARTS = ("properties", "patternProperties", "$defs")
LISTED_PARTS = ("prefixItems", "anyOf", "oneOf", "allOf")
PARTS = ("items", "additionalProperties")
# Each may take some 20 ms to judge.
MOST_PATTERNS = 64
# Beyond so many trials (about a millisecond each) whole levels are given up instead.
MOST_TRIALS = 400
# Nor is a fault looked for in a schema longer than this, as JSON.
LONGEST_SEARCHED = 200_000
# Only what is of a usual size is kept.
LONGEST_KEPT = 50_000
LEVELS = (6, 4, 3, 2, 1)
# llguidance takes a quotation mark, which JSON writes in two characters, for none of those that `[^"]` leaves out.
INEXACT = re.compile(r"\[\^[^\]]*\"")


@dataclass(frozen=True, slots=True)
class Fitted:
    schema: Node
    warnings: tuple[str, ...] = ()


def fit(schema: Node) -> Fitted:
    """The same schema gives the same object again: it is not to be changed."""
    text = json.dumps(schema)
    return _kept(text) if len(text) <= LONGEST_KEPT else _fitted(text)


def _fitted(text: str) -> Fitted:
    fitting = _Fitting()
    return Fitted(fitting.fitted(json.loads(text)), fitting.warnings.all)


_kept = lru_cache(256)(_fitted)


class _Fitting:
    def __init__(self) -> None:
        self.warnings = Warnings()
        self._trials = 0
        self._patterns: set[str] = set()

    def fitted(self, schema: Node) -> Node:
        schema = self._affordable(schema, ())
        if compiles(schema):
            return schema
        relaxed = schema if len(json.dumps(schema)) > LONGEST_SEARCHED else self._searched(schema)
        if relaxed is not schema and compiles(relaxed):
            return relaxed
        for level in LEVELS:
            shallow = without(_cut(relaxed, level), "$defs")
            if compiles(shallow):
                self.warnings.add((), f"is enforced only {level} levels deep")
                return shallow
        self.warnings.add((), "is not enforced beyond its being an object")
        return {"type": "object"} | notes(schema)

    def _searched(self, schema: Node) -> Node:
        definitions = {name: self._relaxed(part, ("$defs", name)) for name, part in schema.get("$defs", {}).items()}
        return self._relaxed(without(schema, "$defs"), ()) | ({"$defs": definitions} if definitions else {})

    def _affordable(self, node: Node, place: Place) -> Node:
        """Without what would be accepted now and be too much, or something else, while decoding."""
        kept = self._bounded(node, place)
        if "pattern" in node and not self._cheap(node["pattern"]):
            del kept["pattern"]
            self.warnings.add((*place, "pattern"), "takes too long and is not enforced")
        elif "pattern" in node and INEXACT.search(node["pattern"]):
            self.warnings.add((*place, "pattern"), "is enforced except for quotation marks")
        if "multipleOf" in node and not divisor_is_cheap(node["multipleOf"]):
            del kept["multipleOf"]
            self.warnings.add((*place, "multipleOf"), "takes too long and is not enforced")
        if not all(self._cheap(pattern) for pattern in node.get("patternProperties", ())):
            kept = self._dropped(kept, ("patternProperties",), place)
        return self._mapped(kept, place, self._affordable)

    def _bounded(self, node: Node, place: Place) -> Node:
        kept = dict(node)
        for keyword in edges.leaking(node):
            kept = edges.moved(kept, keyword)
            instead = edges.INCLUSIVE[keyword]
            told = f"is enforced as a {instead} of {kept[instead]}" if instead in kept else "is not enforced"
            self.warnings.add((*place, keyword), told)
        return kept

    def _cheap(self, pattern: str) -> bool:
        self._patterns.add(pattern)
        return len(self._patterns) <= MOST_PATTERNS and pattern_is_cheap(pattern)

    def _relaxed(self, node: Node, place: Place) -> Node:
        """What is wrong with a part is found in the part, so that the rest stays as it is."""
        if self._fits(node):
            return node
        node = self._mapped(node, place, self._relaxed)
        if self._fits(node):
            return node
        steps = [step for step in STEPS if not node.keys().isdisjoint(step)]
        for step in steps:
            if self._fits(_dropped(node, step)):
                return self._dropped(node, step, place)
        for step in steps:
            node = self._dropped(node, step, place)
            if self._fits(node):
                return node
        self.warnings.add(place, "is not enforced")
        return notes(node) | ({"type": node["type"]} if "type" in node else {})

    def _fits(self, node: Node) -> bool:
        self._trials += 1
        return self._trials > MOST_TRIALS or compiles(_unlinked(node))

    def _dropped(self, node: Node, step: tuple[str, ...], place: Place) -> Node:
        for keyword in step:
            if keyword in node:
                how = "is enforced as anyOf" if keyword == "oneOf" else "is not enforced"
                self.warnings.add((*place, keyword), how)
        return _dropped(node, step)

    def _mapped(self, node: Node, place: Place, change: Change) -> Node:
        return node | dict(_changed(node, place, change))


def _changed(node: Node, place: Place, change: Change) -> Iterator[tuple[str, Any]]:
    def change_one(part: Any, there: Place) -> Any:
        return change(part, there) if isinstance(part, dict) else part

    for keyword in NAMED_PARTS:
        if keyword in node:
            yield keyword, {name: change_one(part, (*place, keyword, name)) for name, part in node[keyword].items()}
    for keyword in LISTED_PARTS:
        if keyword in node:
            yield keyword, [change_one(part, (*place, keyword, str(at))) for at, part in enumerate(node[keyword])]
    for keyword in PARTS:
        if keyword in node:
            yield keyword, change_one(node[keyword], (*place, keyword))


def _dropped(node: Node, step: tuple[str, ...]) -> Node:
    kept = without(node, *step)
    if step == ("oneOf",):
        return kept | {"anyOf": node["oneOf"]}
    if step == ("patternProperties",) and node.get("additionalProperties") is False:
        return without(kept, "additionalProperties")
    return kept


def _unlinked(node: Any) -> Any:
    """With anything in place of what a reference leads to."""
    match node:
        case {"$ref": str()}:
            return {}
        case dict():
            return {name: _unlinked(part) for name, part in node.items() if name != "$defs"}
        case list():
            return [_unlinked(part) for part in node]
        case _:
            return node


def _cut(node: Node, level: int) -> Node:
    if level == 0 or "$ref" in node:
        return notes(node) | ({"type": node["type"]} if "type" in node else {})
    return node | dict(_changed(node, (), lambda part, _: _cut(part, level - 1)))
