"""What a server says in one chunk of a stream, or in a whole answer. Pure.

Servers differ: thoughts are `reasoning_content` or `reasoning`, content can be a list of parts, deltas of calls come
without an index, and a server that cannot stream sends a whole `message` where a `delta` belongs.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from ...chat import Alternative, TokenLogprob, Usage

THOUGHTS = ("reasoning_content", "reasoning", "thinking")
# Of anything that is counted: it can be computed with as a float.
MOST = 2**53
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallPart:
    """A piece of a call as it came: what is not there is empty, and the index None."""

    index: int | None
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChoicePart:
    """What one chunk says of one candidate."""

    index: int
    text: str = ""
    thought: str = ""
    calls: tuple[CallPart, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    reason: str = ""
    stop: str = ""  # the stop string that ended it


def choices(chunk: Json) -> Iterator[ChoicePart]:
    for at, choice in enumerate(_objects(chunk.get("choices"))):
        delta = choice.get("delta") or choice.get("message")
        yield _choice(choice, delta if isinstance(delta, dict) else choice, at)


def usage(chunk: Json) -> Usage | None:
    found = chunk.get("usage")
    if not isinstance(found, dict) or "prompt_tokens" not in found:
        return None
    prompt, completion = count(found.get("prompt_tokens")), count(found.get("completion_tokens"))
    cached = count(_inside(found, "prompt_tokens_details").get("cached_tokens"))
    thought = count(_inside(found, "completion_tokens_details").get("reasoning_tokens"))
    return Usage(prompt, completion, min(cached, prompt), min(thought, completion))


def is_whole_number(value: Any) -> TypeGuard[int]:
    """In Python `true` is an int, and equals 1."""
    return isinstance(value, int) and not isinstance(value, bool)


def _choice(choice: Json, said: Json, at: int) -> ChoicePart:
    index, reason, stop = choice.get("index"), choice.get("finish_reason"), choice.get("stop_reason")
    return ChoicePart(
        index if is_whole_number(index) else at,
        # `text` is how completions without a template have it.
        _text(said.get("content")) + _text(said.get("refusal")) + _text(said.get("text")),
        next((thought for key in THOUGHTS if (thought := _text(said.get(key)))), ""),
        tuple(_calls(said)),
        tuple(_logprobs(choice.get("logprobs"))),
        reason if isinstance(reason, str) else "",
        stop if isinstance(stop, str) else "",
    )


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(_text(part.get("text")) for part in _objects(content))


def _calls(said: Json) -> Iterator[CallPart]:
    for call in _objects(said.get("tool_calls")):
        index = call.get("index")
        yield _call(_inside(call, "function"), index if is_whole_number(index) else None, _text(call.get("id")))
    older = said.get("function_call")
    if isinstance(older, dict):
        yield _call(older, 0, "")


def _call(function: Json, index: int | None, call_id: str) -> CallPart:
    arguments = function.get("arguments")
    # A JSON text by the book; some write the object itself.
    written = json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, dict) else _text(arguments)
    return CallPart(index, call_id, _text(function.get("name")), written)


def _logprobs(found: Any) -> Iterator[TokenLogprob]:
    if not isinstance(found, dict):
        return
    for entry in _objects(found.get("content")):
        top = tuple(Alternative(*_token(one)) for one in _objects(entry.get("top_logprobs")))
        yield TokenLogprob(*_token(entry), top)
    yield from _older_logprobs(found)


def _older_logprobs(found: Json) -> Iterator[TokenLogprob]:
    """As completions without a template have them: lists side by side."""
    tokens, logprobs = found.get("tokens") or (), found.get("token_logprobs") or ()
    tops = found.get("top_logprobs") or [{}] * len(tokens)
    for token, logprob, top in zip(tokens, logprobs, tops, strict=False):
        others = top.items() if isinstance(top, dict) else ()
        alternatives = tuple(Alternative(_bytes(text), _number(value)) for text, value in others)
        yield TokenLogprob(_bytes(token), _number(logprob), alternatives)


def _token(entry: Json) -> tuple[bytes, float]:
    raw = entry.get("bytes")
    if isinstance(raw, list) and all(is_whole_number(one) and 0 <= one < 256 for one in raw):
        return bytes(raw), _number(entry.get("logprob"))
    return _bytes(entry.get("token")), _number(entry.get("logprob"))


def _bytes(token: Any) -> bytes:
    return str(token or "").encode("utf-8", "replace")


def _number(value: Any) -> float:
    """NaN, which some servers write, is as unlikely as can be told."""
    number = float(max(-MOST, min(value, MOST))) if is_whole_number(value) else value
    number = number if isinstance(number, float) else 0.0
    return -math.inf if math.isnan(number) else number


def count(value: Any) -> int:
    return min(max(0, value), MOST) if is_whole_number(value) else 0


def _inside(some: Json, key: str) -> Json:
    value = some.get(key)
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[Json]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())
