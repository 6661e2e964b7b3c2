"""What the tests of the dialects share: a dialect made of a template, and what its scanner makes of a text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from localswarm.chat import ChatRequest, Message, Text, TextDelta, ThinkingDelta, ToolCallDelta, ToolSpec
from localswarm.dialects.base import Delta, Plan
from localswarm.dialects.choose import choose
from localswarm.dialects.dialect import FamilyDialect

TEMPLATES = Path(__file__).parent / "templates"
PLAIN = "{% for m in messages %}{{ m.role | capitalize }}: {{ m.content }}\n\n{% endfor %}Assistant:"
# SmolLM2's own: it knows no tools.
BARE_CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
# The part of Llama's that shows how it calls.
LLAMA = (
    "{{ bos_token }}{% if tools %}{{ tools | tojson }}{% endif %}{% for message in messages %}"
    "{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' }}{% if message.tool_calls %}"
    "{% if message.tool_calls | length != 1 %}{{ raise_exception('single tool-calls') }}{% endif %}"
    "{% set call = message.tool_calls[0].function %}"
    "{{ '{\"name\": \"' + call.name + '\", ' }}{{ '\"parameters\": ' }}{{ call.arguments | tojson }}{{ '}' }}"
    "{% else %}{{ message.content }}{% endif %}{{ '<|eot_id|>' }}{% endfor %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}"
)
LESSON = "You have tools."

READ = ToolSpec(
    "read_file",
    "Reads a file.",
    {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)
LS = ToolSpec("ls", "Lists files.", {"type": "object", "properties": {}})
TOOLS = (READ, LS)

CUTS = st.lists(st.integers(0, 400), max_size=40)
ANY_CUT = settings(max_examples=150, deadline=None)


def source(name: str) -> str:
    return (TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8")


def dialect(template: str | None, by_hand: str = "") -> FamilyDialect:
    return choose(template, "<s>", "</s>", PLAIN, lambda: LESSON, by_hand)


def asks(*messages: Message, tools: Sequence[ToolSpec] = TOOLS, **more: Any) -> ChatRequest:
    return ChatRequest("1", "m", messages or (Message("user", (Text("Hi"),)),), tuple(tools), **more)


@dataclass
class Said:
    """An answer, put together from its deltas."""

    text: str = ""
    thought: str = ""
    calls: list[list[str]] = field(default_factory=list)  # name, arguments
    whole: int = 0

    def add(self, delta: Delta) -> None:
        match delta:
            case TextDelta(text):
                self.text += text
            case ThinkingDelta(text):
                self.thought += text
            case ToolCallDelta(index, "", _, name) if name:
                assert index == len(self.calls) and delta.id
                self.calls.append([name, ""])
            case ToolCallDelta(index, arguments):
                assert index == len(self.calls) - 1 and not delta.id
                self.calls[-1][1] += arguments


def pieces(text: str, cuts: Iterable[int]) -> list[str]:
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(places)]


def scanned(
    speaker: FamilyDialect, request: ChatRequest, parts: Iterable[str], plan: Plan | None = None, enforced: bool = True
) -> Said:
    plan = plan or speaker.plan(request)
    scanner = speaker.scanner(request, plan if enforced else replace(plan, grammar=None), 0)
    said = Said()
    for part in parts:
        for delta in scanner.feed(part):
            said.add(delta)
    for delta in scanner.finish():
        said.add(delta)
    said.whole = scanner.calls
    return said
