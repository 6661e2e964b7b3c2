"""Values inside a schema: those of `enum`, `const` and `default`."""

import json
import math
from typing import Any

DEEPEST = 16
# llguidance takes stack for each: 2000 properties end a process with the 512 kB of a thread on macOS.
MOST_PROPERTIES = 500


def kind_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def writable(value: Any, depth: int = 0) -> bool:
    """Can be written as JSON: no infinities, no halves of characters, no bottomless nesting."""
    match value:
        case str():
            return not any("\ud800" <= char <= "\udfff" for char in value)
        case float():
            return math.isfinite(value)
        case list():
            return depth < DEEPEST and all(writable(item, depth + 1) for item in value)
        case dict():
            return depth < DEEPEST and all(
                isinstance(name, str) and writable(name) and writable(item, depth + 1) for name, item in value.items()
            )
        case _:
            return value is None or isinstance(value, int)


def wide(value: Any) -> bool:
    """Holds an object with more properties than can be enforced, see `objects`."""
    match value:
        case list():
            return any(wide(item) for item in value)
        case dict():
            return len(value) > MOST_PROPERTIES or any(wide(item) for item in value.values())
        case _:
            return False


def same_key(value: Any) -> str:
    """Equal for values that JSON Schema takes for equal: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case _:
            return value
