"""Strings: patterns and formats."""

from .place import Node, Place, Warnings
from .values import writable

# `format` is only a hint in JSON Schema. These are enforced; another is nothing that a model could be held to.
FORMATS = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri")
)  # fmt: skip


# A longer one is no pattern that a person wrote.
LONGEST_PATTERN = 2_000


def tidy(node: Node, wanted: list[str] | None, place: Place, warnings: Warnings) -> Node:
    cleaned: Node = {}
    if wanted is None or "string" not in wanted:
        return cleaned
    if isinstance(node.get("format"), str) and node["format"] in FORMATS:
        cleaned["format"] = node["format"]
    pattern = node.get("pattern")
    if isinstance(pattern, str) and writable(pattern) and len(pattern) <= LONGEST_PATTERN:
        cleaned |= {"pattern": pattern} if pattern else {}
    elif pattern is not None:
        warnings.add((*place, "pattern"), "cannot be used and is not enforced")
    return cleaned
