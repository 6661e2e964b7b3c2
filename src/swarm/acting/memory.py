"""What is remembered from one request to the next: steps that no client knows of, and who has tools of his own."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from ...chat import ChatRequest, Message, Text, Thinking, ToolCall, ToolResult

SECONDS = 1800.0
MOST = 256
MOST_CHARACTERS = 8 * 2**20
SESSIONS = 4096


@dataclass(frozen=True, slots=True)
class Steps:
    """`messages`: what the model has said and been told, up to the calls `calls`, which the client executes."""

    messages: tuple[Message, ...]
    calls: frozenset[str]
    until: float

    @property
    def size(self) -> int:
        return sum(_size(message) for message in self.messages)


class Memory:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Steps] = OrderedDict()  # by the first of the calls
        self._first: dict[str, str] = {}  # of the calls, for each of them
        self._size = 0

    def keep(self, calls: Sequence[str], messages: Sequence[Message]) -> None:
        steps = Steps(tuple(messages), frozenset(calls), self._clock() + SECONDS)
        self._kept[calls[0]] = steps
        self._first |= dict.fromkeys(calls, calls[0])
        self._size += steps.size
        while len(self._kept) > MOST or self._size > MOST_CHARACTERS or self._oldest.until < self._clock():
            self._forget(next(iter(self._kept)))
            if not self._kept:
                return

    def whole(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The conversation with the steps that its client has not seen. Where it sends each of several calls back in a
        message of its own, they are still those of one; where it leaves some out, they are left out."""
        if not self._kept:
            return tuple(messages)
        back = {call.id for message in messages for call in message.calls}
        found: list[Message] = []
        put: set[str] = set()
        for message in messages:
            steps = self._of({call.id for call in message.calls})
            if steps is None:
                found.append(message)
            elif steps.calls.isdisjoint(put):
                found += [_without(one, steps.calls - back) for one in steps.messages]
                put |= steps.calls
        return tuple(found)

    def _forget(self, first: str) -> None:
        steps = self._kept.pop(first)
        self._size -= steps.size
        for call in steps.calls:
            del self._first[call]

    @property
    def _oldest(self) -> Steps:
        return next(iter(self._kept.values()))

    def _of(self, calls: Collection[str]) -> Steps | None:
        """All of these are among its calls."""
        first = next((self._first[one] for one in calls if one in self._first), None)
        steps = self._kept[first] if first else None
        return steps if steps and steps.calls.issuperset(calls) and steps.until >= self._clock() else None


class Agents:
    """The sessions that have declared tools of their own. What else such a client asks, such as for a title, is meant
    to be answered without any."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()

    def note(self, request: ChatRequest) -> None:
        if not request.tools or not request.session:
            return
        self._names[request.session] = None
        self._names.move_to_end(request.session)
        if len(self._names) > SESSIONS:
            self._names.popitem(last=False)

    def has(self, request: ChatRequest) -> bool:
        return request.session in self._names


def _without(message: Message, calls: Collection[str]) -> Message:
    parts = tuple(part for part in message.parts if not (isinstance(part, ToolCall) and part.id in calls))
    return replace(message, parts=parts)


def _size(message: Message) -> int:
    size = 0
    for part in message.parts:
        match part:
            case Text(text) | Thinking(text):
                size += len(text)
            case ToolCall(_, _, arguments):
                size += len(arguments)
            case ToolResult(_, content):
                size += len(content)
            case image:
                size += len(image.url)
    return size
