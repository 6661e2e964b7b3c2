"""A message as it is written, to Anthropic's wire. Pure.

Blocks come one after the other, each with its index, a start, deltas and a stop.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...chat import Accepted, Event, Finished, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from ...errors import SwarmError
from ..chosen.told import Told
from ..failures import Shape
from ..reply import EVENT_STREAM
from . import errors
from .answer import SIGNATURE, head, stop_reason, usage_to_wire
from .request import Call

EMPTY = {"text": {"type": "text", "text": ""}, "thinking": {"type": "thinking", "thinking": "", "signature": ""}}


@dataclass(slots=True)
class MessageStream:
    call: Call
    content_type: str = EVENT_STREAM
    shape: Shape = errors.to_wire
    _open: str = ""  # the type of the block that is being written
    _index: int = -1
    _told: Told = field(init=False)

    def __post_init__(self) -> None:
        self._told = Told(self.call.request.id, self.call.warnings)

    def event(self, event: Event) -> Iterator[bytes]:
        self._told.hear(event)
        match event:
            case Accepted(prompt_tokens):
                usage = usage_to_wire(Usage(prompt_tokens, 0))
                yield _event("message_start", message=head(self.call, self._told.news()) | {"usage": usage})
                yield self.idle()
            case TextDelta(text) if text:
                yield from self._in_block("text")
                yield self._delta("text_delta", text=text)
            case ThinkingDelta(text) if text:
                yield from self._in_block("thinking")
                if self.call.shows_thoughts:
                    yield self._delta("thinking_delta", thinking=text)
            case ToolCallDelta():
                yield from self._tool_call(event)
            case Finished():
                yield from self._finish(event)

    def idle(self) -> bytes:
        return _event("ping")

    def end(self) -> bytes:
        return _event("message_stop")

    def failure(self, error: SwarmError) -> bytes:
        return _framed("error", errors.to_wire(error))

    def _tool_call(self, event: ToolCallDelta) -> Iterator[bytes]:
        if event.name:
            yield from self._start({"type": "tool_use", "id": event.id, "name": event.name, "input": {}})
        if event.arguments:
            yield self._delta("input_json_delta", partial_json=event.arguments)

    def _finish(self, event: Finished) -> Iterator[bytes]:
        yield from self._stop()
        delta = {"stop_reason": stop_reason(event.reason, event.stop), "stop_sequence": event.stop or None}
        yield _event("message_delta", delta=delta, usage=usage_to_wire(event.usage), **self._told.news())

    def _in_block(self, kind: str) -> Iterator[bytes]:
        if self._open != kind:
            yield from self._start(EMPTY[kind])

    def _start(self, block: dict[str, Any]) -> Iterator[bytes]:
        yield from self._stop()
        self._open = block["type"]
        self._index += 1
        yield _event("content_block_start", index=self._index, content_block=block)

    def _stop(self) -> Iterator[bytes]:
        if self._open == "thinking":
            yield self._delta("signature_delta", signature=SIGNATURE)
        if self._open:
            self._open = ""
            yield _event("content_block_stop", index=self._index)

    def _delta(self, kind: str, **said: str) -> bytes:
        return _event("content_block_delta", index=self._index, delta={"type": kind, **said})


def _event(kind: str, **rest: Any) -> bytes:
    return _framed(kind, {"type": kind, **rest})


def _framed(kind: str, data: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
