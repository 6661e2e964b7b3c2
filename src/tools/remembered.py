"""Calls that were made, so that none is made twice."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

import anyio

from ..chat import Outcome, ToolCall
from .tool import Caller

Key = tuple[str, str]  # who called, and the id that they gave it

RESULTS = 1000
ROOM = 64 * 2**20  # characters of results
IDS = 100_000


@dataclass(slots=True)
class Running:
    call: ToolCall
    caller: Caller
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    ended: anyio.Event = field(default_factory=anyio.Event)
    outcome: Outcome | None = None
    decision: str = ""
    _digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        self._digest = _digest(self.call)

    def is_of(self, call: ToolCall) -> bool:
        return self._digest == _digest(call)

    def end(self, outcome: Outcome) -> None:
        """What it was called with may be long, and is not needed any more."""
        self.outcome = outcome
        self.call = ToolCall(self.call.id, self.call.name, "")
        self.ended.set()

    @property
    def key(self) -> Key:
        return self.caller.id, self.call.id

    @property
    def size(self) -> int:
        outcome = self.outcome
        return len(outcome.content) + sum(len(image.url) for image in outcome.images) if outcome else 0


class Remembered:
    """Results for as long as there is room, and ids for much longer."""

    def __init__(self, before: Iterable[Key]) -> None:
        self._calls: OrderedDict[Key, Running] = OrderedDict()
        self._ids = OrderedDict.fromkeys(before)
        self._size = 0

    def find(self, key: Key) -> Running | None:
        return self._calls.get(key)

    def was(self, key: Key) -> bool:
        """It was called, and what came of it is not known any more."""
        return key in self._ids

    def add(self, running: Running) -> None:
        self._calls[running.key] = running

    @property
    def unfinished(self) -> int:
        return sum(not one.ended.is_set() for one in self._calls.values())

    def finish(self, running: Running, outcome: Outcome) -> None:
        running.end(outcome)
        self._size += running.size
        while self._size > ROOM or len(self._calls) > RESULTS:
            oldest = next((one for one in self._calls.values() if one.ended.is_set() and one is not running), None)
            if oldest is None:
                return
            self._forget(oldest)

    def _forget(self, running: Running) -> None:
        self._size -= running.size
        del self._calls[running.key]
        self._ids[running.key] = None
        while len(self._ids) > IDS:
            self._ids.popitem(last=False)


def _digest(call: ToolCall) -> bytes:
    return hashlib.sha256(f"{call.name}\0{call.arguments}".encode("utf-8", "surrogatepass")).digest()
