"""A conversation, to the wire of chat completions. Pure."""

from collections.abc import Iterator
from typing import Any

from ...chat import Image, Message, Text, ToolCall

Wire = dict[str, Any]


def to_wire(message: Message, thoughts: bool = True) -> Iterator[Wire]:
    """`thoughts`: the server takes back what its model thought."""
    if message.role == "tool":
        for result in message.results:
            yield {"role": "tool", "tool_call_id": result.call, "content": result.content}
    elif message.role == "assistant":
        yield _assistant(message, thoughts)
    else:
        yield {"role": message.role, "content": _content(message)}


def _assistant(message: Message, thoughts: bool) -> Wire:
    wire: Wire = {"role": "assistant", "content": message.text or (None if message.calls else "")}
    if message.thinking and thoughts:
        wire["reasoning_content"] = message.thinking
    if message.calls:
        wire["tool_calls"] = [_call(call) for call in message.calls]
    return wire


def _call(call: ToolCall) -> Wire:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _content(message: Message) -> str | list[Wire]:
    """Parts only where there is a picture: some servers know nothing but a text."""
    if not any(isinstance(part, Image) for part in message.parts):
        return message.text
    return [part for one in message.parts if (part := _part(one))]


def _part(part: object) -> Wire | None:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Image(url):
            return {"type": "image_url", "image_url": {"url": url}}
    return None
