"""Llama 3.1, 3.2 and 3.3: {"name": "get_weather", "parameters": {"city": "Paris"}}

Some write <|python_tag|> before it. One call in an answer is all that their templates know.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import json_value, literal
from ..json_calls import JsonCalls
from ..turns import Turn, native_turns

TAG = "<|python_tag|>"
START = '{"name"'


class Llama:
    name = "llama"
    triggers = (TAG, START)
    special = False
    thought: Thought | None = None

    def fits(self, template: str) -> bool:
        return "<|start_header_id|>" in template and '"parameters": ' in template and "tools" in template

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return list(_one_by_one(native_turns(messages)))

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        calls = " | ".join(f"call_{at}" for at in range(len(tools)))
        forms = [f"call_{at}: {_form(tool)}" for at, tool in enumerate(tools)]
        return CallRules("\n".join([f"call: ({literal(TAG)})? ({calls})", *forms]), several=False)

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return TaggedOrNot(names)


class TaggedOrNot:
    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._held = ""
        self._reader: JsonCalls | None = None

    def feed(self, text: str) -> list[Any]:
        if self._reader:
            return self._reader.feed(text)
        self._held += text
        if TAG.startswith(self._held) and self._held != TAG:
            return []
        self._reader = JsonCalls(self._names, TAG if self._held.startswith(TAG) else "")
        return self._reader.feed(self._held)

    @property
    def rest(self) -> str | None:
        return self._reader.rest if self._reader else None

    def finish(self) -> list[Any]:
        return self._reader.finish() if self._reader else []


def _form(tool: ToolSpec) -> str:
    head = literal(f'{{"name": {literal(tool.name)}, "parameters": ')
    return f'{head} {json_value(tool.schema)} "}}"'


def _one_by_one(turns: Sequence[Turn]) -> Iterator[Turn]:
    """Several calls in one message become several messages, each with its own result behind it."""
    results = {turn["tool_call_id"]: turn for turn in turns if turn["role"] == "tool"}
    placed: set[int] = set()
    for turn in turns:
        calls = turn.get("tool_calls", [])
        if id(turn) not in placed and len(calls) < 2:
            yield turn
        for call in calls if len(calls) > 1 else []:
            yield {"role": turn["role"], "content": turn["content"], "tool_calls": [call]}
            result = results.get(call["id"])
            if result and id(result) not in placed:
                placed.add(id(result))
                yield result


FAMILY = Llama()
