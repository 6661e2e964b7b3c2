"""The body of a request: read within limits, and parsed so that nothing odd gets any further."""

import json
import re
from typing import Any, NoReturn

from starlette.requests import Request

from ..errors import BadRequest, BodyTooLarge
from .fields import describe

# Agents send 3 MB and more; this leaves room for images later.
MOST_BYTES = 32 * 2**20
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


async def read_json(request: Request) -> dict[str, Any]:
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
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except RecursionError:
        raise BadRequest("The request body is nested too deeply.") from None
    except ValueError as error:
        raise BadRequest(f"The request body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadRequest(f"The request body must be a JSON object, not {describe(value)}.")
    if HALF_CHARACTER.search(body):
        _refuse_half_characters(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _refuse_half_characters(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadRequest("The request body holds half of a character (a lone surrogate such as \\ud800).") from None
