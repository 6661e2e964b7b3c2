"""Tools and the choice among them, from the wire. Pure.

A function is the only kind of tool that a client of chat completions runs itself. Kinds that OpenAI's own servers
would run are left out, with a warning.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...chat import Hosted, ToolChoice, ToolSpec
from ...errors import BadRequest
from .. import arguments, hosted
from ..fields import Fields
from . import choice

MOST_TOOLS = 512
# As MCP allows them; OpenAI's own rule knows no dot and ends at 64.
NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")


@dataclass(frozen=True, slots=True)
class Tools:
    specs: tuple[ToolSpec, ...] = ()
    choice: ToolChoice = field(default_factory=ToolChoice)
    legacy: bool = False  # declared as `functions`: one call at most, and its own form of answer
    warnings: tuple[str, ...] = ()
    hosted: Hosted | None = None


def read(fields: Fields) -> Tools:
    wish, declared = hosted.read(at_most(fields.listed("tools") or []))
    specs, warnings = _specs(declared)
    chosen = choice.read(fields, [one.name for one in specs], wish)
    old = _unique([spec(one) for one in fields.listed("functions") or ()], "functions")
    old_chosen = _old_choice(fields, old)
    return Tools(old, old_chosen, True) if old and not specs else Tools(specs, chosen, False, warnings, wish)


def _specs(declared: Sequence[Fields]) -> tuple[tuple[ToolSpec, ...], tuple[str, ...]]:
    found, warnings = [], []
    for tool in declared:
        kind = tool.needed("type")
        if kind == "custom":
            raise tool.unsupported("type", '"custom" is supported at /v1/responses only')
        if kind != "function":
            warnings.append(left_out(kind))
            continue
        function = tool.fields("function")
        if function is None:
            raise tool.missing("function")
        found.append(spec(function))
    return _unique(found, "tools"), tuple(warnings)


def at_most(tools: list[Fields]) -> list[Fields]:
    if len(tools) > MOST_TOOLS:
        raise BadRequest(f"'tools' may hold at most {MOST_TOOLS} tools.", "tools")
    return tools


def left_out(kind: str) -> str:
    return f'Tools of type "{kind[:40]}" do not exist here and were left out.'


def spec(fields: Fields) -> ToolSpec:
    return ToolSpec(
        read_name(fields),
        fields.text("description") or "",
        arguments.read(fields, "parameters"),
        fields.truth("strict") or False,
    )


def read_name(fields: Fields) -> str:
    name = fields.needed("name")
    if not NAME.fullmatch(name):
        raise fields.wrong("name", 'must be 1 to 128 letters, digits, "_", "-" or "."')
    return name


def _unique(specs: Sequence[ToolSpec], where: str) -> tuple[ToolSpec, ...]:
    refuse_twins([one.name for one in specs], where)
    return tuple(specs)


def refuse_twins(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadRequest(f"'{where}' holds two tools of the name \"{name}\".", where)
        seen.add(name)


def _old_choice(fields: Fields, specs: Sequence[ToolSpec]) -> ToolChoice:
    if isinstance(fields.raw("function_call"), dict):
        named = fields.fields("function_call")
        assert named is not None
        return ToolChoice("required", (choice.known(named, "name", [one.name for one in specs]),), False)
    wish = fields.one_of("function_call", ("auto", "none"))
    return ToolChoice("none" if wish == "none" else "auto", (), False)
