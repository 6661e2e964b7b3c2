"""The body of a request: read within limits, and parsed so that nothing odd gets any further.

A large one is worked on beside the thread that serves, so that others are answered meanwhile. What Python does in one
go nobody can interrupt, so how many values there are is known before they are made.
"""

import json
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, TypeVar

import anyio
from starlette.requests import ClientDisconnect, Request

from ..errors import BadRequest, BodyTooLarge
from .fields import describe

Found = TypeVar("Found")
# Agents send 3 MB and more; this leaves room for images later.
MOST_BYTES = 32 * 2**20
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
# What is longer takes some milliseconds, or some hundred where it is meant to.
LARGE_BYTES = 2**16
# Objects and arrays; the largest requests of agents have some ten thousand.
MOST_HOLDERS = 200_000
# A prompt may be an array of tokens.
MOST_VALUES = 2**21
TEXT_OR_HOLDER = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{\[]', re.DOTALL)
TEXT_OR_COMMA = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|,', re.DOTALL)
QUOTE = ord('"')
# Python itself gives up near 1,000 levels, and everything behind this walks what it is given.
MOST_LEVELS = 128
# Web pages can send these anywhere without being asked; what curl sends by itself is not among them.
NOT_JSON = ("text/", "multipart/")


async def read_json(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith(NOT_JSON):
        raise BadRequest(f"The request body must be sent as application/json, not {kind[:40]}.")
    body = await read_limited(request)
    request.state.large = len(body) > LARGE_BYTES
    return await beside(request, partial(parse_json, body))


async def beside(request: Request, work: Callable[[], Found]) -> Found:
    """What is done with the body of a request: in a thread of its own where that may take long."""
    return await anyio.to_thread.run_sync(work) if request.state.large else work()


async def read_limited(request: Request) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told[:20]) > MOST_BYTES:
        raise _too_large()
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > MOST_BYTES:
                raise _too_large()
            chunks.append(chunk)
    except ClientDisconnect:
        # Nobody hears of it any more.
        raise BadRequest("The request body ended in the middle.") from None
    return b"".join(chunks)


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"The request body is larger than {MOST_BYTES // 2**20} MiB.")


def parse_json(body: bytes) -> dict[str, Any]:
    if not body.strip():
        raise BadRequest("The request body is empty; a JSON object is expected.")
    if body.count(b"{") + body.count(b"[") > MOST_HOLDERS:
        _bound(body, TEXT_OR_HOLDER, MOST_HOLDERS, "objects and arrays")
    if body.count(b",") > MOST_VALUES:
        _bound(body, TEXT_OR_COMMA, MOST_VALUES, "values")
    value = _parsed(_decoded(body))
    if not isinstance(value, dict):
        raise BadRequest(f"The request body must be a JSON object, not {describe(value)}.")
    if _levels(value) > MOST_LEVELS:
        raise BadRequest(f"The request body is nested too deeply: more than {MOST_LEVELS} levels.")
    if HALF_CHARACTER.search(body):
        _refuse_half_characters(value)
    return value


def _bound(body: bytes, pattern: re.Pattern[bytes], most: int, what: str) -> None:
    """Those in texts do not count."""
    found = 0
    for one in pattern.finditer(body):
        found += body[one.start()] != QUOTE
        if found > most:
            raise BadRequest(f"The request body holds more than {most} {what}.")


def _decoded(body: bytes) -> str:
    """Not left to `json`, which lets half characters through."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The request body is not valid UTF-8: {error.reason} at byte {error.start}.") from None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise BadRequest("The request body is nested too deeply.") from None
    except ValueError as error:
        raise BadRequest(f"The request body is not valid JSON: {error}") from None


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is too large a number")
    return value


def _levels(value: Any) -> int:
    levels, row = 0, [value]
    while row and levels <= MOST_LEVELS:
        levels += 1
        row = [
            child
            for holder in row
            for child in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(child, dict | list)
        ]
    return levels


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _refuse_half_characters(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadRequest("The request body holds half of a character (a lone surrogate such as \\ud800).") from None
