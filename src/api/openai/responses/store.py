"""Responses that are kept so that a client can go on from one of them: in memory, the oldest go first."""

import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ....errors import NotFound
from .call import Call, Item

MOST_RESPONSES = 1000
# Of the JSON text. Agents that resend everything on each turn would fill the memory otherwise.
MOST_CHARACTERS = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Kept:
    response: dict[str, Any]
    items: tuple[Item, ...]  # the input of its request, as it is listed
    history: tuple[Item, ...]  # the whole conversation up to its own output
    size: int

    def named(self) -> Iterator[tuple[str, Item]]:
        """Its own items, by their ids."""
        for item in (*self.items, *self.response["output"]):
            if isinstance(item.get("id"), str):
                yield item["id"], item


class Store:
    def __init__(self, most_responses: int = MOST_RESPONSES, most_characters: int = MOST_CHARACTERS) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        # By their own ids, and by the responses that hold them: an item comes back in the input of later ones.
        self._items: dict[str, dict[str, Item]] = {}
        self._most_responses = most_responses
        self._most_characters = most_characters
        self._size = 0

    def keep(self, call: Call, history: Sequence[Item], response: dict[str, Any]) -> None:
        if not call.keep:
            return
        # The items of the history are those of responses that were counted already.
        size = len(json.dumps([call.items, response], ensure_ascii=False))
        every = (*history, *call.items, *response["output"])
        kept = Kept(response, _listed(call), every, size)
        self._kept[response["id"]] = kept
        self._size += size
        for own_id, item in kept.named():
            self._items.setdefault(own_id, {})[response["id"]] = item
        while len(self._kept) > self._most_responses or self._size > self._most_characters:
            self.delete(next(iter(self._kept)))

    def find(self, response_id: str, param: str = "response_id") -> Kept:
        kept = self._kept.get(response_id)
        if kept is None:
            raise NotFound(f"There is no response '{response_id[:80]}' here; it may be too old.", param)
        return kept

    def item(self, own_id: str) -> Item | None:
        """What was said, or asked, in any response that is still kept."""
        # Copied: a large body is read by another thread, while others come and go.
        return next(iter(list(self._items.get(own_id, {}).values())), None)

    def delete(self, response_id: str) -> None:
        kept = self.find(response_id)
        del self._kept[response_id]
        self._size -= kept.size
        for own_id in {own_id for own_id, _ in kept.named()}:
            holders = self._items[own_id]
            del holders[response_id]
            if not holders:
                del self._items[own_id]


def _listed(call: Call) -> tuple[Item, ...]:
    """Every item with an id, and every message with its content as parts."""
    own = call.request.id.removeprefix("resp_")
    return tuple(_with_parts({"id": f"item_{own}_{at}"} | item) for at, item in enumerate(call.items))


def _with_parts(item: Item) -> Item:
    if item.get("type", "message") != "message":
        return item
    content = item.get("content")
    if isinstance(content, str):
        kind = "output_text" if item.get("role") == "assistant" else "input_text"
        content = [{"type": kind, "text": content}]
    return item | {"type": "message", "content": content}
