"""A response and the items in it, to the wire. Pure."""

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ....chat import Candidate, Reason, TokenLogprob, ToolCall, Usage
from ....errors import SwarmError
from .. import logprobs
from .argument import text_of
from .call import Call, Item
from .sealed import seal

NOTHING: Mapping[str, Any] = MappingProxyType({})
COMPLETED, INCOMPLETE, IN_PROGRESS, FAILED = "completed", "incomplete", "in_progress", "failed"


def item_id(prefix: str, response_id: str, index: int) -> str:
    return f"{prefix}_{response_id.removeprefix('resp_')}_{index}"


def reasoning_item(call: Call, own_id: str, thought: str, status: str) -> Item:
    """`thought` is empty at the beginning."""
    item: Item = {"type": "reasoning", "id": own_id, "summary": [], "status": status}
    if call.summary:
        item["summary"] = [{"type": "summary_text", "text": thought}] if thought else []
    else:
        item["content"] = [{"type": "reasoning_text", "text": thought}] if thought else []
    if call.sealed and thought:
        item["encrypted_content"] = seal(thought)
    return item


def message_item(own_id: str, content: list[dict[str, Any]], status: str) -> Item:
    return {"type": "message", "id": own_id, "role": "assistant", "content": content, "status": status}


def text_part(text: str, entries: Sequence[TokenLogprob] = ()) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs.to_wire(entries)}


def call_item(call: Call, own_id: str, made: ToolCall, status: str) -> Item:
    declared = call.tools.of(made.name)
    item: Item = {"id": own_id, "call_id": made.id, "name": declared.name, "status": status}
    if declared.namespace:
        item["namespace"] = declared.namespace
    if declared.kind == "custom":
        return {"type": "custom_tool_call", "input": text_of(made.arguments)} | item
    return {"type": "function_call", "arguments": made.arguments} | item


def call_prefix(call: Call, name: str) -> str:
    return "ctc" if call.tools.of(name).kind == "custom" else "fc"


def items_of(call: Call, candidate: Candidate) -> list[Item]:
    message, found = candidate.message, list[Item]()
    status = status_of(candidate.reason)

    def next_id(prefix: str) -> str:
        return item_id(prefix, call.request.id, len(found))

    if message.thinking:
        found.append(reasoning_item(call, next_id("rs"), message.thinking, COMPLETED))
    if message.text:
        part = text_part(message.text, candidate.logprobs)
        found.append(message_item(next_id("msg"), [part], COMPLETED if message.calls else status))
    for made in message.calls:
        last = made is message.calls[-1]
        found.append(call_item(call, next_id(call_prefix(call, made.name)), made, status if last else COMPLETED))
    return found


def status_of(reason: Reason) -> str:
    return INCOMPLETE if reason == "length" else COMPLETED


def response(
    call: Call,
    created: int,
    status: str,
    output: Sequence[Item] = (),
    usage: Usage | None = None,
    said: Mapping[str, Any] = NOTHING,
    error: SwarmError | None = None,
) -> dict[str, Any]:
    """`said`: of the answer, in fields of our own."""
    return {
        "id": call.request.id,
        "object": "response",
        "created_at": created,
        "completed_at": int(time.time()) if status == COMPLETED else None,
        "status": status,
        # OpenAI knows few codes, of which one fits what can fail here once an answer began.
        "error": {"code": "server_error", "message": error.message} if error else None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == INCOMPLETE else None,
        "output": list(output),
        "usage": usage_to_wire(usage) if usage else None,
        **call.repeated,
        **said,
    }


def whole_to_wire(call: Call, said: Mapping[str, Any], candidate: Candidate) -> dict[str, Any]:
    status = status_of(candidate.reason)
    return response(call, int(time.time()), status, items_of(call, candidate), candidate.usage, said)


def usage_to_wire(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.completion,
        "output_tokens_details": {"reasoning_tokens": usage.thinking},
        "total_tokens": usage.prompt + usage.completion,
    }
