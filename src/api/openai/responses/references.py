"""Items that a client names by their ids, instead of sending again what it knows to be kept here. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

from ....errors import NotFound
from ...fields import Fields

KIND = "item_reference"

# A kept item by its id; None where there is no such.
Recall = Callable[[str], dict[str, Any] | None]


def resolve(items: Sequence[Fields], recall: Recall) -> list[dict[str, Any]]:
    """Each may be named once: a short request could stand for an endless one otherwise."""
    named: set[str] = set()
    return [_recalled(item, recall, named) if _is_reference(item) else item.values for item in items]


def _is_reference(item: Fields) -> bool:
    """The type may be left out."""
    kind = item.raw("type")
    return kind == KIND or (kind is None and item.values.keys() - {"type"} == {"id"})


def _recalled(item: Fields, recall: Recall, named: set[str]) -> dict[str, Any]:
    own_id = item.needed("id")
    if own_id in named:
        raise item.wrong("id", f'names the item "{own_id[:80]}" a second time')
    named.add(own_id)
    found = recall(own_id)
    if found is None:
        words = "it may be too old, or belong to a response that was not stored"
        raise NotFound(f"There is no item '{own_id[:80]}' here; {words}. Send the item itself.", item.name("id"))
    return found
