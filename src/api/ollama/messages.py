"""Messages and tools, from Ollama's wire. Pure."""

import json
import re
from collections import OrderedDict

from ...chat import Hosted, Message, Part, Role, Text, Thinking, ToolCall, ToolResult, ToolSpec
from .. import arguments, hosted
from ..fields import Fields
from .images import images

ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}
# As MCP allows them.
NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class Calls:
    """Clients of Ollama seldom repeat ids: a result belongs to the first open call that could be it."""

    def __init__(self) -> None:
        self._count = 0
        # Not plain dicts: whose first key takes longer to find with every one that was taken out before it.
        self._open: OrderedDict[str, ToolCall] = OrderedDict()
        self._named: dict[str, OrderedDict[str, ToolCall]] = {}

    def make(self, name: str, arguments: str, call_id: str | None) -> ToolCall:
        call = ToolCall(call_id or self.new_id(), name, arguments)
        self._open[call.id] = call
        self._named.setdefault(name, OrderedDict())[call.id] = call
        return call

    def answer(self, name: str | None, call_id: str | None) -> ToolCall | None:
        fitting = self._named.get(name, OrderedDict()) if name else self._open
        found = fitting.get(call_id or "") or next(iter(fitting.values()), None)
        if found:
            self._open.pop(found.id, None)
            self._named[found.name].pop(found.id)
        return found

    def new_id(self) -> str:
        self._count += 1
        return f"call_{self._count}"


def messages(fields: Fields) -> tuple[Message, ...]:
    calls, found = Calls(), list[Message]()
    for one in fields.listed("messages") or ():
        found.append(_message(one, calls, after=found[-1].role if found else None))
    return tuple(found)


def tools(fields: Fields) -> tuple[tuple[ToolSpec, ...], Hosted | None]:
    """Those that the client executes, and its wish for others."""
    found: dict[str, ToolSpec] = {}
    wish, declared = hosted.read(fields.listed("tools") or ())
    for one in declared:
        spec = _tool(one)
        if spec.name in found:
            raise fields.wrong("tools", f'holds two tools of the name "{spec.name}"')
        found[spec.name] = spec
    return tuple(found.values()), wish


def _message(fields: Fields, calls: Calls, after: Role | None) -> Message:
    role = fields.one_of("role", tuple(ROLES))
    if role is None:
        raise fields.missing("role")
    if role == "tool":
        return Message("tool", (_result(fields, calls, after),))
    thought, text = fields.text("thinking"), fields.text("content")
    parts: list[Part] = [Thinking(thought)] if thought and role == "assistant" else []
    parts += [Text(text)] if text else []
    parts += images(fields)
    if role == "assistant":
        parts += [_call(one, calls) for one in fields.listed("tool_calls") or ()]
    return Message(ROLES[role], tuple(parts))


def _call(fields: Fields, calls: Calls) -> ToolCall:
    function = fields.fields("function")
    if function is None:
        raise fields.missing("function")
    given = function.fields("arguments")
    arguments = json.dumps(given.values, ensure_ascii=False) if given else "{}"
    return calls.make(function.needed("name"), arguments, fields.text("id"))


def _result(fields: Fields, calls: Calls, after: Role | None) -> ToolResult:
    """Some clients leave the calls out and send their results alone, behind what the assistant said."""
    name = fields.text("tool_name") or fields.text("name")
    call_id = fields.text("tool_call_id")
    call = calls.answer(name or None, call_id or None)
    if call is None and after not in ("assistant", "tool"):
        raise fields.wrong("role", "is tool, but there is no call that this could be the result of")
    text = fields.text("content") or ""
    return ToolResult(call.id, text, call.name) if call else ToolResult(call_id or calls.new_id(), text, name or "")


def _tool(fields: Fields) -> ToolSpec:
    fields.one_of("type", ("function",))
    function = fields.fields("function")
    if function is None:
        raise fields.missing("function")
    name = function.needed("name")
    if not NAME.fullmatch(name):
        raise function.wrong("name", 'must be 1 to 128 letters, digits, "_", "-" or "."')
    return ToolSpec(name, function.text("description") or "", arguments.read(function, "parameters"))
