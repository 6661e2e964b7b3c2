"""The input items of a response, to messages. Pure.

What a model said in one turn comes back as several items: thoughts, text and calls, and becomes one message again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from ....chat import Message, Part, Text, Thinking, ToolCall, ToolResult
from ...fields import Fields
from .. import content
from ..choice import joined
from ..messages import arguments_of, called
from .sealed import unseal
from .toolbox import INPUT


@dataclass(slots=True)
class Reading:
    messages: list[Message] = field(default_factory=list)
    calls: dict[str, str] = field(default_factory=dict)  # id -> name
    tools: list[Fields] = field(default_factory=list)  # declared in the middle of the conversation
    warnings: list[str] = field(default_factory=list)


def read(items: list[Fields]) -> Reading:
    reading = Reading()
    for item in items:
        kind = item.text("type") or ("message" if item.raw("role") is not None else None)
        if kind is None:
            raise item.missing("type")
        reader = READERS.get(kind)
        if reader:
            reader(item, reading)
        else:
            reading.warnings.append(f'Items of type "{kind[:40]}" mean nothing to this server and were left out.')
    return reading


def _message(item: Fields, reading: Reading) -> None:
    role = item.one_of("role", ("user", "system", "developer", "assistant"))
    if role is None:
        raise item.missing("role")
    if role == "assistant":
        _said(reading, content.read(item), begins=True)
    elif role == "user":
        reading.messages.append(Message("user", content.read(item, images=True)))
    else:
        reading.messages.append(Message("system", content.read(item)))


def _reasoning(item: Fields, reading: Reading) -> None:
    thought = _texts(item, "content") or unseal(item.text("encrypted_content") or "") or _texts(item, "summary")
    if thought:
        _said(reading, (Thinking(thought),), begins=True)


def _texts(item: Fields, key: str) -> str:
    return "\n\n".join(part.needed("text") for part in item.listed(key) or ())


def _function_call(item: Fields, reading: Reading) -> None:
    _called(item, reading, arguments_of(item, "arguments", reading.warnings))


def _custom_call(item: Fields, reading: Reading) -> None:
    _called(item, reading, json.dumps({INPUT: item.needed("input")}, ensure_ascii=False))


def _called(item: Fields, reading: Reading, arguments: str) -> None:
    call = ToolCall(item.needed("call_id"), joined(item.text("namespace"), item.needed("name")), arguments)
    reading.calls[call.id] = call.name
    _said(reading, (call,), begins=False)


def _output(item: Fields, reading: Reading) -> None:
    name = called(item, "call_id", reading.calls)
    result = ToolResult(item.needed("call_id"), content.read_text(item, "output"), name)
    reading.messages.append(Message("tool", (result,)))


def _more_tools(item: Fields, reading: Reading) -> None:
    reading.tools += item.listed("tools") or []


def _said(reading: Reading, parts: tuple[Part, ...], begins: bool) -> None:
    """`begins`: a new message, where the one before already said something and called nothing."""
    last = reading.messages[-1] if reading.messages else None
    over = last is not None and any(isinstance(part, Text) for part in last.parts) and not last.calls
    if last is None or last.role != "assistant" or (begins and over):
        reading.messages.append(Message("assistant", parts))
    else:
        reading.messages[-1] = Message("assistant", last.parts + parts)


READERS: dict[str, Callable[[Fields, Reading], None]] = {
    "message": _message,
    "reasoning": _reasoning,
    "function_call": _function_call,
    "custom_tool_call": _custom_call,
    "function_call_output": _output,
    "custom_tool_call_output": _output,
    "additional_tools": _more_tools,
}
