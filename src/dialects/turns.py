"""A conversation as most chat templates want to see it: OpenAI's messages, with arguments as objects."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..chat import Message, ToolCall

Turn = dict[str, Any]


def native_turns(messages: Sequence[Message]) -> list[Turn]:
    names = names_by_call(messages)
    return [turn for message in messages for turn in _turns(message, names)]


def names_by_call(messages: Sequence[Message]) -> dict[str, str]:
    """Clients seldom repeat the name in the result."""
    return {call.id: call.name for message in messages for call in message.calls}


def _turns(message: Message, names: dict[str, str]) -> Iterator[Turn]:
    for result in message.results:
        name = result.name or names.get(result.call, "")
        yield {"role": "tool", "content": result.content, "tool_call_id": result.call} | (
            {"name": name} if name else {}
        )
    if message.results and not message.text:
        return
    turn: Turn = {"role": message.role, "content": message.text}
    if message.thinking:
        turn["reasoning_content"] = message.thinking
    if message.calls:
        turn["tool_calls"] = [_call(call) for call in message.calls]
    yield turn


def _call(call: ToolCall) -> Turn:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments_of(call)}}


def arguments_of(call: ToolCall) -> Any:
    """As an object, or the text as it is where it is no JSON: it is history, and cannot be mended."""
    try:
        return json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return call.arguments
