"""Tools as a short list that a model can read, always the same for the same tools."""

import json
from collections.abc import Sequence
from typing import Any

from ..chat import ToolSpec

# Members of a parameter's schema that say more than its type.
SIMPLE = {"type", "description", "title", "default", "enum"}


def listing(tools: Sequence[ToolSpec]) -> str:
    return "\n".join(line for tool in tools for line in _lines(tool))


def _lines(tool: ToolSpec) -> list[str]:
    description = tool.description.strip()
    needed = tool.schema.get("required", [])
    properties = tool.schema.get("properties", {})
    head = f"{tool.name}: {description}" if description else tool.name
    return [head, *(_parameter(name, value, name in needed) for name, value in properties.items())]


def _parameter(name: str, schema: Any, needed: bool) -> str:
    fields = schema if isinstance(schema, dict) else {}
    line = f"  {name} ({_kind(fields)}{'' if needed else ', optional'})"
    description = str(fields.get("description", "")).strip()
    return f"{line}: {description}" if description else line


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if schema and (not SIMPLE.issuperset(schema) or not isinstance(schema.get("type"), str)):
        return json.dumps({key: value for key, value in schema.items() if key != "description"}, ensure_ascii=False)
    return str(schema.get("type", "any"))
