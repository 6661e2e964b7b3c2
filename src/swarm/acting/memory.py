"""What is remembered from one request to the next: steps that no client knows of, and who has tools of his own."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

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
        self._size = 0

    def keep(self, calls: Sequence[str], messages: Sequence[Message]) -> None:
        steps = Steps(tuple(messages), frozenset(calls), self._clock() + SECONDS)
        self._kept[calls[0]] = steps
        self._size += steps.size
        while len(self._kept) > MOST or self._size > MOST_CHARACTERS or self._oldest.until < self._clock():
            self._size -= self._kept.pop(next(iter(self._kept))).size
            if not self._kept:
                return

    def whole(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The conversation with the steps that its client has not seen."""
        if not self._kept:
            return tuple(messages)
        found: list[Message] = []
        for message in messages:
            steps = self._of({call.id for call in message.calls})
            found += steps.messages if steps else (message,)
        return tuple(found)

    @property
    def _oldest(self) -> Steps:
        return next(iter(self._kept.values()))

    def _of(self, calls: Collection[str]) -> Steps | None:
        steps = next((self._kept[one] for one in calls if one in self._kept), None)
        return steps if steps and steps.calls == calls and steps.until >= self._clock() else None


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
