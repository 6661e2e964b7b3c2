"""Completions of plain texts as a stream of chunks. Pure."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...chat import Accepted, Event, Finished, TextDelta, TokenLogprob, Usage
from ...errors import SwarmError
from ..chosen.told import Told
from ..failures import Shape
from ..failures import to_wire as failure_to_wire
from ..reply import EVENT_STREAM
from . import logprobs, sse, usage
from .chat import head
from .completions import Call


@dataclass(slots=True)
class CompletionStream:
    """Chunks of all choices, as they come: an echo first if asked for, one finish reason each.

    A text that is written on as it is holds neither thoughts nor calls.
    """

    call: Call
    echoes: tuple[str, ...]
    content_type: str = EVENT_STREAM
    shape: Shape = failure_to_wire
    _created: int = field(default_factory=lambda: int(time.time()))
    _usages: dict[int, Usage] = field(default_factory=dict)
    _lengths: dict[int, int] = field(default_factory=dict)  # characters of each choice so far
    _begun: bool = False
    _told: Told = field(init=False)

    def __post_init__(self) -> None:
        self._told = Told(self.call.id)

    def event(self, event: Event) -> Iterable[bytes]:
        self._told.hear(event)
        match event:
            case Accepted():
                yield from self._begin()
            case TextDelta(text, index, entries):
                yield self._choice(index, text, entries=entries)
            case Finished(reason, used, index):
                self._usages[index] = used
                yield self._choice(index, "", reason, said=self._told.news())

    def idle(self) -> bytes:
        return self._choice(0, "")

    def end(self) -> bytes:
        if not self.call.include_usage:
            return sse.DONE
        each = self.call.each
        prompts = range(len(self.call.prompts))
        used = [[self._usages[at * each + index] for index in range(each)] for at in prompts]
        return self._chunk({"choices": [], "usage": usage.of_several(used)}) + sse.DONE

    def failure(self, error: SwarmError) -> bytes:
        return sse.event(failure_to_wire(error))

    def _begin(self) -> Iterable[bytes]:
        """Every prompt is accepted for itself; the first brings the head of the stream."""
        if self._begun:
            return
        self._begun = True
        for index in range(len(self.call.prompts) * self.call.each):
            echo = self.echoes[index // self.call.each]
            if echo or index == 0:
                yield self._choice(index, echo)

    def _choice(
        self,
        index: int,
        text: str,
        reason: str | None = None,
        entries: tuple[TokenLogprob, ...] = (),
        said: dict[str, Any] | None = None,
    ) -> bytes:
        before = self._lengths.get(index, 0)
        self._lengths[index] = before + len(text)
        choice = {
            "index": index,
            "text": text,
            "logprobs": logprobs.to_old_wire(entries, before) if entries else None,
            "finish_reason": reason,
        }
        counted = {"usage": None} if self.call.include_usage else {}
        return self._chunk({"choices": [choice], **counted, **(said or {})})

    def _chunk(self, rest: dict[str, Any]) -> bytes:
        return sse.event(head(self.call.requests[0], "text_completion", self._created) | rest)
