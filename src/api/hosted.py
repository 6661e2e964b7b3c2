"""The wish for tools of the swarm's own tool host, as one entry among a client's tools; the same in every API. Pure."""

from collections.abc import Sequence

from ..chat import Hosted
from ..settings import nearest
from .fields import Fields
from .openapi import TEXT, one_of, several, thing

KIND = "swarm"
KEYS = ("type", "tools", "max_rounds")
MOST_ROUNDS = 64
MOST_NAMES = 512
SCHEMA = thing(
    ("type",),
    type=one_of(KIND),
    tools=several(TEXT, minItems=1, maxItems=MOST_NAMES) | {"description": "Only these; else all that there are."},
    max_rounds={"type": "integer", "minimum": 1, "maximum": MOST_ROUNDS},
) | {
    "additionalProperties": False,
    "description": "The tools of the swarm's tool host, once: the model uses them on the way to its answer.",
}


def read(tools: Sequence[Fields]) -> tuple[Hosted | None, list[Fields]]:
    """The wish, and the other tools."""
    found = [tool for tool in tools if _is_wish(tool)]
    others = [tool for tool in tools if not _is_wish(tool)]
    if len(found) > 1:
        raise found[1].wrong("type", 'is "swarm" for a second time; name all of its tools in one entry')
    return (_wish(found[0]) if found else None), others


def _is_wish(tool: Fields) -> bool:
    """However it is written: as a tool of another kind it would be left out, and nobody would say why."""
    return str(tool.raw("type")).casefold() == KIND


def _wish(entry: Fields) -> Hosted:
    for key in entry.values:
        if key not in KEYS:
            near = nearest(key, KEYS)
            other = f"the nearest is '{near}'" if near else f"there is {', '.join(KEYS)}"
            raise entry.wrong(key[:40], f"is not known; {other}")
    names = entry.texts("tools")
    if names is not None and not 0 < len(names) <= MOST_NAMES:
        raise entry.wrong("tools", f"must hold 1 to {MOST_NAMES} names; leave it out for all tools")
    return Hosted(tuple(names or ()), entry.whole("max_rounds", 1, MOST_ROUNDS))
