"""What a route tells FastAPI of itself, since it reads its body by its own means."""

from typing import Any

from ...openapi import OPENAI_ERROR
from .shapes import Schema


def whole(request: Schema, response: Schema) -> dict[str, Any]:
    return {"openapi_extra": _body(request), "responses": _answers({"application/json": {"schema": response}})}


def streamed(request: Schema, response: Schema) -> dict[str, Any]:
    stream = {"schema": {"description": "With `stream`: server-sent events."}}
    content = {"application/json": {"schema": response}, "text/event-stream": stream}
    return {"openapi_extra": _body(request), "responses": _answers(content)}


def found(response: Schema, *query: tuple[str, Schema]) -> dict[str, Any]:
    parameters = [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in query]
    extra = {"openapi_extra": {"parameters": parameters}} if parameters else {}
    return {"responses": _answers({"application/json": {"schema": response}})} | extra


def _body(request: Schema) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": request}}}}


def _answers(content: dict[str, Any]) -> dict[int | str, Any]:
    failure = {"content": {"application/json": {"schema": OPENAI_ERROR}}}
    return {
        200: {"description": "The answer.", "content": content},
        "4XX": {"description": "The request is wrong, and why."} | failure,
        "5XX": {"description": "Not now, and then `Retry-After` says when; or a fault here."} | failure,
    }
