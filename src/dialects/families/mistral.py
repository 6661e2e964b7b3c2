"""Mistral's forms, by age:

[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris"}, "id": "VvvODy9mT"}]    Mistral 7B v0.3, Nemo
[TOOL_CALLS]get_weather[CALL_ID]VvvODy9mT[ARGS]{"city": "Paris"}                            Small 3.2
[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}                                              Devstral, Ministral 3
"""

import hashlib
import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import json_value, literal
from ..json_calls import JsonCalls
from ..turns import Turn, native_turns
from .source import Reader, Source, Waiting
from .tagged import each

TRIGGER = "[TOOL_CALLS]"
ARGS = "[ARGS]"
CALL_ID = "[CALL_ID]"
LETTERS = string.ascii_letters + string.digits
ID = re.compile(r"[A-Za-z0-9]{9}")
ID_KEY = ', "id": "'
QUOTE = '"'
ID_RULE = "/[A-Za-z0-9]{9}/"
THOUGHT = Thought("[THINK]", "[/THINK]")


@dataclass(frozen=True, slots=True)
class Mistral:
    """`marks`: what a template of this form says besides the trigger."""

    name: str
    marks: tuple[str, ...]
    thought: Thought | None = None
    triggers: tuple[str, ...] = (TRIGGER,)
    special: bool = True

    def new_id(self) -> str:
        return "".join(secrets.choice(LETTERS) for _ in range(9))

    def fits(self, template: str) -> bool:
        return all(marker in template for marker in (TRIGGER, *self.marks))

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return [_turn(turn, thinks=self.thought is not None) for turn in native_turns(messages)]

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        if not self.marks:
            choice, rules = each(tools, _listed)
            # The older vocabulary has a blank before the bracket.
            return CallRules(f"call: {choice}\n{rules}", f"{literal(TRIGGER)} /\\x20?\\[/", literal(", "), literal("]"))
        choice, rules = each(tools, self._named)
        return CallRules(f"call: {literal(TRIGGER)} {choice}\n{rules}")

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return Reader(partial(_read, names=names)) if self.marks else JsonCalls(names, TRIGGER)

    def _named(self, tool: ToolSpec) -> tuple[str, list[str]]:
        identity = f"{literal(CALL_ID)} {ID_RULE} " if CALL_ID in self.marks else ""
        return f"{literal(tool.name)} {identity}{literal(ARGS)} {json_value(tool.schema)}", []


def _listed(tool: ToolSpec) -> tuple[str, list[str]]:
    """These models were trained with ids and without them."""
    head, tail = literal(f'{{"name": "{tool.name}", "arguments": '), literal("}")
    identity = f"({literal(ID_KEY)} {ID_RULE} {literal(QUOTE)})?"
    return f"{head} {json_value(tool.schema)} {identity} {tail}", []


def short_id(call: str) -> str:
    """Templates refuse ids that are not nine letters or digits; the same id always becomes the same one."""
    return call if ID.fullmatch(call) else hashlib.sha256(call.encode(errors="replace")).hexdigest()[:9]


def _turn(turn: Turn, thinks: bool) -> Turn:
    calls = [call | {"id": short_id(call["id"])} for call in turn.get("tool_calls", ())]
    if calls:
        turn = turn | {"tool_calls": calls}
    if "tool_call_id" in turn:
        turn = turn | {"tool_call_id": short_id(turn["tool_call_id"])}
    if thinks and "reasoning_content" in turn:
        blocks = [{"type": "thinking", "thinking": turn["reasoning_content"]}]
        turn = turn | {"content": blocks + ([{"type": "text", "text": turn["content"]}] if turn["content"] else [])}
    return turn


def _read(source: Source, names: frozenset[str]) -> Waiting[None]:
    while (yield from source.takes(TRIGGER, spaced=True)):
        yield from source.space()
        name = yield from source.needs(*names)
        if (yield from source.needs(CALL_ID, ARGS)) == CALL_ID:
            yield from source.before(ARGS)
        source.begin(name)
        yield from source.space()
        yield from source.arguments()
        source.whole()


LIST = Mistral("mistral-list", ())
FAMILY = Mistral("mistral", (ARGS,))
CALL_IDS = Mistral("mistral-call-id", (ARGS, CALL_ID))
THINKING = Mistral("mistral-thinking", (ARGS, THOUGHT.opening), THOUGHT)
FAMILIES = (CALL_IDS, THINKING, FAMILY, LIST)
