"""ChatML with Hermes' calls: Qwen2.5, Qwen3, QwQ, Hermes 2 and 3, and most of what was tuned on them.

<tool_call>
{"name": "get_weather", "arguments": {"city": "Paris"}}
</tool_call>
"""

import re
from collections.abc import Sequence
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import json_value, literal
from ..json_calls import JsonCalls
from ..turns import native_turns

OPENING = "<tool_call>"
CLOSING = "</tool_call>"
# Others use the same tags around another form, so the template must show this one.
FORM = re.compile(r"""<tool_call>(?:\\n|[\s'"{}-])*\{\\?"name""")


class ChatML:
    name = "chatml"
    triggers = (OPENING,)
    special = False
    thought: Thought | None = Thought("<think>", "</think>")

    def fits(self, template: str) -> bool:
        return "tools" in template and FORM.search(template) is not None

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return native_turns(messages)

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        calls = " | ".join(f"call_{at}" for at in range(len(tools)))
        forms = [f"call_{at}: {_form(tool)}" for at, tool in enumerate(tools)]
        call = f"call: {literal(OPENING + chr(10))} ({calls}) {literal(chr(10) + CLOSING)}"
        return CallRules("\n".join([call, *forms]), between=literal("\n"))

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return JsonCalls(names, OPENING, CLOSING)


def _form(tool: ToolSpec) -> str:
    head = literal(f'{{"name": {literal(tool.name)}, "arguments": ')
    return f'{head} {json_value(tool.schema)} "}}"'


FAMILY = ChatML()
