"""A request for a message, from Anthropic's wire. Pure.

A known field with a wrong type or value is an error that names it; unknown ones are ignored, and so is what speaks of
Anthropic's own service: cache_control, context_management, service_tier, betas ...
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...chat import ChatRequest, Effort, Message, Reasoning, ResponseFormat, Sampling
from ...swarm.answer import SWARM, is_named
from ...swarm.routing import TOOLED, asks_tools, without_tools
from .. import policy
from ..fields import Fields
from ..wished import wished
from . import content, tools

MOST_STOPS = 16
EFFORTS: dict[str, Effort] = {"low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
THINKING = ("enabled", "adaptive", "between_tools", "disabled")


@dataclass(frozen=True, slots=True)
class Call:
    """What the client asked for, and in which form it wants the answer."""

    request: ChatRequest
    name: str  # the model as the client calls it
    stream: bool
    shows_thoughts: bool  # otherwise a client is only told that there were some
    warnings: tuple[str, ...]


def from_wire(body: dict[str, Any], request_id: str, session: str, served: Iterable[str]) -> Call:
    fields = Fields(body)
    _refuse_unhonoured(fields)
    offered = tools.tools(fields)
    messages = content.conversation(fields)
    name = fields.text("model") or SWARM
    request = ChatRequest(
        id=request_id,
        model=serving(name, served),
        messages=messages,
        tools=offered.specs,
        tool_choice=tools.tool_choice(fields, offered),
        response_format=_response_format(fields),
        reasoning=_reasoning(fields),
        sampling=_sampling(fields),
        policy=policy.read(fields),
        continue_last=_is_prefill(messages[-1]),
        hosted=offered.hosted,
        session=session or _user(fields),
    )
    return Call(request, name, fields.truth("stream") or False, _shows_thoughts(fields), offered.left_out)


def _refuse_unhonoured(fields: Fields) -> None:
    """Without these the request would mean something else."""
    fields.refuse("mcp_servers", unless=([],))
    fields.refuse("container")
    fields.refuse("compaction")
    fields.refuse("thread")


def serving(name: str, served: Iterable[str]) -> str:
    """claude-code asks for several models by names of Anthropic's, and some of them nobody can set."""
    known = any(is_named(one, without_tools(name)) for one in served)
    whole = TOOLED if asks_tools(name) else SWARM
    return whole if name.lower().startswith("claude") and not known else name


def _is_prefill(last: Message) -> bool:
    return last.role == "assistant" and bool(last.text)


def _user(fields: Fields) -> str:
    metadata = fields.fields("metadata")
    return (metadata.text("user_id") if metadata else None) or ""


def _reasoning(fields: Fields) -> Reasoning:
    """Anthropic's models think only when they are told to."""
    config, thinking = fields.fields("output_config"), fields.fields("thinking")
    wish = config.one_of("effort", tuple(EFFORTS)) if config else None
    kind = thinking.one_of("type", THINKING) if thinking else "disabled"
    budget = thinking.whole("budget_tokens", 0) if thinking else None
    if thinking and kind is None:
        raise thinking.missing("type")
    if kind == "disabled":
        return Reasoning("none")
    return Reasoning(EFFORTS[wish] if wish else None, budget if kind == "enabled" else None)


def _shows_thoughts(fields: Fields) -> bool:
    thinking = fields.fields("thinking")
    return not thinking or thinking.one_of("display", ("summarized", "omitted")) != "omitted"


def _response_format(fields: Fields) -> ResponseFormat | None:
    """`output_format` is the older place for it."""
    config = fields.fields("output_config")
    form = (config.fields("format") if config else None) or fields.fields("output_format")
    if form is None:
        return None
    if form.one_of("type", ("json_schema",)) is None:
        raise form.missing("type")
    schema = form.fields("schema")
    if schema is None:
        raise form.missing("schema")
    return ResponseFormat(dict(schema.values), strict=True)


def _sampling(fields: Fields) -> Sampling:
    given: dict[str, Any] = {
        "temperature": fields.number("temperature", 0, 2),
        "top_p": fields.number("top_p", 0, 1),
        "top_k": fields.whole("top_k", 0, 2**31 - 1),
        "max_tokens": fields.whole("max_tokens", 1),
        "stop": _stops(fields),
    }
    return wished(given)


def _stops(fields: Fields) -> tuple[str, ...]:
    stops = fields.texts("stop_sequences") or []
    if len(stops) > MOST_STOPS:
        raise fields.wrong("stop_sequences", f"may hold at most {MOST_STOPS} strings")
    if "" in stops:
        raise fields.wrong("stop_sequences", "must not hold an empty string")
    return tuple(stops)
