"""A response as a stream of numbered events. Pure, but for handing the finished response on."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ....chat import Accepted, Event, Finished, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from ....errors import SwarmError
from ...chosen.told import Told
from ...failures import Shape
from ...failures import to_wire as failure_to_wire
from ...reply import EVENT_STREAM
from .. import sse
from .call import Call, Item
from .output import COMPLETED, FAILED, IN_PROGRESS, INCOMPLETE, response, status_of
from .writers import CallWriter, MessageWriter, ReasoningWriter, Said, Writer


@dataclass(slots=True)
class ResponseStream:
    call: Call
    keep: Callable[[dict[str, Any]], None]
    content_type: str = EVENT_STREAM
    shape: Shape = failure_to_wire
    _created: int = field(default_factory=lambda: int(time.time()))
    _sequence: int = 0
    _output: list[Item] = field(default_factory=list)
    _open: Writer | None = None
    _status: str = COMPLETED
    _usage: Usage | None = None
    _told: Told = field(init=False)

    def __post_init__(self) -> None:
        self._told = Told(self.call.request.id, self.call.warnings)

    def event(self, event: Event) -> Iterable[bytes]:
        self._told.hear(event)
        return [self._numbered(kind, fields) for kind, fields in self._said(event)]

    def idle(self) -> bytes:
        return self._numbered("response.in_progress", {"response": self._response(IN_PROGRESS)})

    def end(self) -> bytes:
        whole = self._response(self._status)
        self.keep(whole)
        return self._numbered(f"response.{self._status}", {"response": whole})

    def failure(self, error: SwarmError) -> bytes:
        return self._numbered("response.failed", {"response": self._response(FAILED, error)})

    def _said(self, event: Event) -> Iterator[Said]:
        match event:
            case Accepted():
                for kind in ("response.created", "response.in_progress"):
                    yield kind, {"response": self._response(IN_PROGRESS)}
            case TextDelta(text, _, entries):
                if not isinstance(self._open, MessageWriter):
                    yield from self._next(MessageWriter(self.call, self._following))
                assert isinstance(self._open, MessageWriter)
                yield from self._open.add(text, entries)
            case ThinkingDelta(text):
                if not isinstance(self._open, ReasoningWriter):
                    yield from self._next(ReasoningWriter(self.call, self._following))
                assert isinstance(self._open, ReasoningWriter)
                yield from self._open.add(text)
            case ToolCallDelta():
                yield from self._call(event)
            case Finished(reason, usage):
                self._usage, self._status = usage, status_of(reason)
                yield from self._close(self._status)

    def _call(self, delta: ToolCallDelta) -> Iterator[Said]:
        if delta.id:
            yield from self._next(CallWriter(self.call, self._following, delta.id, delta.name))
        assert isinstance(self._open, CallWriter)
        if delta.arguments:
            yield from self._open.add(delta.arguments)

    @property
    def _following(self) -> int:
        return len(self._output) + (self._open is not None)

    def _next(self, writer: Writer) -> Iterator[Said]:
        yield from self._close(COMPLETED)
        self._open = writer
        for kind, fields in writer.begin():
            yield kind, {"output_index": len(self._output)} | fields

    def _close(self, status: str) -> Iterator[Said]:
        if self._open is None:
            return
        yield from self._open.end()
        item = self._open.item(status)
        yield "response.output_item.done", {"output_index": len(self._output), "item": item}
        self._output.append(item)
        self._open = None

    def _response(self, status: str, error: SwarmError | None = None) -> dict[str, Any]:
        usage = self._usage if status in (COMPLETED, INCOMPLETE) else None
        return response(self.call, self._created, status, self._output, usage, self._told.wire, error)

    def _numbered(self, kind: str, fields: dict[str, Any]) -> bytes:
        data = {"type": kind, "sequence_number": self._sequence} | fields
        self._sequence += 1
        return sse.event(data, kind)
