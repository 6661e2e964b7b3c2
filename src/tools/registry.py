"""The tools of a host, by their names."""

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
    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise ToolUnusable(f"Two tools are called {tool.name}. Rename one of them, or leave one out.")
            check(tool)
            self._tools[tool.name] = tool

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def find(self, name: str) -> Tool:
        if name in self._tools:
            return self._tools[name]
        raise ToolFailed(f"There is no tool {name[:100]!r} here. There are: {', '.join(self._tools)}.")

    def specs(self) -> tuple[ToolSpec, ...]:
        """For a model."""
        return tuple(ToolSpec(tool.name, tool.description, without_limits(tool.schema)) for tool in self)


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
