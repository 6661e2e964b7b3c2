"""What answers say, read beside the thread that serves where that takes more than a few milliseconds."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import anyio
from anyio.lowlevel import RunVar

from ..chat import Candidate, ChatRequest, Text, ToolResult
from .consensus.forms import Form, form

Found = TypeVar("Found")
# Measured: up to 8 ms for a thousand characters of JSON with a schema, 4 ms of Python, and under 1 ms of all else.
LONG_ANSWER = 500
# Calls are compared with all that was said: 1 ms for a thousand characters.
LONG_CONVERSATION = 4_000
TURN: RunVar[anyio.CapacityLimiter] = RunVar("judging")


async def beside(long: bool, work: Callable[[], Found]) -> Found:
    """Whoever is not waited for any more holds nobody up. One at a time: several threads would be no quicker together,
    and the one that serves would wait for its turn behind all of them."""
    if not long:
        return work()
    try:
        turn = TURN.get()
    except LookupError:
        TURN.set(turn := anyio.CapacityLimiter(1))
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=turn)


async def forms(candidates: Sequence[Candidate], request: ChatRequest) -> list[Form]:
    long = sum(_written(one) for one in candidates) > LONG_ANSWER
    return await beside(long, lambda: [form(one, request) for one in candidates])


def is_long(candidate: Candidate, request: ChatRequest) -> bool:
    """To be read as an answer and, where it calls tools, for what the conversation has to say for its calls."""
    return _written(candidate) > LONG_ANSWER or (bool(candidate.message.calls) and _said(request) > LONG_CONVERSATION)


def _written(candidate: Candidate) -> int:
    message = candidate.message
    return len(message.text) + sum(len(call.arguments) for call in message.calls)


def _said(request: ChatRequest) -> int:
    parts = (part for message in request.messages for part in message.parts)
    return sum(len(part.text if isinstance(part, Text) else part.content)
               for part in parts if isinstance(part, Text | ToolResult))  # fmt: skip
