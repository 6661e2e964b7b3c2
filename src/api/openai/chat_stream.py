"""A chat completion as a stream of chunks. Pure."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...chat import Accepted, Event, Finished, Step, TextDelta, ThinkingDelta, TokenLogprob, ToolCallDelta, Usage
from ...errors import SwarmError
from ..chosen.report import FIELD, step
from ..chosen.told import Told
from ..failures import Shape
from ..failures import to_wire as failure_to_wire
from ..reply import EVENT_STREAM
from . import logprobs, sse, usage
from .chat import Call, head, reason_to_wire


@dataclass(slots=True)
class ChatStream:
    """The chunks of one streamed answer: the role first, then deltas, one finish reason each, usage if asked for."""

    call: Call
    content_type: str = EVENT_STREAM
    shape: Shape = failure_to_wire
    _created: int = field(default_factory=lambda: int(time.time()))
    _usages: list[Usage] = field(default_factory=list)
    _told: Told = field(init=False)

    def __post_init__(self) -> None:
        self._told = Told(self.call.request.id, self.call.warnings)

    def event(self, event: Event) -> Iterable[bytes]:
        self._told.hear(event)
        match event:
            case Accepted():
                yield from self._roles()
            case TextDelta(text, index, entries):
                yield self._choice(index, {"content": text}, entries=entries)
            case ThinkingDelta(text, index):
                yield self._choice(index, {"reasoning_content": text})
            case ToolCallDelta():
                yield self._choice(event.candidate, self._call_delta(event))
            case Step():
                yield self._choice(0, {}, said={FIELD: {"step": step(event)}})
            case Finished(reason, used, index):
                self._usages.append(used)
                yield self._choice(index, {}, reason_to_wire(self.call, reason), said=self._told.news())

    def idle(self) -> bytes:
        return self._choice(0, {})

    def end(self) -> bytes:
        if not self.call.include_usage:
            return sse.DONE
        return self._chunk({"choices": [], "usage": usage.to_wire(self._usages)}) + sse.DONE

    def failure(self, error: SwarmError) -> bytes:
        return sse.event(failure_to_wire(error))

    def _roles(self) -> Iterable[bytes]:
        for index in range(self.call.request.policy.choices):
            yield self._choice(index, {"role": "assistant", "content": ""}, said=self._told.news())

    def _call_delta(self, delta: ToolCallDelta) -> dict[str, Any]:
        """The id, the type and the name once, in the first."""
        function = ({"name": delta.name} if delta.name else {}) | {"arguments": delta.arguments}
        if self.call.legacy:
            return {"function_call": function}
        begun = {"id": delta.id, "type": "function"} if delta.id else {}
        return {"tool_calls": [{"index": delta.index, **begun, "function": function}]}

    def _choice(
        self,
        index: int,
        delta: dict[str, Any],
        reason: str | None = None,
        entries: tuple[TokenLogprob, ...] = (),
        said: dict[str, Any] | None = None,
    ) -> bytes:
        choice = {
            "index": index,
            "delta": delta,
            "logprobs": {"content": logprobs.to_wire(entries)} if entries else None,
            "finish_reason": reason,
        }
        counted = {"usage": None} if self.call.include_usage else {}
        return self._chunk({"choices": [choice], **counted, **(said or {})})

    def _chunk(self, rest: dict[str, Any]) -> bytes:
        return sse.event(head(self.call.request, "chat.completion.chunk", self._created) | rest)
