"""The messages of a chat, from the wire. Pure.

Roles in an unusual order are the model's template's business; a tool result without its call is not.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...chat import Message, Part, Text, Thinking, ToolCall, ToolResult
from ..fields import Fields
from . import content


@dataclass(slots=True)
class Reading:
    """What the messages so far have called, and what has to be said about them."""

    calls: dict[str, str] = field(default_factory=dict)  # id -> name
    warnings: list[str] = field(default_factory=list)


def read(fields: Fields) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """The messages, and the warnings about them."""
    listed = fields.listed("messages")
    if listed is None:
        raise fields.missing("messages")
    if not listed:
        raise fields.wrong("messages", "must hold at least one message")
    reading = Reading()
    return tuple(_message(one, reading) for one in listed), tuple(reading.warnings)


def _message(fields: Fields, reading: Reading) -> Message:
    role = fields.one_of("role", tuple(READERS))
    if role is None:
        raise fields.missing("role")
    fields.text("name")
    return READERS[role](fields, reading)


def _system(fields: Fields, _: Reading) -> Message:
    return Message("system", content.read(fields))


def _user(fields: Fields, _: Reading) -> Message:
    return Message("user", content.read(fields, images=True))


def _assistant(fields: Fields, reading: Reading) -> Message:
    parts: list[Part] = [Thinking(thought)] if (thought := _thought(fields)) else []
    refusal = fields.text("refusal")
    if fields.raw("content") is not None:
        parts += content.read(fields)
    elif refusal:
        parts.append(Text(refusal))
    return Message("assistant", (*parts, *_calls(fields, reading)))


def _thought(fields: Fields) -> str | None:
    """Servers and clients name it in two ways."""
    older, newer = fields.text("reasoning_content"), fields.text("reasoning")
    return older or newer


def _calls(fields: Fields, reading: Reading) -> list[ToolCall]:
    calls = [_call(one, reading) for one in fields.listed("tool_calls") or ()]
    old = fields.fields("function_call")
    if old is not None:
        name = old.needed("name")
        calls.append(ToolCall(_old_id(name), name, arguments_of(old, "arguments", reading.warnings)))
    reading.calls.update((call.id, call.name) for call in calls)
    return calls


def _call(fields: Fields, reading: Reading) -> ToolCall:
    kind = fields.text("type") or "function"
    if kind != "function":
        raise fields.unsupported("type", f'"{kind[:40]}" is not supported by this server')
    call_id, function = fields.needed("id"), fields.fields("function")
    if function is None:
        raise fields.missing("function")
    return ToolCall(call_id, function.needed("name"), arguments_of(function, "arguments", reading.warnings))


def arguments_of(fields: Fields, key: str, warnings: list[str]) -> str:
    """Agents send back what a model wrote once, and that can be broken: then it is kept as one text."""
    text = fields.needed(key)
    if not text.strip():
        return "{}"
    try:
        if isinstance(json.loads(text), dict):
            return text
    except (ValueError, RecursionError):
        pass
    warnings.append(f"'{fields.name(key)}' is not a JSON object; the model sees it as a text.")
    return json.dumps({"text": text}, ensure_ascii=False)


def _tool(fields: Fields, reading: Reading) -> Message:
    call = fields.needed("tool_call_id")
    return Message(
        "tool", (ToolResult(call, content.read_text(fields), called(fields, "tool_call_id", reading.calls)),)
    )


def _function(fields: Fields, reading: Reading) -> Message:
    """The older form, in which a function's name stands for its last call."""
    name = fields.needed("name")
    if _old_id(name) not in reading.calls:
        raise fields.wrong("name", f'is "{name[:64]}", but no earlier message calls this function')
    return Message("tool", (ToolResult(_old_id(name), content.read_text(fields), name),))


def called(fields: Fields, key: str, calls: Mapping[str, str]) -> str:
    """The name of the call that this is the result of."""
    call = fields.needed(key)
    if call not in calls:
        raise fields.wrong(key, f'is "{call[:64]}", but no earlier message makes a call of this id')
    return calls[call]


def _old_id(name: str) -> str:
    return f"call_{name}"


READERS: dict[str, Callable[[Fields, Reading], Message]] = {
    "system": _system,
    "developer": _system,
    "user": _user,
    "assistant": _assistant,
    "tool": _tool,
    "function": _function,
}
