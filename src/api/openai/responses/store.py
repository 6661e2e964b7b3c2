"""Responses that are kept so that a client can go on from one of them: in memory, the oldest go first."""

import json
from collections import OrderedDict
from collections.abc import Sequence
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


class Store:
    def __init__(self, most_responses: int = MOST_RESPONSES, most_characters: int = MOST_CHARACTERS) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._most_responses = most_responses
        self._most_characters = most_characters
        self._size = 0

    def keep(self, call: Call, history: Sequence[Item], response: dict[str, Any]) -> None:
        if not call.keep:
            return
        # The items of the history are those of responses that were counted already.
        size = len(json.dumps([call.items, response], ensure_ascii=False))
        every = (*history, *call.items, *response["output"])
        self._kept[response["id"]] = Kept(response, _listed(call), every, size)
        self._size += size
        while len(self._kept) > self._most_responses or self._size > self._most_characters:
            self._size -= self._kept.popitem(last=False)[1].size

    def find(self, response_id: str, param: str = "response_id") -> Kept:
        kept = self._kept.get(response_id)
        if kept is None:
            raise NotFound(f"There is no response '{response_id[:80]}' here; it may be too old.", param)
        return kept

    def delete(self, response_id: str) -> None:
        self._size -= self.find(response_id).size
        del self._kept[response_id]


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
