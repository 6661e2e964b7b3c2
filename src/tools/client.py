"""A tool host at a URL, for a node of another machine: over HTTP, where its routes of `/v1/tools` are."""

import json
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast, get_args
from urllib.parse import urlsplit

import aiohttp
import anyio

from ..chat import CallState, Image, Outcome, ToolCall, ToolSpec
from ..errors import (
    BadRequest,
    Forbidden,
    NotFound,
    SettingError,
    SwarmError,
    Unanswered,
    Unauthorized,
    Unavailable,
    UpstreamFault,
)
from ..settings import LOOPBACK

CONNECT_SECONDS = 2.0
# The host says nothing until a call has ended. So it is asked beside it whether it lives, and the call is asked for
# again now and then: the connection itself may be dead while the host is not.
BEAT_SECONDS = 2.0
AGAIN_SECONDS = 30.0
MOST_BYTES = 32 * 2**20
MOST_WORDS = 300
STATES = get_args(CallState)
# In front of a host that does not answer, others answer so.
GATEWAYS = (502, 504)
REFUSALS: dict[int, type[SwarmError]] = {400: BadRequest, 403: Forbidden, 404: NotFound, 413: BadRequest}
PICTURE = "data:image/"


class HttpHost:
    """SettingError where the address cannot be one of a tool host. Redirects are never followed: the key would follow
    them."""

    def __init__(self, url: str, key: str | None = None, beat: float = BEAT_SECONDS) -> None:
        self._base = _checked(url)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._beat = beat

    @property
    def name(self) -> str:
        return self._base

    @property
    def key(self) -> Hashable:
        return self._base

    async def specs(self) -> Sequence[ToolSpec]:
        found = await self._ask("GET", "/v1/tools")
        tools = found.get("data")
        if not isinstance(tools, list):
            raise UpstreamFault(f"What answers at {self._base} is no tool host of Local Swarm.")
        return [_spec(one) for one in tools if _is_spec(one)]

    async def attempt(self, call: ToolCall, who: str, session: str, alive: Callable[[], None]) -> Outcome:
        """`who` and `session` stay here: a host at a URL knows its caller by the key alone."""
        body = {"tool": call.name, "arguments": _arguments(call.arguments), "id": call.id}
        async with anyio.create_task_group() as group:
            group.start_soon(self._look, alive)
            try:
                found, failure = await self._ask("POST", "/v1/tools/execute", body), None
            except SwarmError as error:
                found, failure = {}, error
            group.cancel_scope.cancel()
        if failure:
            raise _told(failure)
        return _outcome(call, found)

    async def cancel(self, id: str) -> bool:
        """Whether there was anything to cancel."""
        return bool((await self._ask("POST", "/v1/tools/cancel", {"id": id})).get("cancelled"))

    async def _look(self, alive: Callable[[], None]) -> None:
        while True:
            await anyio.sleep(self._beat)
            try:
                async with self._opened("GET", "/health", None, self._beat) as response:
                    lives = response.status not in GATEWAYS
            except SwarmError:
                continue
            if lives:
                alive()

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        async with self._opened(method, path, body, AGAIN_SECONDS) as response:
            data = await _whole(response.content)
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            found = None
        if response.status != 200:
            raise self._refusal(response.status, found)
        if not isinstance(found, dict):
            raise UpstreamFault(f"What answers at {self._base} is no tool host of Local Swarm.")
        return found

    @asynccontextmanager
    async def _opened(
        self, method: str, path: str, body: dict[str, Any] | None, seconds: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        limits = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers, timeout=limits, trust_env=False) as session,
                session.request(method, self._base + path, json=body, allow_redirects=False) as response,
            ):
                yield response
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unavailable(f"The tool host at {self._base} cannot be reached ({_why(error)}).") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unanswered(f"The tool host at {self._base} does not answer ({type(error).__name__}).") from None

    def _refusal(self, status: int, found: Any) -> SwarmError:
        if status == 401:
            return Unauthorized(
                f"The tool host at {self._base} wants its API key. Set the variable LOCALSWARM_TOOL_KEY to it."
            )
        inner = found.get("error") if isinstance(found, dict) else None
        said = inner.get("message") if isinstance(inner, dict) else None
        words = _plain(said) if isinstance(said, str) else f"The tool host at {self._base} answered with {status}."
        if status == 503:
            return Unavailable(words)
        return REFUSALS.get(status, UpstreamFault)(words)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.username is not None or parts.query or parts.fragment:
        raise SettingError(
            "The address of a tool host has neither a password nor a query; its key is in LOCALSWARM_TOOL_KEY."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SettingError(
            f"{parts.scheme}://{parts.netloc} is another machine, and without TLS everybody in between could read the "
            "key and change what comes back. Make both machines of one swarm and name that one: --tool-host NAME. Or "
            "put it behind https, or a tunnel: ssh -L 17616:localhost:17616 HOST, and --tool-host http://localhost:17616"
        )
    return url.rstrip("/").removesuffix("/v1")


def _arguments(said: str) -> dict[str, Any]:
    try:
        found = json.loads(said or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadRequest("The arguments of the call are no JSON object.")
    return found


def _told(error: SwarmError) -> SwarmError:
    """Whoever answers with rubbish may have done it all the same."""
    return Unanswered(error.message) if isinstance(error, UpstreamFault) else error


def _outcome(call: ToolCall, found: dict[str, Any]) -> Outcome:
    state, content, images = found.get("state"), found.get("content"), found.get("images") or []
    if state not in STATES or not isinstance(content, str) or not isinstance(images, list):
        raise Unanswered("What answers is no tool host of Local Swarm.")
    # Any other address would be fetched by whoever is shown the picture.
    shown = tuple(Image(one) for one in images if isinstance(one, str) and one.startswith(PICTURE))
    return Outcome(call.id, call.name, cast(CallState, state), content, shown)


def _is_spec(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("schema"), dict)


def _spec(one: dict[str, Any]) -> ToolSpec:
    return ToolSpec(one["name"], str(one.get("description") or ""), one["schema"])


async def _whole(content: aiohttp.StreamReader) -> bytes:
    parts, size = [], 0
    while chunk := await content.readany():
        size += len(chunk)
        if size > MOST_BYTES:
            raise UpstreamFault(f"The tool host sent more than {MOST_BYTES // 2**20} MiB.")
        parts.append(chunk)
    return b"".join(parts)


def _plain(said: str) -> str:
    return "".join(mark for mark in said[:MOST_WORDS] if mark.isprintable())


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
