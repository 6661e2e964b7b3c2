"""Which requests belong together, so that one member reads their common head once. Pure."""

from ..fields import Fields

HEADER = "x-session-affinity"


def read(fields: Fields, header: str) -> str:
    """The closest name wins: `user` alone can stand for many conversations."""
    key, user = fields.text("prompt_cache_key"), fields.text("user")
    return key or header or user or ""
