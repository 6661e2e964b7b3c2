"""Counting in a server's own tokens, where it has a route for that: llama.cpp's and vLLM's have, and ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...chat import ChatRequest, Embedding
from ...errors import BadRequest, NotSupported, UpstreamFault
from . import body as bodies
from .chunks import is_whole_number
from .describe import OURS, Told
from .http import Http, Refused
from .reading import CHARACTERS_PER_TOKEN

VLLM, LLAMA_CPP = "vllm", "llamacpp"
# A route that is not there, or not for this.
MISSING = (404, 405, 501)
Json = Mapping[str, Any]


async def count(http: Http, told: Told, request: ChatRequest) -> int:
    """An estimate where the server cannot say."""
    body = bodies.of_chat(request, told.name, 1)
    asked: dict[str, Any] = {name: body[name] for name in ("model", "messages", "tools") if name in body}
    try:
        if told.owner == VLLM:
            found = await _ask(http, "/tokenize", asked)
            return int(found["count"])
        if told.owner == LLAMA_CPP:
            prompt = (await _ask(http, "/apply-template", asked))["prompt"]
            return len(await tokenize(http, told, prompt, special=True))
    except (Refused, KeyError, TypeError, ValueError):
        pass
    return bodies.characters(request) // CHARACTERS_PER_TOKEN + 1


async def tokenize(http: Http, told: Told, text: str, special: bool, framed: bool = False) -> list[int]:
    if told.owner == VLLM:
        body: dict[str, Any] = {"model": told.name, "prompt": text, "add_special_tokens": framed}
    else:
        body = {"model": told.name, "content": text, "add_special": framed, "parse_special": special}
    found = (await _own(http, told, "/tokenize", body)).get("tokens")
    if not isinstance(found, list) or not all(is_whole_number(token) for token in found):
        raise _senseless(http)
    return found


async def detokenize(http: Http, told: Told, tokens: Sequence[int]) -> str:
    found = await _own(http, told, "/detokenize", {"model": told.name, "tokens": list(tokens)})
    text = found.get("prompt" if told.owner == VLLM else "content")
    if not isinstance(text, str):
        raise _senseless(http)
    return text


async def embed(http: Http, told: Told, texts: Sequence[str]) -> list[Embedding]:
    body: dict[str, Any] = {"model": told.name, "input": list(texts), "encoding_format": "float"}
    if told.owner == OURS:
        body["swarm"] = {"local_only": True}
    found, _ = await http.ask(f"{http.address.base}/embeddings", body)
    try:
        rows = sorted(found["data"], key=lambda row: int(row["index"]))
        vectors = [_unit([_number(number) for number in row["embedding"]]) for row in rows]
        tokens = int((found.get("usage") or {}).get("prompt_tokens") or 0)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _senseless(http) from None
    if len(vectors) != len(texts):
        raise _senseless(http)
    return [Embedding(vector, _share(tokens, at, texts)) for at, vector in enumerate(vectors)]


async def _own(http: Http, told: Told, route: str, body: Json) -> Json:
    if told.owner not in (VLLM, LLAMA_CPP, OURS):
        raise _untold(http)
    try:
        return await _ask(http, route, body)
    except Refused as refused:
        if refused.refusal.status in MISSING:
            raise _untold(http) from None
        if refused.refusal.status in (400, 422):
            raise BadRequest(f"The server at {http.address.base} refused: {refused.refusal.message}") from None
        raise


async def _ask(http: Http, route: str, body: Json) -> Json:
    found, _ = await http.ask(http.address.root + route, body)
    if not isinstance(found, dict):
        raise _senseless(http)
    return found


def _number(value: Any) -> float:
    """`true` would be 1."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("no number")
    return float(value)


def _unit(vector: list[float]) -> tuple[float, ...]:
    length = sum(number * number for number in vector) ** 0.5
    return tuple(number / length for number in vector) if length else tuple(vector)


def _share(tokens: int, at: int, texts: Sequence[str]) -> int:
    """Its part of the sum, by its length; the last takes the rest."""
    whole = sum(map(len, texts)) or 1
    shares = [tokens * len(text) // whole for text in texts]
    return shares[at] if at < len(texts) - 1 else tokens - sum(shares[:-1])


def _untold(http: Http) -> NotSupported:
    return NotSupported(f"The server at {http.address.base} does not tell how it cuts texts into tokens.", "model")


def _senseless(http: Http) -> UpstreamFault:
    return UpstreamFault(f"The server at {http.address.base} sends something that was not asked for.")
