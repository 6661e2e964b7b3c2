"""Objects: which properties they may have, and which they must."""

from collections.abc import Callable
from typing import Any

from .impossible import Impossible
from .place import Node, Place, Warnings
from .texts import LONGEST_PATTERN
from .values import MOST_PROPERTIES, writable

# llguidance compares each with each: 60 take 80 ms, 500 more than a minute.
MOST_PATTERNS = 50

Part = Callable[[Any, Place], Node]


def tidy(node: Node, limits: Node, place: Place, part: Part, warnings: Warnings) -> Node:
    """The keywords of an object; None for one that is to be left out."""
    named = node.get("properties")
    if named is not None and not isinstance(named, dict):
        warnings.add((*place, "properties"), "is no object and is ignored")
    declared: Node = named if isinstance(named, dict) else {}
    required = _required(node, declared)
    if len(declared) + len(required) > MOST_PROPERTIES:
        warnings.add((*place, "properties"), f"has too many entries ({len(declared)}) and is not enforced")
        return {}
    others = node.get("additionalProperties", node.get("unevaluatedProperties"))
    properties = _properties(declared, required, place, part, warnings)
    for name in [name for name in required if name not in properties]:
        if others is False or not writable(name):
            warnings.add((*place, "required"), f"names {name[:80]!r}, which is no property, and is not enforced there")
            required.remove(name)
        else:
            properties[name] = part(others if isinstance(others, dict) else {}, (*place, "additionalProperties"))
    cleaned: Node = {"properties": properties} if properties else {}
    cleaned |= {"required": required} if required else {}
    patterns = _patterns(node, place, part, warnings)
    if node.get("patternProperties") and not patterns:
        # They were given up, so what they allow must be allowed.
        return cleaned | _others(True, False, place, part)
    cleaned |= patterns
    cleaned |= _others(others, isinstance(named, dict) or bool(cleaned), place, part)
    return cleaned | _counts(cleaned, limits, place)


def _required(node: Node, declared: Node) -> list[str]:
    """In draft 3, and by mistake until today, `required: true` stands inside the property itself."""
    listed = node.get("required")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    names += [name for name, schema in declared.items() if isinstance(schema, dict) and schema.get("required") is True]
    return list(dict.fromkeys(names))


def _properties(declared: Node, required: list[str], place: Place, part: Part, warnings: Warnings) -> Node:
    properties: Node = {}
    for name, schema in declared.items():
        there = (*place, "properties", str(name))
        if not isinstance(name, str) or not writable(name):
            warnings.add(there, "has a name that cannot be written and is left out")
            continue
        try:
            properties[name] = part(schema, there)
        except Impossible as error:
            if name in required:
                raise
            warnings.add(there, f"can have no value ({error.why}) and is left out")
    return properties


def _patterns(node: Node, place: Place, part: Part, warnings: Warnings) -> Node:
    given = node.get("patternProperties")
    if not isinstance(given, dict) or not given:
        return {}
    if len(given) > MOST_PATTERNS:
        warnings.add((*place, "patternProperties"), f"has too many entries ({len(given)}) and is not enforced")
        return {}
    patterns: Node = {}
    for pattern, schema in given.items():
        there = (*place, "patternProperties", str(pattern))
        if not isinstance(pattern, str) or not writable(pattern) or len(pattern) > LONGEST_PATTERN:
            warnings.add(there, "cannot be used and is not enforced")
            continue
        try:
            patterns[pattern] = part(schema, there)
        except Impossible:
            patterns[pattern] = False
    return {"patternProperties": patterns} if patterns else {}


def _others(others: Any, closed: bool, place: Place, part: Part) -> Node:
    """Unsaid means closed as soon as anything is said about properties: a model is not to invent more of them."""
    if others is None or not isinstance(others, bool | dict):
        return {"additionalProperties": False} if closed else {}
    try:
        return {"additionalProperties": part(others, (*place, "additionalProperties")) or True}
    except Impossible:
        return {"additionalProperties": False}


def _counts(cleaned: Node, limits: Node, place: Place) -> Node:
    """`minProperties` and `maxProperties`, where the properties by themselves do not see to it."""
    known, required = len(cleaned.get("properties", {})), len(cleaned.get("required", ()))
    closed = cleaned.get("additionalProperties") is False and "patternProperties" not in cleaned
    least, most = limits.get("minProperties", 0), limits.get("maxProperties")
    if closed and least > known:
        raise Impossible(place, f"minProperties is {least}, but there are only {known} properties")
    if most is not None and required > most:
        raise Impossible(place, f"maxProperties is {most}, but {required} properties are required")
    return {
        "minProperties": least if least > required else None,
        "maxProperties": None if most is None or (closed and most >= known) else most,
    }
