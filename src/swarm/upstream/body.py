"""A request, to the body that a server is sent. Pure.

What a client left open stays open: each server has defaults of its own, made for its model.
"""

from collections.abc import Collection, Iterator
from typing import Any

from ...chat import ChatRequest, Image, Message, Reasoning, Sampling, ToolSpec
from . import messages

Wire = dict[str, Any]
DEFAULTS = Sampling()
# The names that a setting goes by; where two servers call it differently, it is sent under both.
NAMES = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "top_k": ("top_k",),
    "min_p": ("min_p",),
    "repeat_penalty": ("repeat_penalty", "repetition_penalty"),
    "frequency_penalty": ("frequency_penalty",),
    "presence_penalty": ("presence_penalty",),
    "seed": ("seed",),
    "ignore_eos": ("ignore_eos",),
}
THOUGHTS = "reasoning_content"  # of earlier messages
OLDER_LIMIT, LIMIT = "max_tokens", "max_completion_tokens"


def of_chat(request: ChatRequest, model: str, count: int, without: Collection[str] = ()) -> Wire:
    """`count`: of candidates. `without`: fields that this server does not take."""
    body = {
        "model": model,
        "messages": [wire for one in request.messages for wire in messages.to_wire(one, THOUGHTS not in without)],
        **_tools(request),
        **_form(request),
        **_reasoning(request.reasoning),
        **_common(request, count, without),
    }
    if request.continue_last:
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    if request.sampling.logprobs is not None:
        body |= {"logprobs": True} | ({"top_logprobs": request.sampling.logprobs} if request.sampling.logprobs else {})
    return {name: value for name, value in body.items() if name not in without}


def of_text(request: ChatRequest, model: str, count: int, without: Collection[str] = ()) -> Wire:
    """Of a text that is written on without a template."""
    prompt = request.raw if isinstance(request.raw, str) else list(request.raw or ())
    body = {"model": model, "prompt": prompt, **_common(request, count, without)}
    if request.sampling.logprobs is not None:
        body["logprobs"] = request.sampling.logprobs
    return {name: value for name, value in body.items() if name not in without}


def characters(request: ChatRequest) -> int:
    """How long the prompt is, roughly: for servers that do not count."""
    if request.raw is not None:
        return len(request.raw)
    said = sum(len(message.text) + len(message.thinking) for message in request.messages)
    calls = sum(len(call.name) + len(call.arguments) for message in request.messages for call in message.calls)
    results = sum(len(result.content) for message in request.messages for result in message.results)
    return said + calls + results + sum(len(tool.description) + len(str(tool.schema)) for tool in request.tools)


def images(conversation: Collection[Message]) -> bool:
    return any(isinstance(part, Image) for message in conversation for part in message.parts)


def _common(request: ChatRequest, count: int, without: Collection[str]) -> Wire:
    sampling = request.sampling
    body: Wire = dict(_chosen(sampling))
    if sampling.max_tokens is not None:
        body[LIMIT if OLDER_LIMIT in without else OLDER_LIMIT] = sampling.max_tokens
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if sampling.logit_bias:
        body["logit_bias"] = {str(token): bias for token, bias in sampling.logit_bias}
    if count > 1:
        body["n"] = count
    return body | {"stream": True, "stream_options": {"include_usage": True}}


def _chosen(sampling: Sampling) -> Iterator[tuple[str, Any]]:
    for own, theirs in NAMES.items():
        value = getattr(sampling, own)
        if value != getattr(DEFAULTS, own):
            yield from ((name, value) for name in theirs)


def _tools(request: ChatRequest) -> Wire:
    choice = request.tool_choice
    offered = [tool for tool in request.tools if not choice.names or tool.name in choice.names]
    if not offered:
        return {}
    wire: Wire = {"tools": [_tool(tool) for tool in offered], "tool_choice": choice.mode}
    if choice.mode == "required" and len(choice.names) == 1:
        wire["tool_choice"] = {"type": "function", "function": {"name": choice.names[0]}}
    return wire if choice.parallel else wire | {"parallel_tool_calls": False}


def _tool(tool: ToolSpec) -> Wire:
    function: Wire = {"name": tool.name, "description": tool.description, "parameters": tool.schema or EMPTY}
    return {"type": "function", "function": function | ({"strict": True} if tool.strict else {})}


EMPTY = {"type": "object", "properties": {}}


def _form(request: ChatRequest) -> Wire:
    wish = request.response_format
    if wish is None:
        return {}
    if not wish.schema:
        return {"response_format": {"type": "json_object"}}
    held: Wire = {"name": wish.name or "answer", "schema": wish.schema}
    return {"response_format": {"type": "json_schema", "json_schema": held | ({"strict": True} if wish.strict else {})}}


def _reasoning(wish: Reasoning) -> Wire:
    """Servers switch it off in two ways; those that know neither ignore both, or say so."""
    if wish.off:
        return {"reasoning_effort": "none", "chat_template_kwargs": {"enable_thinking": False}}
    return {"reasoning_effort": wish.effort} if wish.effort else {}
