"""Chat completions, to and from the wire. Pure.

A known field with a wrong type or value is an error that names it, a known one that is not honoured yet is refused
by name, and unknown ones are ignored: agents send many.
"""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Event,
    Finished,
    Message,
    Policy,
    Role,
    Sampling,
    Text,
    TextDelta,
    TokenLogprob,
    Usage,
)
from ...errors import BadRequest, NotSupported, SwarmError
from ..failures import Shape
from ..failures import to_wire as failure_to_wire
from ..fields import Fields, describe
from ..reply import EVENT_STREAM

MOST_CANDIDATES = 128
MOST_STOPS = 16
MOST_ALTERNATIVES = 20
# Below zero some clients mean "a random one".
SEEDS = 2**63
ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


@dataclass(frozen=True, slots=True)
class Call:
    """What the client asked for, and in which form it wants the answer."""

    request: ChatRequest
    stream: bool
    include_usage: bool


def from_wire(body: dict[str, Any], request_id: str) -> Call:
    fields = Fields(body)
    _refuse_unhonoured(fields)
    stream = fields.truth("stream") or False
    options = fields.fields("stream_options")
    request = ChatRequest(
        id=request_id,
        model=fields.text("model") or "swarm",
        messages=_messages(fields),
        sampling=_sampling(fields),
        policy=Policy(candidates=fields.whole("n", 1, MOST_CANDIDATES) or 1),
    )
    return Call(request, stream, bool(options and options.truth("include_usage")))


def _refuse_unhonoured(fields: Fields) -> None:
    fields.refuse("tools", unless=([],))
    fields.refuse("functions", unless=([],))
    fields.refuse("tool_choice", unless=("none", "auto"))
    fields.refuse("function_call", unless=("none", "auto"))
    fields.refuse("modalities", unless=([], ["text"]))
    fields.refuse("audio")
    fields.refuse("web_search_options")
    shape = fields.fields("response_format")
    if shape:
        shape.refuse("type", unless=("text",))


def _messages(fields: Fields) -> tuple[Message, ...]:
    listed = fields.array("messages")
    if listed is None:
        raise fields.missing("messages")
    if not listed:
        raise fields.wrong("messages", "must hold at least one message")
    return tuple(_message(item, f"messages[{at}]") for at, item in enumerate(listed))


def _message(item: Any, where: str) -> Message:
    if not isinstance(item, dict):
        raise BadRequest(f"'{where}' must be an object, not {describe(item)}.", where)
    fields = Fields(item, where)
    role = fields.text("role")
    if role is None:
        raise fields.missing("role")
    if role in ("tool", "function"):
        raise NotSupported(f"'{where}.role' \"{role}\" is not supported by this server.", f"{where}.role")
    if role not in ROLES:
        raise fields.wrong("role", f'must be one of {", ".join(ROLES)}, not "{role[:40]}"')
    fields.refuse("tool_calls", unless=([],))
    fields.refuse("function_call")
    return Message(ROLES[role], _parts(fields, role))


def _parts(fields: Fields, role: str) -> tuple[Text, ...]:
    content = fields.raw("content")
    if content is None:
        if role != "assistant":
            raise fields.missing("content")
        return ()
    if isinstance(content, str):
        return (Text(content),)
    if not isinstance(content, list):
        raise fields.wrong("content", f"must be a string or an array of parts, not {describe(content)}")
    return tuple(_part(part, f"{fields.name('content')}[{at}]") for at, part in enumerate(content))


def _part(part: Any, where: str) -> Text:
    if not isinstance(part, dict):
        raise BadRequest(f"'{where}' must be an object, not {describe(part)}.", where)
    fields = Fields(part, where)
    kind = fields.text("type")
    if kind not in ("text", "refusal"):
        if kind is None:
            raise fields.missing("type")
        raise NotSupported(f"'{where}.type' \"{kind[:40]}\" is not supported by this server.", f"{where}.type")
    text = fields.text(kind)
    if text is None:
        raise fields.missing(kind)
    return Text(text)


def _sampling(fields: Fields) -> Sampling:
    given: dict[str, Any] = {
        "temperature": fields.number("temperature", 0, 2),
        "top_p": fields.number("top_p", 0, 1),
        "top_k": fields.whole("top_k", 0, 2**31 - 1),
        "min_p": fields.number("min_p", 0, 1),
        "repeat_penalty": fields.number("repeat_penalty", 0.01, 10),
        "frequency_penalty": fields.number("frequency_penalty", -2, 2),
        "presence_penalty": fields.number("presence_penalty", -2, 2),
        "max_tokens": _max_tokens(fields),
        "seed": _seed(fields),
        "stop": _stops(fields),
        "logit_bias": _logit_bias(fields),
        "logprobs": _logprobs(fields),
        "ignore_eos": fields.truth("ignore_eos"),
    }
    return Sampling(**{name: value for name, value in given.items() if value is not None})


def _max_tokens(fields: Fields) -> int | None:
    """The newer name wins. A large number is a wish, and is cut to what the context leaves."""
    newer = fields.whole("max_completion_tokens", 1)
    older = fields.whole("max_tokens", 1)
    return older if newer is None else newer


def _seed(fields: Fields) -> int | None:
    seed = fields.whole("seed", -SEEDS, SEEDS - 1)
    return None if seed is None or seed < 0 else seed


def _stops(fields: Fields) -> tuple[str, ...] | None:
    stop = fields.raw("stop")
    if stop is None:
        return None
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or not all(isinstance(one, str) for one in stops):
        raise fields.wrong("stop", "must be a string or an array of strings")
    if len(stops) > MOST_STOPS:
        raise fields.wrong("stop", f"may hold at most {MOST_STOPS} strings")
    if "" in stops:
        raise fields.wrong("stop", "must not hold an empty string")
    return tuple(stops)


def _logit_bias(fields: Fields) -> tuple[tuple[int, float], ...] | None:
    bias = fields.fields("logit_bias")
    if bias is None:
        return None
    pairs = []
    for key in fields.raw("logit_bias"):
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            raise fields.wrong("logit_bias", f'must have token ids as its keys, not "{key[:40]}"')
        pairs.append((int(key), bias.number(key, -100, 100) or 0.0))
    return tuple(pairs)


def _logprobs(fields: Fields) -> int | None:
    wanted = fields.truth("logprobs")
    alternatives = fields.whole("top_logprobs", 0, MOST_ALTERNATIVES)
    if alternatives and not wanted:
        raise fields.wrong("top_logprobs", "needs 'logprobs' to be true")
    return (alternatives or 0) if wanted else None


def whole_to_wire(request: ChatRequest, candidates: Sequence[Candidate]) -> dict[str, Any]:
    return _head(request.id, request.model, "chat.completion", int(time.time())) | {
        "choices": [
            {
                "index": index,
                "message": {"role": "assistant", "content": candidate.message.text},
                "logprobs": _logprobs_to_wire(candidate.logprobs) if request.sampling.logprobs is not None else None,
                "finish_reason": candidate.reason,
            }
            for index, candidate in enumerate(candidates)
        ],
        "usage": usage_to_wire([candidate.usage for candidate in candidates]),
    }


@dataclass(slots=True)
class ChatStream:
    """The chunks of one streamed answer: the role first, then deltas, one finish reason each, usage if asked for."""

    call: Call
    content_type: str = EVENT_STREAM
    shape: Shape = failure_to_wire
    _created: int = field(default_factory=lambda: int(time.time()))
    _usages: list[Usage] = field(default_factory=list)

    def event(self, event: Event) -> Iterable[bytes]:
        match event:
            case Accepted():
                for index in range(self.call.request.policy.candidates):
                    yield self._choice(index, {"role": "assistant", "content": ""})
            case TextDelta(text, index, logprobs):
                yield self._choice(index, {"content": text}, logprobs=logprobs)
            case Finished(reason, usage, index):
                self._usages.append(usage)
                yield self._choice(index, {}, reason)

    def idle(self) -> bytes:
        return self._choice(0, {})

    def end(self) -> bytes:
        done = b"data: [DONE]\n\n"
        if not self.call.include_usage:
            return done
        return self._chunk({"choices": [], "usage": usage_to_wire(self._usages)}) + done

    def failure(self, error: SwarmError) -> bytes:
        return _event(failure_to_wire(error))

    def _choice(
        self, index: int, delta: dict[str, Any], reason: str | None = None, logprobs: tuple[TokenLogprob, ...] = ()
    ) -> bytes:
        choice = {
            "index": index,
            "delta": delta,
            "logprobs": _logprobs_to_wire(logprobs) if logprobs else None,
            "finish_reason": reason,
        }
        usage = {"usage": None} if self.call.include_usage else {}
        return self._chunk({"choices": [choice]} | usage)

    def _chunk(self, rest: dict[str, Any]) -> bytes:
        request = self.call.request
        return _event(_head(request.id, request.model, "chat.completion.chunk", self._created) | rest)


def usage_to_wire(usages: Sequence[Usage]) -> dict[str, Any]:
    """The candidates of one request share its prompt."""
    prompt = max((usage.prompt for usage in usages), default=0)
    completion = sum(usage.completion for usage in usages)
    cached = min((usage.cached for usage in usages), default=0)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def _logprobs_to_wire(entries: Sequence[TokenLogprob]) -> dict[str, Any]:
    return {
        "content": [
            _token_to_wire(entry.bytes, entry.logprob)
            | {"top_logprobs": [_token_to_wire(one.bytes, one.logprob) for one in entry.top]}
            for entry in entries
        ]
    }


def _token_to_wire(token: bytes, logprob: float) -> dict[str, Any]:
    # JSON has no minus infinity; OpenAI writes -9999 for what cannot happen.
    return {"token": token.decode("utf-8", "replace"), "logprob": max(logprob, -9999.0), "bytes": list(token)}


def _head(request_id: str, model: str, kind: str, created: int) -> dict[str, Any]:
    return {"id": request_id, "object": kind, "created": created, "model": model}


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
