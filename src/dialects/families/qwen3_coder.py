"""Qwen3-Coder's form, in which Qwen3.5 and Nemotron 3 write too:

<tool_call>
<function=get_weather>
<parameter=city>
Paris
</parameter>
</function>
</tool_call>
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import literal
from ..turns import native_turns
from .source import Reader, Source, Waiting
from .tagged import Arguments, Schema, arguments, each, one_by_one, plain

OPENING = "<tool_call>"
CLOSING = "</tool_call>"
FUNCTION = "<function="
FUNCTION_END = "</function>"
PARAMETER = "<parameter="
PARAMETER_END = "</parameter>"
CLOSE = ">\n"  # of a function's or a parameter's opening tag


@dataclass(frozen=True, slots=True)
class Qwen3Coder:
    name: str
    thought: Thought | None = None
    # The model sometimes forgets the first line.
    triggers: tuple[str, ...] = (OPENING, FUNCTION)
    special: bool = False

    def fits(self, template: str) -> bool:
        form = all(marker in template for marker in (OPENING, FUNCTION, PARAMETER))
        return form and (self.thought is None or self.thought.opening in template)

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Templates write an argument that is neither text nor object as Python would: `True`."""
        return one_by_one(native_turns(messages), plain)

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        choice, rules = each(tools, _call)
        first_line, closing = literal(f"{OPENING}\n"), literal(f"{FUNCTION_END}\n{CLOSING}")
        return CallRules(
            f"call: ({first_line})? {literal(FUNCTION)} {choice} {closing}\n{rules}", between=literal("\n")
        )

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return Reader(partial(_read, names=names, schemas={tool.name: tool.schema for tool in tools}))


def _call(tool: ToolSpec) -> tuple[str, list[str]]:
    given, rules = arguments(tool, _argument, f"\n{PARAMETER_END}\n")
    return f"{literal(tool.name + CLOSE)} {given}", rules


def _argument(name: str, value: str) -> str:
    return f"{literal(PARAMETER + name + CLOSE)} {value}"


def _read(source: Source, names: frozenset[str], schemas: dict[str, Schema]) -> Waiting[None]:
    while found := (yield from source.takes(OPENING, FUNCTION, spaced=True)):
        if found == OPENING:
            yield from source.needs(FUNCTION, spaced=True)
        name = yield from source.needs(*names)
        yield from source.needs(">")
        source.begin(name)
        given = Arguments(source, schemas.get(name, {}))
        while (yield from source.takes(PARAMETER, spaced=True)):
            key = yield from source.before(">")
            yield from source.takes("\n")
            yield from given.read(key.strip(), f"\n{PARAMETER_END}", PARAMETER_END)
        yield from source.needs(FUNCTION_END, spaced=True)
        given.end()
        yield from source.takes(CLOSING, spaced=True)
        source.drop()


FAMILY = Qwen3Coder("qwen3-coder")
THINKING = Qwen3Coder("qwen3.5", Thought("<think>", "</think>"))
FAMILIES = (THINKING, FAMILY)
