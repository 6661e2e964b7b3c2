"""A request for a response, from the wire. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....chat import ChatRequest, Message, ResponseFormat, Text
from ... import policy
from ...fields import Fields, describe
from .. import choice, formats, sampling, session, thinking
from . import items, references, toolbox
from .references import Recall
from .toolbox import Toolbox

Item = dict[str, Any]

SEALED = "reasoning.encrypted_content"
LOGPROBS = "message.output_text.logprobs"
SUMMARIES = ("auto", "concise", "detailed", "none")


@dataclass(frozen=True, slots=True)
class Call:
    request: ChatRequest
    stream: bool
    tools: Toolbox
    items: tuple[Item, ...]  # the input of this request alone
    repeated: dict[str, Any]  # what every response repeats of its request
    keep: bool
    summary: bool  # thoughts are shown as a summary, which is what some clients show their users
    sealed: bool
    warnings: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing is asked: codex warms a connection up so."""
        return not self.items and all(message.role == "system" for message in self.request.messages)


def previous_of(body: dict[str, Any]) -> str | None:
    return Fields(body).text("previous_response_id")


def _nothing_kept(_: str) -> None:
    return None


def from_wire(
    body: dict[str, Any],
    response_id: str,
    history: Sequence[Item] = (),
    affinity: str = "",
    recall: Recall = _nothing_kept,
) -> Call:
    """`history`: the items of the conversation that this request goes on with."""
    fields = Fields(body)
    _refuse_unhonoured(fields)
    own = _items(fields, recall)
    reading = items.read(_as_fields(history, "previous_response_id") + _as_fields(own, "input"))
    tools = toolbox.read([*(fields.listed("tools") or ()), *reading.tools])
    include = fields.texts("include") or []
    reasoning = fields.fields("reasoning")
    request = ChatRequest(
        id=response_id,
        model=fields.text("model") or "swarm",
        messages=(*_instructions(fields), *reading.messages),
        tools=tools.specs,
        tool_choice=choice.read(fields, tools.declared, tools.hosted),
        response_format=_format(fields),
        reasoning=thinking.read(fields),
        sampling=sampling.read(fields, fields.whole("max_output_tokens", 1), _logprobs(fields, include)),
        policy=policy.read(fields),
        hosted=tools.hosted,
        session=session.read(fields, affinity),
    )
    return Call(
        request=request,
        stream=fields.truth("stream") or False,
        tools=tools,
        items=tuple(own),
        repeated=_repeated(fields, request),
        keep=fields.truth("store") is not False,
        summary=bool(reasoning and _summary(reasoning)),
        sealed=SEALED in include,
        warnings=(*reading.warnings, *tools.warnings),
    )


def _refuse_unhonoured(fields: Fields) -> None:
    fields.refuse("background", unless=(False,))
    fields.refuse("conversation")
    fields.refuse("prompt")
    fields.refuse("moderation")
    fields.one_of("truncation", ("auto", "disabled"))


def _items(fields: Fields, recall: Recall) -> list[Item]:
    given = fields.raw("input")
    if given is None:
        raise fields.missing("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    if not isinstance(given, list):
        raise fields.wrong("input", f"must be a string or an array of items, not {describe(given)}")
    return references.resolve(fields.listed("input") or (), recall)


def _as_fields(listed: Sequence[Item], where: str) -> list[Fields]:
    return [Fields(item, f"{where}[{at}]") for at, item in enumerate(listed)]


def _instructions(fields: Fields) -> tuple[Message, ...]:
    text = fields.text("instructions")
    return (Message("system", (Text(text),)),) if text else ()


def _format(fields: Fields) -> ResponseFormat | None:
    text = fields.fields("text")
    if text is None:
        return None
    text.text("verbosity")
    return formats.read(text, "format")


def _logprobs(fields: Fields, include: Sequence[str]) -> int | None:
    alternatives = fields.whole("top_logprobs", 0, sampling.MOST_ALTERNATIVES)
    return (alternatives or 0) if LOGPROBS in include or alternatives else None


def _summary(reasoning: Fields) -> bool:
    """Under its older name too."""
    wishes = (reasoning.one_of("summary", SUMMARIES), reasoning.one_of("generate_summary", SUMMARIES))
    return (wishes[0] or wishes[1] or "none") != "none"


def _repeated(fields: Fields, request: ChatRequest) -> dict[str, Any]:
    metadata, text, reasoning = fields.fields("metadata"), fields.fields("text"), fields.fields("reasoning")
    return {
        "background": False,
        "instructions": fields.raw("instructions"),
        "max_output_tokens": request.sampling.max_tokens,
        "max_tool_calls": fields.whole("max_tool_calls", 0),
        "metadata": metadata.values if metadata else {},
        "model": request.model,
        "parallel_tool_calls": fields.truth("parallel_tool_calls") is not False,
        "previous_response_id": fields.text("previous_response_id"),
        "prompt_cache_key": fields.raw("prompt_cache_key"),
        "reasoning": {"effort": None, "summary": None} | (reasoning.values if reasoning else {}),
        "service_tier": "default",
        "store": fields.truth("store") is not False,
        "temperature": request.sampling.temperature,
        "text": {"format": {"type": "text"}} | (text.values if text else {}),
        "tool_choice": fields.raw("tool_choice") or "auto",
        "tools": fields.raw("tools") or [],
        "top_logprobs": request.sampling.logprobs or 0,
        "top_p": request.sampling.top_p,
        # A prompt is never cut, whatever is wished.
        "truncation": "disabled",
        "user": fields.raw("user"),
    }
