"""Answers to Ollama's wire, whole and in pieces. Pure.

/api/chat and /api/generate differ in where they put what was said; everything else is the same.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...chat import (
    Accepted,
    Candidate,
    Chosen,
    Event,
    Finished,
    Reason,
    TextDelta,
    ThinkingDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from ...errors import SwarmError
from ..chosen.told import Told
from ..failures import Shape
from . import errors
from .request import Call

NDJSON = "application/x-ndjson"
REASONS: dict[Reason, str] = {"stop": "stop", "length": "length", "tool_calls": "stop"}


NANOSECONDS = 10**9  # in one second


@dataclass(frozen=True, slots=True)
class Said:
    text: str = ""
    thinking: str = ""
    calls: Sequence[ToolCall] = ()
    logprobs: Sequence[TokenLogprob] = ()


Place = Callable[[Said], dict[str, Any]]


def in_message(said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text}
    if said.thinking:
        message["thinking"] = said.thinking
    calls = [call for index, one in enumerate(said.calls) if (call := _call_to_wire(index, one))]
    if calls:
        message["tool_calls"] = calls
    return {"message": message} | _logprobs_to_wire(said.logprobs)


def in_response(said: Said) -> dict[str, Any]:
    thinking = {"thinking": said.thinking} if said.thinking else {}
    return {"response": said.text} | thinking | _logprobs_to_wire(said.logprobs)


@dataclass(slots=True)
class Watch:
    """When things came, for the durations that Ollama's clients show, in nanoseconds; and what is told of them."""

    told: Told
    clock: Callable[[], int] = time.monotonic_ns
    begun: int = 0
    first: int = 0  # the prompt was read

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def hear(self, event: Event) -> None:
        self.told.hear(event)
        if not self.first and not isinstance(event, Accepted):
            self.first = self.clock()
        if isinstance(event, Chosen) and event.verdict.requested > 1 and (winner := event.verdict.won):
            # All of it is told at its end: what was chosen took as long as its ballot says.
            self.first = min(self.first, max(self.begun, self.clock() - int(winner.seconds * NANOSECONDS)))

    def last_line(self, reason: Reason, usage: Usage) -> dict[str, Any]:
        now = self.clock()
        first = self.first or now
        return {
            "done": True,
            "done_reason": REASONS[reason],
            "total_duration": now - self.begun,
            "load_duration": 0,
            "prompt_eval_count": usage.prompt,
            "prompt_eval_duration": first - self.begun,
            "eval_count": usage.completion,
            "eval_duration": now - first,
            **self.told.wire,
        }


def whole_to_wire(call: Call, place: Place, watch: Watch, candidates: Sequence[Candidate]) -> dict[str, Any]:
    one = candidates[0]
    said = Said(one.message.text, one.message.thinking, one.message.calls, one.logprobs)
    return _head(call) | place(said) | watch.last_line(one.reason, one.usage)


def loaded_to_wire(call: Call, place: Place) -> dict[str, Any]:
    return _head(call) | place(Said()) | {"done": True, "done_reason": "load"}


@dataclass(slots=True)
class Lines:
    """One JSON object per line. A call is written when it is whole: its arguments are an object here."""

    call: Call
    place: Place
    watch: Watch
    content_type: str = NDJSON
    shape: Shape = errors.to_wire
    _open: ToolCall | None = None

    def event(self, event: Event) -> Iterator[bytes]:
        self.watch.hear(event)
        match event:
            case TextDelta(text, _, logprobs) if text or logprobs:
                yield from self._close()
                yield self._line(Said(text, logprobs=logprobs))
            case ThinkingDelta(text) if text:
                yield from self._close()
                yield self._line(Said(thinking=text))
            case ToolCallDelta(_, arguments, call_id, name):
                yield from self._tool_call(name, arguments, call_id)
            case Finished(reason, usage):
                yield from self._close()
                yield _line(_head(self.call) | self.place(Said()) | self.watch.last_line(reason, usage))

    def idle(self) -> bytes:
        return self._line(Said())

    def end(self) -> bytes:
        return b""

    def failure(self, error: SwarmError) -> bytes:
        return _line(errors.to_wire(error))

    def _tool_call(self, name: str, arguments: str, call_id: str) -> Iterator[bytes]:
        if name:
            yield from self._close()
            self._open = ToolCall(call_id, name, arguments)
        elif self._open:
            self._open = ToolCall(self._open.id, self._open.name, self._open.arguments + arguments)

    def _close(self) -> Iterator[bytes]:
        call, self._open = self._open, None
        if call and _call_to_wire(0, call):
            yield self._line(Said(calls=(call,)))

    def _line(self, said: Said) -> bytes:
        return _line(_head(self.call) | self.place(said) | {"done": False})


def _head(call: Call) -> dict[str, Any]:
    return {"model": call.name, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _call_to_wire(index: int, call: ToolCall) -> dict[str, Any] | None:
    """None for a call that was cut off: `done_reason` says so, and half of it must not be run."""
    try:
        arguments = json.loads(call.arguments)
    except ValueError:
        return None
    return {"id": call.id, "function": {"index": index, "name": call.name, "arguments": arguments}}


def _logprobs_to_wire(entries: Sequence[TokenLogprob]) -> dict[str, Any]:
    if not entries:
        return {}
    wire = [
        _token_to_wire(entry.bytes, entry.logprob)
        | {"top_logprobs": [_token_to_wire(one.bytes, one.logprob) for one in entry.top]}
        for entry in entries
    ]
    return {"logprobs": wire}


def _token_to_wire(token: bytes, logprob: float) -> dict[str, Any]:
    # JSON has no minus infinity.
    return {"token": token.decode("utf-8", "replace"), "logprob": max(logprob, -9999.0), "bytes": list(token)}
