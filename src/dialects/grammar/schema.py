"""JSON Schemas as clients really send them, made into ones that can be enforced and shown to a model."""

import json
from dataclasses import dataclass
from typing import Any

from ...errors import BadRequest
from . import arrays, bounds, enums, kinds, objects, references, shapes, texts
from .endless import DEFINITIONS, endless
from .impossible import Impossible
from .keywords import CONSTRAINTS
from .merging import both
from .place import Node, Place, Warnings, notes, without
from .values import same_key

# Bounds against schemas that are built to hurt; agents' largest tools have some hundreds of parts.
DEEPEST = 48
MOST_PARTS = 5_000
# llguidance follows a chain of them with a stack: 3000 end a process with the 512 kB of a thread on macOS.
MOST_DEFINITIONS = 200
# A definition longer than this, as JSON, is not repeated in each place where it is used.
LONGEST_INLINED = 4_000


@dataclass(frozen=True, slots=True)
class Cleaned:
    schema: Node
    warnings: tuple[str, ...] = ()


def clean(schema: Any) -> Cleaned:
    """BadRequest for what is no schema at all, and where no value satisfies it."""
    if schema is None or schema is True:
        schema = {}
    if not isinstance(schema, dict):
        raise BadRequest("A JSON schema must be an object.")
    try:
        return _cleaned(schema)
    except Impossible as error:
        raise BadRequest(f"No value satisfies this JSON schema ({error}).") from error


def _cleaned(schema: Node) -> Cleaned:
    """What never ends is known only when everything was seen; then it is left out as any other contradiction is."""
    without_end: frozenset[str] = frozenset()
    while True:
        cleaning = _Cleaning(schema, without_end)
        cleaned = cleaning.root()
        found = cleaning.without_end()
        if not found:
            return Cleaned(cleaned, cleaning.warnings.all)
        without_end |= found


class _Cleaning:
    """One schema on its way. A part that no value satisfies is an Impossible, for the parts around it to decide on."""

    def __init__(self, document: Node, without_end: frozenset[str]) -> None:
        """`without_end`: references to what no finite value satisfies."""
        self.warnings = Warnings()
        self._document = document
        self._without_end = without_end
        self._parts = 0
        self._depth = 0
        self._open = {"#"}  # references that are being followed: one of them again means recursion
        self._recursive: set[str] = set()
        self._known: dict[str, Node] = {}
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._defs: dict[str, Node] = {}

    def root(self) -> Node:
        cleaned = self.part(self._document, ())
        if "#" in self._recursive:
            cleaned = self._defs[self._name("#")] = self._unless_itself("#", cleaned, ())
        if "$ref" in cleaned:
            cleaned = self._defs[cleaned["$ref"].removeprefix(DEFINITIONS)] | notes(cleaned)
        if not without(cleaned, *notes(cleaned)):
            cleaned = {"type": "object", **cleaned}
        used = references.linked(cleaned, self._defs)
        return cleaned | ({"$defs": used} if used else {})

    def without_end(self) -> frozenset[str]:
        """References to what no finite value satisfies, as far as was found out now."""
        names = endless(self._defs)
        # What turned out to be impossible after it was linked to has no definition at all.
        return frozenset(
            reference
            for reference, name in self._names.items()
            if name in names or (reference in self._recursive and name not in self._defs)
        )

    def part(self, node: Any, place: Place) -> Node:
        if shapes.forbids_all(node):
            raise Impossible(place, "nothing is allowed here")
        if node is True or not isinstance(node, dict):
            if node is not True:
                self.warnings.add(place, "is no schema and is ignored")
            return {}
        self._parts += 1
        if self._depth >= DEEPEST or self._parts > MOST_PARTS:
            self.warnings.add(place[:8], "is too deep or too large and is not enforced")
            return {}
        self._depth += 1
        try:
            return self._kept(node, place)
        finally:
            self._depth -= 1

    def _kept(self, node: Node, place: Place) -> Node:
        if isinstance(node.get("$ref"), str):
            return self._reference(node, place)
        if isinstance(node.get("allOf"), list):
            return self._all(node, place)
        for keyword in ("anyOf", "oneOf"):
            if isinstance(node.get(keyword), list) and node[keyword]:
                return self._choices(node, keyword, place)
        return self._plain(node, place)

    def _reference(self, node: Node, place: Place) -> Node:
        beside = without(node, "$ref")
        if CONSTRAINTS.isdisjoint(beside):
            return self._definition(node["$ref"], place) | notes(beside)
        return self._all(beside | {"allOf": [{"$ref": node["$ref"]}, *_list(beside.get("allOf"))]}, place)

    def _definition(self, reference: str, place: Place) -> Node:
        if reference in self._without_end:
            raise Impossible(place, "no value of it would ever end")
        if reference in self._open:
            self._recursive.add(reference)
            return self._link(reference)
        if reference not in self._known:
            self._known[reference] = self._defined(reference, place)
        return self._known[reference]

    def _defined(self, reference: str, place: Place) -> Node:
        target = self._found(reference, place)
        self._open.add(reference)
        try:
            cleaned = self._unless_itself(reference, self.part(target, place), place)
        finally:
            self._open.discard(reference)
        if not cleaned:
            # Something may have linked to it before.
            self._defs[self._name(reference)] = cleaned
            return {}
        if reference not in self._recursive and len(json.dumps(cleaned)) <= LONGEST_INLINED:
            return cleaned
        if len(self._defs) >= MOST_DEFINITIONS:
            self.warnings.add(place, f"refers to one definition too many ({reference[:80]}) and is not enforced")
            cleaned = {}
        self._defs[self._name(reference)] = cleaned
        return self._link(reference)

    def _unless_itself(self, reference: str, cleaned: Node, place: Place) -> Node:
        if without(cleaned, *notes(cleaned)) != self._link(reference):
            return cleaned
        self.warnings.add(place, "refers to nothing but itself and is ignored")
        return {}

    def _link(self, reference: str) -> Node:
        return {"$ref": f"{DEFINITIONS}{self._name(reference)}"}

    def _found(self, reference: str, place: Place) -> Any:
        target = references.find(self._document, reference)
        if target is references.MISSING:
            self.warnings.add((*place, "$ref"), f"leads nowhere ({reference[:80]}) and is ignored")
            return True
        return target

    def _name(self, reference: str) -> str:
        if reference not in self._names:
            self._names[reference] = references.name_of(reference, self._taken)
            self._taken.add(self._names[reference])
        return self._names[reference]

    def _all(self, node: Node, place: Place) -> Node:
        beside = without(node, "allOf")
        members = [member for member in node["allOf"] if not isinstance(member, dict) or CONSTRAINTS & member.keys()]
        if CONSTRAINTS.isdisjoint(beside) and len(members) == 1:
            return self.part(members[0], place) | notes(beside)
        for member in members:
            beside = both(beside, self._followed(member, place), place)
        return self.part(beside, place)

    def _followed(self, member: Any, place: Place) -> Node:
        """What a part of `allOf` says by itself, its references followed."""
        for _ in range(DEEPEST):
            if shapes.forbids_all(member):
                raise Impossible(place, "nothing is allowed here")
            if not isinstance(member, dict):
                return {}
            if not isinstance(member.get("$ref"), str):
                return member
            target = self._found(member["$ref"], place)
            member = both(without(member, "$ref"), target, place) if isinstance(target, dict) else target
        return {}

    def _choices(self, node: Node, keyword: str, place: Place) -> Node:
        beside = without(node, keyword)
        if "properties" in beside and all(_only_requires(choice) for choice in node[keyword]):
            return self._needed(self.part(beside, place), beside["properties"], node[keyword], keyword, place)
        # A type beside the choices is said once more, and costs nothing to leave to them.
        alone = CONSTRAINTS.isdisjoint(without(beside, "type"))
        options: dict[str, Node] = {}
        for number, choice in enumerate(node[keyword]):
            try:
                there = (*place, keyword, str(number))
                whole = choice if alone else both(beside, self._followed(choice, there), there)
                cleaned = self.part(whole, there)
            except Impossible:
                continue
            if alone and kinds.exclude(beside, cleaned):
                continue
            options.setdefault(same_key(cleaned), self._typed(cleaned, beside))
        if not options:
            raise Impossible(place, f"none of the choices in {keyword} can be satisfied")
        if len(options) == 1:
            return next(iter(options.values())) | notes(beside)
        return notes(beside) | {keyword: list(options.values())}

    def _needed(self, cleaned: Node, declared: Any, choices: list[Node], keyword: str, place: Place) -> Node:
        """Without the choices that need a property which can have no value."""
        gone = set(declared) - cleaned.get("properties", {}).keys() if isinstance(declared, dict) else set()
        left = [{"required": choice["required"]} for choice in choices if gone.isdisjoint(choice["required"])]
        if not left:
            raise Impossible(place, f"none of the choices in {keyword} can be satisfied")
        return cleaned | {keyword: left}

    def _typed(self, cleaned: Node, beside: Node) -> Node:
        named, _ = kinds.named(beside)
        if not named or cleaned.keys() & {"type", "$ref", "anyOf", "oneOf", "enum", "const"}:
            return cleaned
        return self._plain(beside, ()) | cleaned

    def _plain(self, node: Node, place: Place) -> Node:
        named, strange = kinds.named(node)
        if strange:
            self.warnings.add((*place, "type"), f"is no type of JSON Schema ({str(strange[0])[:40]}) and is ignored")
        wanted = named or kinds.guessed(node)
        shapes.check(node, place, self.warnings)
        limits, odd = bounds.tidy(node, wanted, place)
        for keyword in odd:
            self.warnings.add((*place, keyword), "cannot be understood and is not enforced")
        strings = texts.tidy(node, wanted, place, self.warnings)
        cleaned = notes(node) | ({"type": wanted[0] if len(wanted) == 1 else wanted} if wanted else {})
        if "enum" in node or "const" in node:
            values = enums.allowed(node, limits | strings, wanted, place, self.warnings)
            if values is not None:
                return cleaned | values
        cleaned |= limits | strings
        if wanted and "object" in wanted:
            cleaned |= objects.tidy(node, limits, place, self.part, self.warnings)
        if wanted and "array" in wanted:
            cleaned |= arrays.tidy(node, limits, place, self.part)
        return {keyword: value for keyword, value in cleaned.items() if value is not None}


def _only_requires(choice: Any) -> bool:
    """One of several sets of properties is needed, of those that are declared beside: no new shape of object."""
    if not isinstance(choice, dict) or CONSTRAINTS & choice.keys() != {"required"}:
        return False
    names = choice["required"]
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
