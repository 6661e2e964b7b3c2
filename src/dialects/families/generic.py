"""For models whose template knows no tools: they are taught a form that even a tiny one can write.

TOOL: get_weather
ARGUMENTS: {"city": "Paris"}
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...chat import Message, Role, Text, ToolCall, ToolResult, ToolSpec
from ..family import Argued, Begun, CallPart, CallReader, CallRules, Ended, Plain, Thought
from ..grammar.lark import json_value, literal
from ..json_end import JsonEnd
from ..turns import names_by_call

TOOL = "TOOL:"
ARGUMENTS = "ARGUMENTS:"
# Models like to make names stand out.
NAME = re.compile(r"TOOL:[ \t`*]*([^\s`*]+)[ \t`*]*\r?\n\s*")


class Generic:
    name = "generic"
    triggers = (TOOL,)
    # Besides the triggers: of no use in an answer that may not call.
    parts = (ARGUMENTS,)
    special = False
    thought: Thought | None = Thought("<think>", "</think>")

    def fits(self, template: str) -> bool:
        return True

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Such a template knows neither calls nor results: both are shown as text."""
        names = names_by_call(messages)
        return [{"role": _role(message), "content": _text(message, names)} for message in messages]

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        calls = " | ".join(f"call_{at}" for at in range(len(tools)))
        forms = [f"call_{at}: {_form(tool)}" for at, tool in enumerate(tools)]
        return CallRules("\n".join([f"call: {calls}", *forms]), between=literal("\n"))

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return TwoLines(names)


class TwoLines:
    """Reads one call."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._held = ""
        self._end: JsonEnd | None = None
        self.rest: str | None = None

    def feed(self, text: str) -> list[CallPart]:
        if self._end:
            return self._pass_on(self._end, text)
        self._held += text
        name = NAME.match(self._held)
        if not name:
            return self._fail() if "\n" in self._held.strip() else []
        behind = self._held[name.end() :]
        brace = behind.removeprefix(ARGUMENTS).lstrip()
        if name[1] not in self._names or not (behind.startswith(ARGUMENTS) or ARGUMENTS.startswith(behind)):
            return self._fail()
        if not behind.startswith(ARGUMENTS) or not brace:
            return []
        if brace[0] != "{":
            return self._fail()
        self._end = JsonEnd()
        return [Begun(name[1]), *self._pass_on(self._end, brace)]

    def finish(self) -> list[CallPart]:
        return [] if self._end or self.rest is not None else [Plain(self._held)]

    def _pass_on(self, ending: JsonEnd, text: str) -> list[CallPart]:
        end = ending.feed(text)
        if end < 0:
            return [Argued(text)] if text else []
        self.rest = text[end:]
        return [Argued(text[:end]), Ended()]

    def _fail(self) -> list[CallPart]:
        """Only the marker becomes text at once: what follows it may hold another one."""
        self.rest = self._held[len(TOOL) :]
        return [Plain(TOOL)]


def taught(messages: Sequence[Message], lesson: str) -> list[Message]:
    """The lesson stands behind what the system message says already."""
    if messages and messages[0].role == "system":
        head = Message("system", (Text(f"{messages[0].text}\n\n{lesson}"),))
        return [head, *messages[1:]]
    return [Message("system", (Text(lesson),)), *messages]


def untaught(messages: Sequence[Message]) -> list[Message]:
    """Without the calls, of which only the results stay: a small model that sees them where it is to talk writes
    something of their kind, in a form that nothing forbids."""
    names = names_by_call(messages)
    shown = [_without_calls(message, names) if message.calls or message.results else message for message in messages]
    return [new for new, old in zip(shown, messages, strict=True) if new.text or new.results or not old.calls]


def _without_calls(message: Message, names: dict[str, str]) -> Message:
    parts = (
        replace(part, name=part.name or names.get(part.call, "")) if isinstance(part, ToolResult) else part
        for part in message.parts
        if not isinstance(part, ToolCall)
    )
    return replace(message, parts=tuple(parts))


def _form(tool: ToolSpec) -> str:
    return f"{literal(f'{TOOL} {tool.name}{chr(10)}{ARGUMENTS} ')} {json_value(tool.schema)}"


def _role(message: Message) -> Role:
    return "user" if message.role == "tool" else message.role


def _text(message: Message, names: dict[str, str]) -> str:
    lines = [message.text] if message.text else []
    lines += [f"{TOOL} {call.name}\n{ARGUMENTS} {call.arguments or '{}'}" for call in message.calls]
    for result in message.results:
        lines.append(f"RESULT of {result.name or names.get(result.call) or 'the tool'}:\n{result.content}")
    return "\n".join(lines)


FAMILY = Generic()
