"""Chat completions, to and from the wire. Pure.

A known field with a wrong type or value is an error that names it, a known one that is not honoured yet is refused
by name, and unknown ones are ignored: agents send many.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...chat import Candidate, ChatRequest, Message, ToolCall
from .. import policy
from ..fields import Fields
from . import formats, logprobs, messages, sampling, session, thinking, tools, usage

MOST_CANDIDATES = 128


@dataclass(frozen=True, slots=True)
class Call:
    """What the client asked for, and in which form it wants the answer."""

    request: ChatRequest
    stream: bool
    include_usage: bool
    legacy: bool = False  # calls are written as `function_call`
    warnings: tuple[str, ...] = ()
    keep: bool = True  # what was said may be looked up for a while


def from_wire(body: dict[str, Any], request_id: str, affinity: str = "") -> Call:
    fields = Fields(body)
    _refuse_unhonoured(fields)
    conversation, remarks = messages.read(fields)
    offered = tools.read(fields)
    request = ChatRequest(
        id=request_id,
        model=fields.text("model") or "swarm",
        messages=conversation,
        tools=offered.specs,
        tool_choice=offered.choice,
        response_format=formats.read(fields, "response_format"),
        reasoning=thinking.read(fields),
        sampling=sampling.read(fields, _max_tokens(fields), _logprobs(fields)),
        policy=policy.read(fields, fields.whole("n", 1, MOST_CANDIDATES) or 1),
        continue_last=_continued(fields, conversation),
        hosted=offered.hosted,
        session=session.read(fields, affinity),
    )
    keep = fields.truth("store") is not False
    return Call(request, *streaming(fields), offered.legacy, remarks + offered.warnings, keep)


def streaming(fields: Fields) -> tuple[bool, bool]:
    """Streamed at all, and with the usage at its end."""
    options = fields.fields("stream_options")
    return fields.truth("stream") or False, bool(options and options.truth("include_usage"))


def _refuse_unhonoured(fields: Fields) -> None:
    fields.refuse("modalities", unless=([], ["text"]))
    fields.refuse("audio")
    fields.refuse("web_search_options")
    fields.refuse("moderation")


def _max_tokens(fields: Fields) -> int | None:
    """The newer name wins. A large number is a wish, and is cut to what the context leaves."""
    newer = fields.whole("max_completion_tokens", 1)
    older = fields.whole("max_tokens", 1)
    return older if newer is None else newer


def _logprobs(fields: Fields) -> int | None:
    wanted = fields.truth("logprobs")
    alternatives = fields.whole("top_logprobs", 0, sampling.MOST_ALTERNATIVES)
    if alternatives and not wanted:
        raise fields.wrong("top_logprobs", "needs 'logprobs' to be true")
    return (alternatives or 0) if wanted else None


def _continued(fields: Fields, conversation: Sequence[Message]) -> bool:
    last = (fields.listed("messages") or [])[-1]
    wish = fields.truth("continue_final_message") or last.truth("prefix")
    if wish and conversation[-1].role != "assistant":
        raise fields.wrong("messages", "must end with an assistant's message where that is to be continued")
    return bool(wish)


def whole_to_wire(call: Call, said: Mapping[str, Any], candidates: Sequence[Candidate]) -> dict[str, Any]:
    """`said`: of the answer, in fields of our own."""
    return {
        **head(call.request, "chat.completion", int(time.time())),
        "choices": [_choice(call, index, candidate) for index, candidate in enumerate(candidates)],
        "usage": usage.to_wire([candidate.usage for candidate in candidates]),
        **said,
    }


def _choice(call: Call, index: int, candidate: Candidate) -> dict[str, Any]:
    asked = call.request.sampling.logprobs is not None
    return {
        "index": index,
        "message": _message(call, candidate.message),
        "logprobs": {"content": logprobs.to_wire(candidate.logprobs)} if asked else None,
        "finish_reason": reason_to_wire(call, candidate.reason),
    }


def _message(call: Call, message: Message) -> dict[str, Any]:
    calls = message.calls
    wire: dict[str, Any] = {"role": "assistant", "content": message.text or (None if calls else "")}
    if message.thinking:
        wire["reasoning_content"] = message.thinking
    if calls and call.legacy:
        wire["function_call"] = _function(calls[0])
    elif calls:
        wire["tool_calls"] = [{"id": one.id, "type": "function", "function": _function(one)} for one in calls]
    return wire


def _function(call: ToolCall) -> dict[str, Any]:
    return {"name": call.name, "arguments": call.arguments}


def reason_to_wire(call: Call, reason: str) -> str:
    return "function_call" if call.legacy and reason == "tool_calls" else reason


def head(request: ChatRequest, kind: str, created: int) -> dict[str, Any]:
    return {"id": request.id, "object": kind, "created": created, "model": request.model}
