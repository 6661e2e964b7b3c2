"""The tools of a host, by their names: those that stay, and those of others, which come and go."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..chat import ToolSpec
from ..errors import StartError
from .tool import Tool, ToolFailed

# Deeper ones are no schemas for a model, and make whoever walks them run out of stack.
DEEPEST = 32
# Long numbers that help no model, and make grammars large. The arguments are still held to them.
LIMITS = {"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}


class ToolUnusable(StartError):
    code = "tool_unusable"


class Registry:
    """`tools`: those that stay."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools: dict[str, Tool] = {}
        self._guests: dict[str, tuple[str, ...]] = {}
        for tool in tools:
            self._add(tool)

    def __iter__(self) -> Iterator[Tool]:
        return iter(tuple(self._tools.values()))

    def find(self, name: str) -> Tool:
        if name in self._tools:
            return self._tools[name]
        raise ToolFailed(f"There is no tool {name[:100]!r} here. There are: {', '.join(self._tools)}.")

    def replace(self, owner: str, tools: Iterable[Tool]) -> list[str]:
        """In place of those that this owner had. Why some are left out."""
        for name in self._guests.pop(owner, ()):
            del self._tools[name]
        added, refusals = [], []
        for tool in tools:
            try:
                self._add(tool)
                added.append(tool.name)
            except ToolUnusable as error:
                refusals.append(error.message)
        self._guests[owner] = tuple(added)
        return refusals

    def specs(self) -> tuple[ToolSpec, ...]:
        """For a model."""
        return tuple(ToolSpec(tool.name, tool.description, without_limits(tool.schema)) for tool in self)

    def _add(self, tool: Tool) -> None:
        if tool.name in self._tools:
            raise ToolUnusable(f"Two tools are called {tool.name}. Rename one of them, or leave one out.")
        check(tool)
        self._tools[tool.name] = tool


def check(tool: Tool) -> None:
    """ToolUnusable for what others may bring as a schema."""
    level: list[Any] = [tool.schema]
    for _ in range(DEEPEST):
        if not level:
            return
        for one in level:
            if isinstance(one, dict) and not str(one.get("$ref", "#")).startswith("#"):
                raise ToolUnusable(
                    f"The schema of the tool {tool.name} is not complete: it refers to another document."
                )
        level = [below for one in level for below in _below(one)]
    raise ToolUnusable(f"The schema of the tool {tool.name} is nested more than {DEEPEST} levels deep.")


def without_limits(schema: Any) -> Any:
    if isinstance(schema, list):
        return [without_limits(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: without_limits(one) for key, one in schema.items() if key not in LIMITS or not isinstance(one, int)}


def _below(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
