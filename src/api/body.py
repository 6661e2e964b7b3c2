"""The body of a request: read within limits, and parsed so that nothing odd gets any further."""

import json
import math
import re
from typing import Any, NoReturn

from starlette.requests import Request

from ..errors import BadRequest, BodyTooLarge
from .fields import describe

# Agents send 3 MB and more; this leaves room for images later.
MOST_BYTES = 32 * 2**20
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
# Python itself gives up near 1,000 levels, and everything behind this walks what it is given.
MOST_LEVELS = 128
# Web pages can send these anywhere without being asked; what curl sends by itself is not among them.
NOT_JSON = ("text/", "multipart/")


async def read_json(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith(NOT_JSON):
        raise BadRequest(f"The request body must be sent as application/json, not {kind[:40]}.")
    return parse_json(await read_limited(request))


async def read_limited(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise BodyTooLarge(f"The request body is larger than {MOST_BYTES // 2**20} MiB.")
        chunks.append(chunk)
    return b"".join(chunks)


def parse_json(body: bytes) -> dict[str, Any]:
    if not body.strip():
        raise BadRequest("The request body is empty; a JSON object is expected.")
    value = _parsed(_decoded(body))
    if not isinstance(value, dict):
        raise BadRequest(f"The request body must be a JSON object, not {describe(value)}.")
    if _levels(value) > MOST_LEVELS:
        raise BadRequest(f"The request body is nested too deeply: more than {MOST_LEVELS} levels.")
    if HALF_CHARACTER.search(body):
        _refuse_half_characters(value)
    return value


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
