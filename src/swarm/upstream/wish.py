"""What an answer has to be. Another server may take no notice of it, so what comes back is looked at. Pure.

A call of what was not offered, arguments that are no object, words instead of a call that was required or of JSON: none
of these is passed on. What is merely not as its schema or grammar has it is, with a warning.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ...chat import ChatRequest, ToolCall, ToolSpec
from ...dialects.grammar import custom
from ...dialects.grammar.check import problems
from ...dialects.grammar.schema import clean
from ...errors import BadRequest

Schema = dict[str, Any]
BEGINS_JSON = frozenset('{["-0123456789tfn')
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """`form`: the schema of an answer in JSON. `partial`: what is written is not the whole of a text."""

    offered: Mapping[str, ToolSpec] = field(default_factory=dict)
    required: bool = False
    parallel: bool = True
    form: Schema | None = None
    partial: bool = False

    def refuses_call(self, name: str) -> str:
        """Why this is no call that may be made; empty where it is."""
        return "" if name in self.offered else f"called '{name[:LONGEST_NAME]}', a tool that it was not offered"

    def refuses_text(self, text: str) -> str:
        """Why no answer may begin like this."""
        # Before a call anything may be said.
        if self.form is None or self.partial or self.offered or not (begin := text.lstrip()[:1]):
            return ""
        begins = begin in BEGINS_JSON if self.form else begin == "{"
        return "" if begins else "answered in words, although JSON was asked for"

    def refuses(self, text: str, calls: int) -> str:
        """Why this is not the whole of an answer."""
        if self.required and not calls:
            return "called no tool, although a call was required"
        if self.form is None or self.partial or calls:
            return ""
        try:
            value = parsed(text)
        except (ValueError, RecursionError):
            return "wrote something that is not JSON, although JSON was asked for"
        whole = bool(self.form) or isinstance(value, dict)
        return "" if whole else "wrote JSON that is no object, although one was asked for"

    def warnings(self, text: str, calls: tuple[ToolCall, ...]) -> Iterator[str]:
        for call in calls:
            yield from _about_call(self.offered[call.name], call.arguments)
        if self.form and not self.partial and not calls:
            for problem in _misfits(parsed(text), self.form):
                yield f"The server of this model did not hold the answer to its schema: {problem}"


def of(request: ChatRequest) -> Wish:
    choice = request.tool_choice
    named = [tool for tool in request.tools if not choice.names or tool.name in choice.names]
    offered = {} if choice.mode == "none" else {tool.name: tool for tool in named}
    form = request.response_format
    # Behind a stop string or a beginning that the client wrote, it is only a part of the JSON.
    partial = request.continue_last or bool(request.sampling.stop)
    required = choice.mode == "required" and bool(offered)
    return Wish(offered, required, choice.parallel, None if form is None else form.schema, partial)


def parsed(text: str) -> Any:
    """ValueError where it is no JSON."""
    return json.loads(text, parse_constant=_refused)


def _about_call(tool: ToolSpec, arguments: str) -> Iterator[str]:
    (held,), unheld = custom.held([tool])
    if unheld:
        yield f"The server of this model does not enforce the grammar of the tool '{tool.name}'."
        held = tool
    for problem in _misfits(parsed(arguments), held.schema):
        yield f"The server of this model did not hold a call of '{tool.name}' to its schema: {problem}"


def _misfits(value: Any, schema: Schema) -> list[str]:
    try:
        return problems(value, clean(schema).schema)[:1]
    except BadRequest:
        return []  # a schema that nothing can be held to


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
