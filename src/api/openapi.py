"""Pieces of the OpenAPI page, as data. Bodies are read by hand, so FastAPI cannot know what they hold."""

from typing import Any

TEXT = {"type": "string"}
TRUTH = {"type": "boolean"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
JSON_SCHEMA = {"type": "object", "description": "A JSON Schema."}

Schema = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]


def body(required: tuple[str, ...] = (), **properties: Schema) -> dict[str, Any]:
    """For a route's `openapi_extra`. Further fields are ignored."""
    return {"requestBody": {"required": True, "content": _json(thing(required, **properties))}}


def thing(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Where a property may be absent it may also be null."""
    given = {name: schema if name in required else _or_null(schema) for name, schema in properties.items()}
    return {"type": "object", "properties": given} | ({"required": list(required)} if required else {})


def several(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def between(least: float, most: float) -> Schema:
    return {"type": "number", "minimum": least, "maximum": most}


def either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _or_null(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    values = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | values


def answers(words: str, error: Schema, answer: Schema | None = None, stream: str = "") -> Responses:
    """For a route's `responses`. `stream`: the content type of an answer that comes in pieces."""
    content: dict[str, Any] = {"application/json": {"schema": answer or {"type": "object"}}}
    if stream:
        content[stream] = {"schema": {"description": "With `stream`: the answer in pieces, as it is written."}}
    failed = {"description": "Not now, and then `Retry-After` says when; or a fault here.", "content": _json(error)}
    return {200: {"description": words, "content": content}, "5XX": failed, **refusals(error)}


def refusals(error: Schema) -> Responses:
    return {"4XX": {"description": "The request is wrong; the message says what.", "content": _json(error)}}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


OPENAI_ERROR = thing(
    ("error",),
    error=thing(("message", "type"), message=TEXT, type=TEXT, param=TEXT, code=TEXT),
)
