"""An answer that is none, to the error that our own client is told. Pure.

What is wrong with the request is the client's business; what is wrong with the server, or with the key that we send
it, is not, and never looks as if the client's own key or address were meant.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ...errors import (
    BadRequest,
    BodyTooLarge,
    ContextOverflow,
    ModelNotFound,
    NotSupported,
    Overloaded,
    SwarmError,
    Unavailable,
    UpstreamFault,
)
from ..routing import NODE_HEADER
from . import overflow
from .overflow import Overflow
from .utf8 import loads

LONGEST = 300  # characters of what a server says
RETRY_SECONDS = 5
LONGEST_RETRY = 600
CLIENTS_FAULT = (400, 413, 422)
# Found in what servers say of a field that they do not take.
UNKNOWN = re.compile(
    r"unsupported|not support|unknown|unrecognized|unexpected|unrecognised|extra[_ ]?(?:inputs|fields|forbidden)"
    r"|not permitted|not allowed|invalid (?:field|parameter|argument|value)|only (?:one|1)|must be 1|requires? ",
    re.IGNORECASE,
)


class WrongAddress(UpstreamFault):
    """What the user wrote of a server is wrong: its address, or its key. Trying again does not help."""


class Misfit(UpstreamFault):
    """The model wrote something else than it was asked for. Nothing is wrong with its server. `what`: it did."""

    def __init__(self, who: str, what: str) -> None:
        super().__init__(f"{who} {what}.")
        self.what = what


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said instead of an answer."""

    status: int
    message: str
    param: str = ""
    overflow: Overflow | None = None
    retry_after: int = 0  # seconds; 0: it does not say
    node: str = ""  # of which it is the answer, where it is a node like this one

    def names(self, field: str) -> bool:
        """Is it about this field of the request, which the server does not take?"""
        if self.status not in (*CLIENTS_FAULT, 500, 501):
            return False
        inside = re.search(rf"(?<![\w-]){re.escape(field)}(?![\w-])", self.message) is not None
        return self.param.split(".")[0] == field or (inside and UNKNOWN.search(self.message) is not None)


def read(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    error, message = _error_in(body)
    code = error.get("code")
    if status == 200:
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
    param = error.get("param")
    retry = _retry_after(headers.get("Retry-After", ""))
    named, node = param if isinstance(param, str) else "", headers.get(NODE_HEADER, "")
    return Refusal(status, message, named, overflow.read(error, message), retry, node)


def inside(chunk: Mapping[str, Any]) -> bool:
    """An error that came with status 200."""
    return bool(chunk.get("error")) or chunk.get("object") == "error"


def to_error(refusal: Refusal, address: str, model: str, context: int) -> SwarmError:
    said = f": {refusal.message}" if refusal.message else ""
    if found := refusal.overflow:
        limit = found.context or context
        # Where it does not tell how long the prompt is, it is longer than what fits.
        return ContextOverflow(found.prompt or limit + 1, limit, at_least=not found.prompt)
    wait = refusal.retry_after or RETRY_SECONDS
    match refusal.status:
        case 401 | 403:
            return WrongAddress(
                f"The server at {address} refuses the key that it is sent ({refusal.status}). Give it the right one: "
                "--upstream URL,key_file=FILE or --upstream URL,key_variable=NAME"
            )
        case 404:
            return ModelNotFound(f"The server at {address} does not serve '{model}' any more{said}", "model")
        case 413:
            return BodyTooLarge(f"The request is too large for the server at {address}{said}")
        case 429:
            return Overloaded(f"The server at {address} has too much to do (429){said}", wait)
        case 502 | 503 | 504 | 529:
            return Unavailable(f"The server at {address} cannot answer now ({refusal.status}){said}", wait)
        case 400 | 422:
            return BadRequest(f"The server at {address} refused the request{said}")
    if 300 <= refusal.status < 400:
        return WrongAddress(f"The server at {address} sends us elsewhere ({refusal.status}). Give its true address.")
    return UpstreamFault(f"The server at {address} failed ({refusal.status}){said}")


def not_supported(address: str, model: str, what: str) -> NotSupported:
    return NotSupported(f"The model '{model}' at {address} does not support {what}.", what)


def web_page(address: str) -> WrongAddress:
    return WrongAddress(
        f"The server at {address} answers with a web page (HTML) instead of a model's answer. Is this the address of "
        "its API? It mostly ends in /v1."
    )


def _error_in(body: bytes) -> tuple[Mapping[str, Any], str]:
    """The object that tells more than a text, and the text."""
    try:
        found = loads(body)
    except (ValueError, RecursionError):
        return {}, _short(body.decode("utf-8", "replace"))
    if not isinstance(found, dict):
        return {}, _short(str(found))
    error = found.get("error")
    holder = error if isinstance(error, dict) else found
    said = error if isinstance(error, str) else holder.get("message") or holder.get("detail") or ""
    return holder, _short(said if isinstance(said, str) else json.dumps(said))


def _short(text: str) -> str:
    """One line, and never a whole page."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    if line[:15].lower().startswith(("<!doctype", "<html")):
        return "it answers with a web page (HTML)"
    return line if len(line) <= LONGEST else line[:LONGEST] + "..."


def _retry_after(said: str) -> int:
    """Seconds, or a date."""
    try:
        seconds = float(said)
    except ValueError:
        seconds = _until(said)
    return int(min(max(seconds, 1), LONGEST_RETRY)) if seconds > 0 else 0


def _until(date: str) -> float:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
