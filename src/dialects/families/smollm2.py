"""SmolLM2 that was tuned on calls: an array of Hermes' objects between the tags.

<tool_call>[
{"name": "get_weather", "arguments": {"city": "Paris"}}
]</tool_call>

The templates that SmolLM2 is shipped with know no tools; there it is taught the generic form.
"""

from collections.abc import Sequence
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import json_value, literal
from ..json_calls import JsonCalls
from ..turns import native_turns

OPENING = "<tool_call>"
CLOSING = "</tool_call>"


class SmolLM2:
    name = "smollm2"
    triggers = (OPENING,)
    special = False
    thought: Thought | None = None

    def fits(self, template: str) -> bool:
        return f"{OPENING}[" in template and "tools" in template

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return native_turns(messages)

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        calls = " | ".join(f"call_{at}" for at in range(len(tools)))
        forms = [f"call_{at}: {_form(tool)}" for at, tool in enumerate(tools)]
        first, last = literal(f"{OPENING}[\n"), literal(f"\n]{CLOSING}")
        return CallRules("\n".join([f"call: {calls}", *forms]), first, literal(",\n"), last)

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return JsonCalls(names, OPENING, CLOSING)


def _form(tool: ToolSpec) -> str:
    head = literal(f'{{"name": {literal(tool.name)}, "arguments": ')
    return f'{head} {json_value(tool.schema)} "}}"'


FAMILY = SmolLM2()
