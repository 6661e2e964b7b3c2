"""Memory that machines of a swarm lend each other, in words, from what a node tells of it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .machines import LONGEST_SENTENCE, ago, clean, name, several
from .table import gib

Facts = Mapping[str, Any]


def rows(found: Facts, now: float) -> Iterator[tuple[str, str]]:
    """`now`: seconds since 1970."""
    for one in several(found.get("borrowed")):
        yield "borrows", _borrowed(one, now)
    lent = several(found.get("lent"))
    for one in lent:
        yield "lends", f"{_amount(one)} to {name(one)}{_for(one, now)}"
    if not lent and isinstance(found.get("lent"), list):
        yield "lends", "its free memory (--lend), to nobody now"


def lost(borrowed: Sequence[Facts]) -> str:
    """Why the first of these that is lost is that."""
    return next((_why(one) for one in borrowed if one.get("state") == "lost"), "")


def _borrowed(one: Facts, now: float) -> str:
    of = f"{_amount(one)} of {name(one)}"
    match one.get("state"):
        case "alive":
            return f"{of}, alive{_for(one, now)}"
        case "lost":
            return f"{of}, lost{_for(one, now)}: {_why(one)}"
        case _:
            return f"{of}, not in use yet"


def _why(one: Facts) -> str:
    return clean(one.get("trouble"), LONGEST_SENTENCE) or f"{name(one)} is lost."


def _amount(one: Facts) -> str:
    room = one.get("bytes")
    return gib(room) if isinstance(room, int) else "memory"


def _for(one: Facts, now: float) -> str:
    since = ago(one.get("since"), now)
    return f" for {since}" if since else ""
