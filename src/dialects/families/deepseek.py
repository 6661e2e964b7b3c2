# ruff: noqa: RUF001, RUF002 - these bars are wide, and part of the names
"""DeepSeek's forms, by age:

<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather        V3, R1
```json
{"city": "Paris"}
```<｜tool▁call▁end｜><｜tool▁calls▁end｜>

<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜>...  V3.1

<｜DSML｜function_calls>                                                              V3.2; `tool_calls` in V4
<｜DSML｜invoke name="get_weather">
<｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>
</｜DSML｜invoke>
</｜DSML｜function_calls>
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import json_value, literal
from ..turns import Turn, native_turns
from .source import Reader, Source, Waiting
from .tagged import Arguments, Schema, arguments, each, kinds, one_by_one, properties

CALLS = "<｜tool▁calls▁begin｜>"
CALLS_END = "<｜tool▁calls▁end｜>"
CALL = "<｜tool▁call▁begin｜>"
CALL_END = "<｜tool▁call▁end｜>"
SEPARATOR = "<｜tool▁sep｜>"
KIND = f"function{SEPARATOR}"
FENCE = "\n```json\n"
FENCE_END = "\n```"

INVOKE = '<｜DSML｜invoke name="'
INVOKE_END = "</｜DSML｜invoke>"
PARAMETER = '<｜DSML｜parameter name="'
PARAMETER_END = "</｜DSML｜parameter>"

NEWLINE = "\n"
TAG_END = '">\n'

THOUGHT = Thought("<think>", "</think>")


@dataclass(frozen=True, slots=True)
class DeepSeek:
    """Calls between control tokens. `fenced`: as V3 and R1 write them."""

    name: str
    fenced: bool
    thought: Thought | None = THOUGHT
    triggers: tuple[str, ...] = (CALLS,)
    special: bool = True

    def fits(self, template: str) -> bool:
        """The models' own templates say how calls look but not which tools there are: without a list of them in the
        prompt these models do better with the taught form."""
        return CALLS in template and (FENCE.strip() in template) == self.fenced and _lists_tools(template)

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return [one for turn in native_turns(messages) for one in (_apart(turn) if self.fenced else [turn])]

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        choice, rules = each(tools, self._call)
        between = literal("\n") if self.fenced else ""
        return CallRules(f"call: {literal(CALL)} {choice}\n{rules}", literal(CALLS), between, literal(CALLS_END))

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return Reader(partial(_read, names=names))

    def _call(self, tool: ToolSpec) -> tuple[str, list[str]]:
        head = KIND + tool.name + FENCE if self.fenced else tool.name + SEPARATOR
        tail = FENCE_END + CALL_END if self.fenced else CALL_END
        return f"{literal(head)} {json_value(tool.schema)} {literal(tail)}", []


@dataclass(frozen=True, slots=True)
class Dsml:
    """Calls between tags. `block`: the name of the tag around them."""

    name: str
    block: str
    thought: Thought | None = THOUGHT
    special: bool = True

    @property
    def triggers(self) -> tuple[str, ...]:
        return (f"<｜DSML｜{self.block}>",)

    def fits(self, template: str) -> bool:
        return "｜DSML｜" in template and f"{self.block}>" in template

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return one_by_one(native_turns(messages))

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        choice, rules = each(tools, _invoke)
        first, last = literal(f"{self.triggers[0]}\n"), literal(f"</｜DSML｜{self.block}>")
        return CallRules(f"call: {literal(INVOKE)} {choice} {literal(INVOKE_END + NEWLINE)}\n{rules}", first, "", last)

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        schemas = {tool.name: tool.schema for tool in tools}
        return Reader(partial(_read_tags, block=self.block, names=names, schemas=schemas))


def _lists_tools(template: str) -> bool:
    return bool(re.search(r"\btools\b", template))


def _apart(turn: Turn) -> Iterator[Turn]:
    """Templates of this age write either the text of a message or its calls."""
    if turn.get("tool_calls"):
        if turn["content"]:
            yield {"role": "assistant", "content": turn["content"]}
        turn = turn | {"content": None}
    yield turn


def _read(source: Source, names: frozenset[str]) -> Waiting[None]:
    yield from source.needs(CALLS)
    while (yield from source.takes(CALL, spaced=True)):
        yield from source.takes(KIND)
        name = yield from source.needs(*names)
        yield from source.needs(SEPARATOR, FENCE.rstrip())
        source.begin(name)
        yield from source.space()
        yield from source.arguments()
        source.whole()
        yield from source.takes(FENCE_END.strip(), spaced=True)
        yield from source.takes(CALL_END, spaced=True)
        source.drop()
    yield from source.takes(CALLS_END, spaced=True)


def _invoke(tool: ToolSpec) -> tuple[str, list[str]]:
    def argument(name: str, value: str) -> str:
        text = "string" in kinds(properties(tool.schema)[name], tool.schema)
        return f"{literal(PARAMETER + name + _attribute(text))} {value}"

    given, rules = arguments(tool, argument, PARAMETER_END + NEWLINE)
    return f"{literal(tool.name + TAG_END)} {given}", rules


def _attribute(text: bool) -> str:
    return f'" string="{"true" if text else "false"}">'


def _read_tags(source: Source, block: str, names: frozenset[str], schemas: dict[str, Schema]) -> Waiting[None]:
    yield from source.needs(f"<｜DSML｜{block}>")
    while (yield from source.takes(INVOKE, spaced=True)):
        name = yield from source.needs(*names)
        yield from source.needs('">')
        source.begin(name)
        given = Arguments(source, schemas.get(name, {}))
        while (yield from source.takes(PARAMETER, spaced=True)):
            key = yield from source.before('"')
            text = yield from source.before(">")
            if 'string="true"' in text:
                given.key(key)
                yield from given.read_text(PARAMETER_END)
            else:
                yield from given.read(key, PARAMETER_END)
        yield from source.needs(INVOKE_END, spaced=True)
        given.end()
    yield from source.takes(f"</｜DSML｜{block}>", spaced=True)


FAMILY = DeepSeek("deepseek", fenced=False)
FENCED = DeepSeek("deepseek-r1", fenced=True)
TAGS = Dsml("deepseek-dsml", "function_calls")
NEWER_TAGS = Dsml("deepseek-dsml-4", "tool_calls")
FAMILIES = (NEWER_TAGS, TAGS, FENCED, FAMILY)
