"""Tools, calls and what came of them, to and from the wire. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from ...chat import Outcome, ToolCall, ToolSpec
from ..fields import Fields

LONGEST_ID = 200
# Beside the content, which is all that a model needs.
ERRORS = {
    "failed": "The tool did not do what it was to do; 'content' says what happened.",
    "denied": "The call was not allowed, and nothing was done; 'content' says why.",
    "cancelled": "The call was cancelled. What it had done by then was done.",
    "unknown": "It is not known what came of the call. It is not repeated.",
    "client": "Only the program of the user can do this; nothing was done here.",
}


def from_wire(body: Fields) -> ToolCall:
    tool, id = body.needed("tool"), body.needed("id")
    if not 0 < len(id) <= LONGEST_ID:
        raise body.wrong("id", f"must have 1 to {LONGEST_ID} characters")
    given = body.fields("arguments")
    # The same call is the same text, in whatever order its arguments come.
    return ToolCall(id, tool, json.dumps(given.values if given else {}, sort_keys=True))


def to_wire(result: Outcome) -> dict[str, Any]:
    images = {"images": [image.url for image in result.images]} if result.images else {}
    error = None if result.ok else ERRORS[result.state]
    return {
        "id": result.id,
        "ok": result.ok,
        "state": result.state,
        "content": result.content,
        **images,
        "error": error,
    }


def listed(specs: Sequence[ToolSpec]) -> dict[str, Any]:
    found = [{"name": one.name, "description": one.description, "schema": one.schema} for one in specs]
    return {"object": "list", "data": found}
