"""Events of a stream, each held to the types of OpenAI's own library."""

import json
from typing import Any

from localswarm.api.openai.responses.call import from_wire
from localswarm.api.openai.responses.stream import ResponseStream
from localswarm.chat import Event
from localswarm.errors import SwarmError
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def parsed(wire: bytes) -> list[dict[str, Any]]:
    found = []
    for text in wire.decode().split("\n\n")[:-1]:
        name, data = text.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        EVENTS.validate_python(event)
        found.append(event)
    return found


def stream(events: list[Event], error: SwarmError | None = None, **fields: Any) -> tuple[list[Any], list[Any]]:
    """The events, and what was kept."""
    kept: list[Any] = []
    writing = ResponseStream(from_wire({"input": "x", "stream": True} | fields, "resp_1"), kept.append)
    wire = b"".join([data for event in events for data in writing.event(event)])
    found = parsed(wire + (writing.failure(error) if error else writing.end()))
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found, kept
