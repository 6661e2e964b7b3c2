"""Tools and the choice among them, from Anthropic's wire. Pure."""

import re
from collections.abc import Sequence

from ...chat import ToolChoice, ToolSpec
from ..fields import Fields

# As MCP allows them; Anthropic's own rule knows no dot.
NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
CHOICES = ("auto", "any", "tool", "none")


def tools(fields: Fields) -> tuple[tuple[ToolSpec, ...], tuple[str, ...]]:
    """The tools, and a word on those that had to be left out."""
    offered: dict[str, ToolSpec] = {}
    left_out: list[str] = []
    for tool in fields.listed("tools") or ():
        kind = tool.text("type") or "custom"
        if kind != "custom":
            left_out.append(f"The tool '{kind}' is built into Anthropic's own models and was left out.")
            continue
        spec = _tool(tool)
        if spec.name in offered:
            raise tool.wrong("name", f'"{spec.name}" is the name of another tool too')
        offered[spec.name] = spec
    return tuple(offered.values()), tuple(left_out)


def _tool(tool: Fields) -> ToolSpec:
    name = tool.needed("name")
    if not NAME.fullmatch(name):
        raise tool.wrong("name", 'must be 1 to 128 letters, digits, "_", "-" or "."')
    schema = tool.fields("input_schema")
    if schema is None:
        raise tool.missing("input_schema")
    return ToolSpec(name, tool.text("description") or "", dict(schema.values), tool.truth("strict") or False)


def tool_choice(fields: Fields, offered: Sequence[ToolSpec]) -> ToolChoice:
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
    if not offered:
        raise choice.wrong("type", f'"{kind}" needs at least one tool')
    if kind == "tool":
        return ToolChoice("required", _named(choice, offered), parallel=False)
    return ToolChoice("required", parallel=parallel)


def _named(choice: Fields, offered: Sequence[ToolSpec]) -> tuple[str, ...]:
    name = choice.needed("name")
    if name not in {tool.name for tool in offered}:
        raise choice.wrong("name", f'must be the name of one of the tools, not "{name[:80]}"')
    return (name,)
