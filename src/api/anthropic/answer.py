"""A whole message, to Anthropic's wire. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...chat import Accepted, Candidate, Event, Reason, Text, Thinking, ToolCall, Usage
from .request import Call

# Clients send it back with the thought and drop thoughts without one; nothing here depends on it.
SIGNATURE = "bG9jYWwtc3dhcm0="
REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


@dataclass(slots=True)
class WholeMessage:
    call: Call
    _warnings: tuple[str, ...] = ()

    def hear(self, event: Event) -> None:
        if isinstance(event, Accepted):
            self._warnings = event.warnings

    def to_wire(self, candidates: list[Candidate]) -> dict[str, Any]:
        one = candidates[0]
        end = {"stop_reason": stop_reason(one.reason, one.stop), "stop_sequence": one.stop or None}
        filled = {"content": list(_content(one, self.call.shows_thoughts)), "usage": usage_to_wire(one.usage)}
        return head(self.call, self._warnings) | filled | end


def head(call: Call, warnings: tuple[str, ...]) -> dict[str, Any]:
    """A message of which nothing is said yet."""
    told = [*call.warnings, *warnings]
    return {
        "id": call.request.id,
        "type": "message",
        "role": "assistant",
        "model": call.name,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    } | ({"swarm": {"warnings": told}} if told else {})


def stop_reason(reason: Reason, stop: str) -> str:
    return "stop_sequence" if stop else REASONS[reason]


def usage_to_wire(usage: Usage) -> dict[str, Any]:
    """Here the tokens from the cache are not part of the others."""
    return {
        "input_tokens": usage.prompt - usage.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.completion,
        "output_tokens_details": {"thinking_tokens": usage.thinking},
    }


def _content(candidate: Candidate, shows_thoughts: bool) -> Iterator[dict[str, Any]]:
    for part in candidate.message.parts:
        match part:
            case Thinking(text):
                said = text if shows_thoughts else ""
                yield {"type": "thinking", "thinking": said, "signature": SIGNATURE}
            case Text(text) if text:
                yield {"type": "text", "text": text}
            case ToolCall(call_id, name, arguments):
                given = _arguments(arguments)
                if given is not None:
                    yield {"type": "tool_use", "id": call_id, "name": name, "input": given}


def _arguments(text: str) -> Any:
    """None for a call that was cut off: the stop reason says so, and half of it must not be run."""
    try:
        return json.loads(text)
    except ValueError:
        return None
