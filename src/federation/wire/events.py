"""The lines of a stream between nodes.

An array holds events that were ready together; an empty one says that the member is still at work. An object is the
last line: a reply, or an error. A text among the events is a TextDelta with nothing else in it, as nearly all are.
"""

from collections.abc import Sequence
from typing import Any

from ...chat import Event, TextDelta
from ...errors import BadRequest, SwarmError
from .codec import Codec
from .faults import FAULT, error_of, fault_of
from .json_text import dump, parse
from .messages import REPLY, Reply
from .scalars import Wrong, take_text

EVENT: Codec[Event] = Codec(Event, "An event")
HEARTBEAT = b"[]\n"
Line = tuple[Event, ...] | Reply | SwarmError


def event_line(events: Sequence[Event]) -> bytes:
    return dump([_put(event) for event in events]) + b"\n"


def reply_line(reply: Reply) -> bytes:
    return dump({"reply": REPLY.put(reply)}) + b"\n"


def error_line(error: SwarmError) -> bytes:
    return dump({"error": FAULT.put(fault_of(error))}) + b"\n"


def read_line(line: bytes) -> Line:
    match parse(line, "A line of the stream"):
        case list(items):
            return tuple([_take(item) for item in items])
        case {"reply": reply}:
            return REPLY.take(reply)
        case {"error": fault}:
            return error_of(FAULT.take(fault))
    raise BadRequest("A line of the stream holds neither events nor an end.")


def _put(event: Event) -> Any:
    if type(event) is TextDelta and not event.candidate and not event.logprobs:
        return event.text
    return EVENT.put(event)


def _take(item: Any) -> Event:
    if type(item) is not str:
        return EVENT.take(item)
    try:
        return TextDelta(take_text(item))
    except Wrong as wrong:
        raise BadRequest(f"A text of the stream is not as it must be: {wrong.why}.") from None
