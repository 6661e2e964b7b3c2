"""JSON Schemas as clients really send them, made into ones that can be enforced and shown to a model."""

import json
from dataclasses import dataclass
from typing import Any

from ...errors import BadRequest
from . import arrays, bounds, enums, kinds, objects, references, texts
from .impossible import Impossible
from .keywords import CONSTRAINTS, UNENFORCED
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
    cleaning = _Cleaning(schema)
    try:
        cleaned = cleaning.root()
    except Impossible as error:
        raise BadRequest(f"No value satisfies this JSON schema ({error}).") from error
    return Cleaned(cleaned, cleaning.warnings.all)


class _Cleaning:
    """One schema on its way. A part that no value satisfies is an Impossible, for the parts around it to decide on."""

    def __init__(self, document: Node) -> None:
        self.warnings = Warnings()
        self._document = document
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
            self._defs[self._name("#")] = cleaned
        if "$ref" in cleaned:
            cleaned = self._defs[cleaned["$ref"].removeprefix("#/$defs/")] | notes(cleaned)
        if not without(cleaned, *notes(cleaned)):
            cleaned = {"type": "object", **cleaned}
        return cleaned | ({"$defs": self._defs} if self._defs else {})

    def part(self, node: Any, place: Place) -> Node:
        if node is False:
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
        if reference in self._open:
            self._recursive.add(reference)
            return {"$ref": f"#/$defs/{self._name(reference)}"}
        if reference not in self._known:
            self._known[reference] = self._defined(reference, place)
        return self._known[reference]

    def _defined(self, reference: str, place: Place) -> Node:
        target = self._found(reference, place)
        self._open.add(reference)
        try:
            cleaned = self.part(target, place)
        finally:
            self._open.discard(reference)
        link = {"$ref": f"#/$defs/{self._name(reference)}"}
        if cleaned == link:
            self.warnings.add(place, "refers to nothing but itself and is ignored")
            return {}
        if reference not in self._recursive and len(json.dumps(cleaned)) <= LONGEST_INLINED:
            return cleaned
        if len(self._defs) >= MOST_DEFINITIONS:
            self.warnings.add(place, f"refers to one definition too many ({reference[:80]}) and is not enforced")
            cleaned = {}
        self._defs[self._name(reference)] = cleaned
        return link

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
            if member is False:
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
            return self.part(beside, place) | {keyword: [{"required": choice["required"]} for choice in node[keyword]]}
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
        _warn_unenforced(node, place, self.warnings)
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


def _warn_unenforced(node: Node, place: Place, warnings: Warnings) -> None:
    for keyword in UNENFORCED:
        if keyword in node and node[keyword] not in (False, {}, None, []):
            warnings.add((*place, keyword), "is not enforced")


def _only_requires(choice: Any) -> bool:
    """One of several sets of properties is needed, of those that are declared beside: no new shape of object."""
    if not isinstance(choice, dict) or CONSTRAINTS & choice.keys() != {"required"}:
        return False
    names = choice["required"]
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
