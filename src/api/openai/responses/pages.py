"""A list of items, page by page, to the wire. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from ....errors import BadRequest
from .call import Item

FEWEST, USUAL, MOST = 1, 20, 100


def page(items: Sequence[Item], query: Mapping[str, str]) -> dict[str, Any]:
    """`order` is newest first unless `asc` is asked for; `after` is the id of the last item of the page before."""
    limit, after = _limit(query.get("limit")), query.get("after")
    ordered = items if _order(query.get("order")) == "asc" else items[::-1]
    start = next((at + 1 for at, item in enumerate(ordered) if item["id"] == after), None) if after else 0
    if start is None:
        raise BadRequest(f"'after' is \"{str(after)[:80]}\", but there is no item of this id.", "after")
    shown = list(ordered[start : start + limit])
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else "",
        "last_id": shown[-1]["id"] if shown else "",
        "has_more": start + limit < len(ordered),
    }


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < 4 and FEWEST <= int(text) <= MOST):
        raise BadRequest(f"'limit' must be a whole number between {FEWEST} and {MOST}.", "limit")
    return int(text)


def _order(text: str | None) -> str:
    if text not in (None, "asc", "desc"):
        raise BadRequest('\'order\' must be "asc" or "desc".', "order")
    return text or "desc"
