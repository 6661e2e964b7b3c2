"""GLM's forms:

<tool_call>get_weather                                                                                4.5, 4.6
<arg_key>city</arg_key>
<arg_value>Paris</arg_value>
</tool_call>

<tool_call>get_weather<arg_key>city</arg_key><arg_value>Paris</arg_value></tool_call>                 4.7
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import literal
from ..turns import native_turns
from .source import SPACE, NotACall, Reader, Source, Waiting
from .tagged import Arguments, Schema, arguments, each, one_by_one

OPENING = "<tool_call>"
CLOSING = "</tool_call>"
KEY = "<arg_key>"
KEY_END = "</arg_key>"
VALUE = "<arg_value>"
VALUE_END = "</arg_value>"


@dataclass(frozen=True, slots=True)
class Glm:
    """`gap`: what stands between the tags."""

    name: str
    gap: str
    thought: Thought | None
    triggers: tuple[str, ...] = (OPENING,)
    # Tokens of their own, but none that an engine would hide.
    special: bool = False

    def fits(self, template: str) -> bool:
        return f"{KEY_END}{self.gap}{VALUE}" in template

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return one_by_one(native_turns(messages))

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        choice, rules = each(tools, self._call)
        call = f"call: {literal(OPENING)} {choice} {literal(CLOSING)}\n{rules}"
        return CallRules(call, between=literal(self.gap) if self.gap else "")

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return Reader(partial(_read, names=names, schemas={tool.name: tool.schema for tool in tools}))

    def _call(self, tool: ToolSpec) -> tuple[str, list[str]]:
        given, rules = arguments(tool, self._argument, VALUE_END + self.gap, control=True)
        return f"{literal(tool.name + self.gap)} {given}", rules

    def _argument(self, name: str, value: str) -> str:
        return f"{literal(KEY + name + KEY_END + self.gap + VALUE)} {value}"


def _read(source: Source, names: frozenset[str], schemas: dict[str, Schema]) -> Waiting[None]:
    while (yield from source.takes(OPENING, spaced=True)):
        yield from source.space()
        name = yield from source.needs(*names)
        if not (yield from source.next_is(SPACE + "<")):
            raise NotACall
        source.begin(name)
        given = Arguments(source, schemas.get(name, {}))
        while (yield from source.takes(KEY, spaced=True)):
            key = yield from source.before(KEY_END)
            yield from source.needs(VALUE, spaced=True)
            yield from given.read(key.strip(), VALUE_END)
        yield from source.needs(CLOSING, spaced=True)
        given.end()


FAMILY = Glm("glm", "\n", Thought("\n<think>", "</think>"))
COMPACT = Glm("glm-4.7", "", Thought("<think>", "</think>"))
FAMILIES = (COMPACT, FAMILY)
