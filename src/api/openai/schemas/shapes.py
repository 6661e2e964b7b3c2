"""The words in which the schemas are written."""

from collections.abc import Sequence
from typing import Any

Schema = dict[str, Any]

NULL: Schema = {"type": "null"}
STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}


def whole(least: int, most: int | None = None) -> Schema:
    return INTEGER | {"minimum": least} | ({} if most is None else {"maximum": most})


def number(least: float, most: float) -> Schema:
    return NUMBER | {"minimum": least, "maximum": most}


def array(items: Schema, least: int = 0, most: int | None = None) -> Schema:
    limits = ({"minItems": least} if least else {}) | ({} if most is None else {"maxItems": most})
    return {"type": "array", "items": items} | limits


def record(fields: dict[str, Schema], required: Sequence[str] = ()) -> Schema:
    """Of a request: what is not required may be null as well, and unknown fields are ignored."""
    shown = {name: schema if name in required else optional(schema) for name, schema in fields.items()}
    return OBJECT | {"properties": shown} | ({"required": list(required)} if required else {})


def answer(fields: dict[str, Schema], maybe: Sequence[str] = ()) -> Schema:
    """Of a response: all of them are there, but for those in `maybe`."""
    return OBJECT | {"properties": fields, "required": [name for name in fields if name not in maybe]}


def optional(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], NULL]}
    if "enum" in schema or "const" in schema:
        return {"anyOf": [schema, NULL]}
    return schema | {"type": [schema["type"], "null"]}


def noted(schema: Schema, words: str) -> Schema:
    return schema | {"description": words}
