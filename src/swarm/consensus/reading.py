"""JSON read kindly: what its schema shows to be meant, and nothing that the schema says by itself anyway. Pure.

`"3"` where an integer belongs is 3, a value equal to its default is left out, and so is null for what is optional.
"""

import json
from typing import Any

from ...dialects.grammar.kinds import fits, named
from ...dialects.grammar.place import Node
from ...dialects.grammar.values import same_key
from .schemas import followed, options, wrong

# Of lists and objects in each other; more is no answer to anything.
DEEPEST = 64
MOST_TRIES = 4
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "none": None}


def parsed(text: str) -> Any:
    """ValueError for what is no JSON, which NaN is not either, and for what is nested without measure."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if _depth(value) > DEEPEST:
        raise ValueError("nested too deeply")
    return value


def meant(value: Any, node: Any, root: Node, tries: int = MOST_TRIES) -> Any:
    """`tries`: so often, one inside the other, an option is tried that does not take a value as it is."""
    node = followed(node, root)
    # Beside properties they only say which of these are needed.
    if "properties" not in node and (choices := options(node)):
        return _chosen(value, [followed(choice, root) for choice in choices], root, tries)
    value = _coerced(value, node)
    match value:
        case dict():
            return _object(value, node, root, tries)
        case list():
            return [meant(item, of_item(node, at), root, tries) for at, item in enumerate(value)]
        case _:
            return value


def _object(value: dict[str, Any], node: Node, root: Node, tries: int) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, item in value.items():
        part = of_property(node, name)
        read = meant(item, part, root, tries)
        if name in node.get("required", ()) or not _goes_without_saying(read, followed(part, root)):
            kept[name] = read
    return kept


def _goes_without_saying(value: Any, node: Node) -> bool:
    if value is None and node.get("default") is not None:
        kinds, _ = named(node)
        return kinds is not None and "null" not in kinds
    return value is None or ("default" in node and same_key(value) == same_key(node["default"]))


def _chosen(value: Any, choices: list[Node], root: Node, tries: int) -> Any:
    """As the first that takes it as it is; else as the first that can make something of it."""
    for choice in choices:
        if not wrong(value, choice, root):
            return meant(value, choice, root, tries)
    for choice in choices if tries else ():
        read = meant(value, choice, root, tries - 1)
        if not wrong(read, choice, root):
            return read
    return value


def _coerced(value: Any, node: Node) -> Any:
    listed = node.get("enum", [node["const"]] if "const" in node else None)
    if isinstance(listed, list):
        return _listed(value, listed)
    kinds, _ = named(node)
    if not kinds or fits(value, kinds):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(value, str):
        return _out_of_text(value.strip(), kinds, value)
    if isinstance(value, int | float) and not isinstance(value, bool) and "string" in kinds:
        return json.dumps(value)
    return value


def _listed(value: Any, listed: list[Any]) -> Any:
    """The one that differs in case alone, or is the same number as text."""
    if any(same_key(value) == same_key(one) for one in listed):
        return value
    near = [one for one in listed if str(one).casefold() == str(value).casefold().strip()]
    return near[0] if len(near) == 1 else value


def _out_of_text(text: str, kinds: list[str], value: str) -> Any:
    if text.lower() in WORDS:
        found: Any = WORDS[text.lower()]
    else:
        try:
            found = parsed(text)
        except ValueError:
            return value
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    return found if fits(found, kinds) and not isinstance(found, str) else value


def of_property(node: Node, name: str) -> Any:
    properties = node.get("properties", {})
    return properties[name] if name in properties else node.get("additionalProperties", {})


def of_item(node: Node, at: int) -> Any:
    first = node.get("prefixItems", ())
    return first[at] if at < len(first) else node.get("items", {})


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [item for one in level for item in (one.values() if isinstance(one, dict) else one)]
    return depth


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
