"""Where a `$ref` points to, inside one document."""

from typing import Any
from urllib.parse import unquote


class Missing:
    """What a pointer into nothing finds; a schema may be any JSON value, so None would not do."""


MISSING = Missing()


def find(document: Any, reference: str) -> Any:
    """`#`, `#/$defs/Name`, or the name of an `$anchor`. Other documents are never fetched."""
    if not reference.startswith("#"):
        return MISSING
    pointer = unquote(reference[1:])
    if pointer and not pointer.startswith("/"):
        return _anchored(document, pointer)
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict) and name in document:
            document = document[name]
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return MISSING
    return document


def _anchored(document: Any, anchor: str) -> Any:
    if isinstance(document, dict):
        for definitions in (document.get("$defs"), document.get("definitions")):
            if isinstance(definitions, dict):
                for schema in definitions.values():
                    if isinstance(schema, dict) and anchor in (
                        schema.get("$anchor"),
                        schema.get("$id"),
                        schema.get("id"),
                    ):
                        return schema
    return MISSING


def linked(schema: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Those of the definitions that a cleaned schema leads to, in their order."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        match waiting.pop():
            case {"$ref": str(link)} if (name := link.rpartition("/")[2]) not in found and name in definitions:
                found.add(name)
                waiting.append(definitions[name])
            case dict(node):
                waiting += node.values()
            case list(items):
                waiting += items
    return {name: node for name, node in definitions.items() if name in found}


def name_of(reference: str, taken: set[str]) -> str:
    """A short name for `$defs`, not taken yet."""
    last = reference.rsplit("/", 1)[-1].strip("#") or "root"
    plain = "".join(char if char.isalnum() or char in "_-." else "_" for char in last)
    name = plain
    number = len(taken)
    while name in taken:
        number += 1
        name = f"{plain}{number}"
    return name
