"""The choice among tools, from the wire; the same for chat completions and responses but for where names are. Pure."""

from collections.abc import Collection
from typing import Literal

from ...chat import Hosted, ToolChoice
from ..fields import Fields, describe

Mode = Literal["auto", "required", "none"]
MODES: dict[str, Mode] = {"auto": "auto", "required": "required", "none": "none"}


def read(fields: Fields, names: Collection[str], hosted: Hosted | None = None) -> ToolChoice:
    """`names`: of the tools there are. One that is named is called once. `hosted`: there are others too, and only the
    names that stand there are known here."""
    names = [*names, *(hosted.tools if hosted else ())]
    parallel = fields.truth("parallel_tool_calls") is not False
    wish = fields.raw("tool_choice")
    if wish is None or isinstance(wish, str):
        return ToolChoice(_mode(fields, bool(names) or hosted is not None), (), parallel)
    if not isinstance(wish, dict):
        raise fields.wrong("tool_choice", f"must be a string or an object, not {describe(wish)}")
    chosen = fields.fields("tool_choice")
    assert chosen is not None
    kind = chosen.needed("type")
    if kind == "allowed_tools":
        return _allowed(chosen.fields("allowed_tools") or chosen, names, parallel)
    if kind not in ("function", "custom"):
        raise chosen.unsupported("type", f'"{kind[:40]}" is not supported by this server')
    return ToolChoice("required", (_named(chosen, names),), parallel=False)


def known(fields: Fields, key: str, names: Collection[str], name: str | None = None) -> str:
    name = name or fields.needed(key)
    if name not in names:
        raise fields.wrong(key, f'is "{name[:64]}", but there is no tool of this name')
    return name


def joined(namespace: str | None, name: str) -> str:
    """The one name under which a model knows a tool of a namespace."""
    if not namespace:
        return name
    return f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"


def _mode(fields: Fields, any_tools: bool) -> Mode:
    wish = fields.one_of("tool_choice", tuple(MODES)) or "auto"
    if wish == "required" and not any_tools:
        raise fields.wrong("tool_choice", 'is "required", but there are no tools')
    return MODES[wish]


def _allowed(fields: Fields, names: Collection[str], parallel: bool) -> ToolChoice:
    wish = fields.one_of("mode", ("auto", "required")) or "auto"
    listed = fields.listed("tools")
    if not listed:
        raise fields.missing("tools")
    return ToolChoice(MODES[wish], tuple(_named(tool, names) for tool in listed), parallel)


def _named(fields: Fields, names: Collection[str]) -> str:
    held = fields.fields("function") or fields
    return known(held, "name", names, joined(held.text("namespace"), held.needed("name")))
