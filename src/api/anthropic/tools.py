"""Tools and the choice among them, from Anthropic's wire. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...chat import Hosted, ToolChoice, ToolSpec
from .. import hosted
from ..fields import Fields

# As MCP allows them; Anthropic's own rule knows no dot.
NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
CHOICES = ("auto", "any", "tool", "none")


@dataclass(frozen=True, slots=True)
class Tools:
    """`left_out`: a word on each that had to be."""

    specs: tuple[ToolSpec, ...]
    left_out: tuple[str, ...]
    hosted: Hosted | None


def tools(fields: Fields) -> Tools:
    wish, declared = hosted.read(fields.listed("tools") or ())
    offered: dict[str, ToolSpec] = {}
    left_out: list[str] = []
    for tool in declared:
        kind = tool.text("type") or "custom"
        if kind != "custom":
            left_out.append(f"The tool '{kind}' is built into Anthropic's own models and was left out.")
            continue
        spec = _tool(tool)
        if spec.name in offered:
            raise tool.wrong("name", f'"{spec.name}" is the name of another tool too')
        offered[spec.name] = spec
    return Tools(tuple(offered.values()), tuple(left_out), wish)


def _tool(tool: Fields) -> ToolSpec:
    name = tool.needed("name")
    if not NAME.fullmatch(name):
        raise tool.wrong("name", 'must be 1 to 128 letters, digits, "_", "-" or "."')
    schema = tool.fields("input_schema")
    if schema is None:
        raise tool.missing("input_schema")
    return ToolSpec(name, tool.text("description") or "", dict(schema.values), tool.truth("strict") or False)


def tool_choice(fields: Fields, offered: Tools) -> ToolChoice:
    choice = fields.fields("tool_choice")
    if choice is None:
        return ToolChoice()
    kind = choice.one_of("type", CHOICES)
    parallel = not choice.truth("disable_parallel_tool_use")
    match kind:
        case None:
            raise choice.missing("type")
        case "auto":
            return ToolChoice("auto", parallel=parallel)
        case "none":
            return ToolChoice("none")
    names = [tool.name for tool in offered.specs] + list(offered.hosted.tools if offered.hosted else ())
    if not names and not offered.hosted:
        raise choice.wrong("type", f'"{kind}" needs at least one tool')
    if kind == "tool":
        return ToolChoice("required", _named(choice, names), parallel=False)
    return ToolChoice("required", parallel=parallel)


def _named(choice: Fields, names: Sequence[str]) -> tuple[str, ...]:
    name = choice.needed("name")
    if name not in names:
        raise choice.wrong("name", f'must be the name of one of the tools, not "{name[:80]}"')
    return (name,)
