"""A whole message, to Anthropic's wire. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...chat import Candidate, Reason, Text, Thinking, ToolCall, Usage
from .request import Call

# Clients send it back with the thought and drop thoughts without one; nothing here depends on it.
SIGNATURE = "bG9jYWwtc3dhcm0="
REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def whole_to_wire(call: Call, said: Mapping[str, Any], candidate: Candidate) -> dict[str, Any]:
    """`said`: of the answer, in fields of our own."""
    end = {"stop_reason": stop_reason(candidate.reason, candidate.stop), "stop_sequence": candidate.stop or None}
    filled = {"content": list(_content(candidate, call.shows_thoughts)), "usage": usage_to_wire(candidate.usage)}
    return head(call, said) | filled | end


def head(call: Call, said: Mapping[str, Any]) -> dict[str, Any]:
    """A message of which nothing is said yet."""
    return {
        "id": call.request.id,
        "type": "message",
        "role": "assistant",
        "model": call.name,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        **said,
    }


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
