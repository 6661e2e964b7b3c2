"""What a tool takes, from the wire. Pure."""

from typing import Any

from .fields import Fields


def read(fields: Fields, key: str) -> dict[str, Any]:
    """A tool that says nothing takes nothing: told only that some object is wanted, models invent arguments."""
    schema = fields.fields(key)
    return dict(schema.values) if schema else {"type": "object", "properties": {}, "additionalProperties": False}
