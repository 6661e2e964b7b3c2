"""The connection to one server. What goes wrong on the way is an error that names the server, and never its key."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import anyio

from ...errors import SwarmError, Unavailable, UpstreamFault
from . import refusals
from .lines import MOST_BYTES, Events, TooLong
from .refusals import Refusal
from .utf8 import loads

CONNECT_SECONDS = 5.0
# A slow machine reads a long prompt for minutes before its first token.
FIRST_BYTE_SECONDS = 600.0
# Between two tokens there is never so much.
IDLE_SECONDS = 120.0
# It mostly comes together with the last words.
END_SECONDS = 0.02
# Of a question about the server itself.
TELL_SECONDS = 10.0
# A write to a client costs more than all else of a token. Whoever writes faster than this is passed on in larger
# pieces: nobody reads as fast, and what comes slower does not wait.
GATHER_SECONDS = 0.03
# A little less than servers keep theirs: one that is closed just now costs a try.
KEEP_SECONDS = 4.0
DONE = b"[DONE]"
Hear = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Address:
    """`base`: as the user wrote it, with the path of the API, mostly /v1."""

    base: str
    key: str = field(default="", repr=False)

    @property
    def root(self) -> str:
        """Where a server's own routes are, beside those of OpenAI."""
        return self.base.removesuffix("/v1")

    @property
    def host(self) -> str:
        return urlsplit(self.base).netloc

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


class Refused(Exception):
    """The server answered, and not with what was asked for."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Disconnected(Exception):
    """The connection was closed before anything came: one that was kept open for later can be stale."""


class Http:
    def __init__(self, address: Address) -> None:
        self.address = address
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Http":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            headers=self.address.headers(),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def ask(self, url: str, body: Mapping[str, Any] | None = None) -> tuple[Any, Mapping[str, str]]:
        """One JSON value, and the headers that it came with."""
        try:
            with anyio.fail_after(TELL_SECONDS):
                async with self._request(url, body) as response:
                    data = await self._whole(response)
                    return self._parsed(data), response.headers
        except TimeoutError:
            raise self._silent(TELL_SECONDS) from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from None

    async def stream(self, path: str, body: Mapping[str, Any], hear: Hear) -> None:
        """Every chunk of the answer, in a stream or as one, some at a time; returns where it ended."""
        seconds = FIRST_BYTE_SECONDS
        with anyio.move_on_after(seconds) as limit:
            try:
                async with self._request(self.address.base + path, body) as response:
                    seconds = IDLE_SECONDS
                    await self._chunks(response, hear, limit)
                    return
            except TooLong:
                raise UpstreamFault(f"The server at {self.address.base} sends a line without an end.") from None
            except aiohttp.ClientPayloadError:
                raise self._fault("broke off its answer in the middle") from None
            except (aiohttp.ServerDisconnectedError, ConnectionResetError) as error:
                raise Disconnected from error
            except (aiohttp.ClientError, OSError) as error:
                raise self._unreachable(error) from None
        raise self._silent(seconds)

    def _request(self, url: str, body: Mapping[str, Any] | None) -> "aiohttp.client._RequestContextManager":
        if self._session is None:
            raise self._unreachable(None)
        if body is None:
            return self._session.get(url, allow_redirects=False)
        # Whatever leads elsewhere would take the key along.
        data = json.dumps(body, separators=(",", ":")).encode()
        return self._session.post(url, data=data, headers={"Content-Type": "application/json"}, allow_redirects=False)

    async def _chunks(self, response: aiohttp.ClientResponse, hear: Hear, limit: anyio.CancelScope) -> None:
        if response.status != 200:
            raise self._refused(response.status, response.headers, await self._part(response))
        events, start = Events(), b""
        streamed = response.content_type == "text/event-stream"
        while True:
            limit.deadline = anyio.current_time() + IDLE_SECONDS
            some = await response.content.readany()
            # A client of ours that reads slowly is no fault of the server.
            limit.deadline = float("inf")
            if not some:
                break
            begun = anyio.current_time()
            if not streamed:
                start += some
                if len(start) > MOST_BYTES:
                    raise TooLong
                if start.lstrip()[:1] in (b"", b"{", b"[", b"<"):
                    continue
                streamed, some = True, start
            found = list(events.feed(some))
            await hear(self._until_done(found))
            if DONE in found:
                return await self._read_to_end(response)
            await self._gather(response, begun + GATHER_SECONDS)
        await hear(self._until_done(list(events.finish()) if streamed else [start]))

    async def _gather(self, response: aiohttp.ClientResponse, until: float) -> None:
        """What comes meanwhile stays with the system, and is read at once: each waking costs as much as a write."""
        transport = response.connection.transport if response.connection else None
        if not isinstance(transport, asyncio.ReadTransport) or not transport.is_reading():
            return await anyio.sleep_until(until)
        transport.pause_reading()
        try:
            await anyio.sleep_until(until)
        finally:
            transport.resume_reading()

    async def _read_to_end(self, response: aiohttp.ClientResponse) -> None:
        """Nothing more comes but the end of the body, and only a body with an end leaves its connection for another."""
        with anyio.move_on_after(END_SECONDS):
            await response.content.readany()

    def _until_done(self, found: Sequence[bytes]) -> list[Mapping[str, Any]]:
        end = found.index(DONE) if DONE in found else len(found)
        return [self._chunk(data) for data in found[:end]]

    def _chunk(self, data: bytes) -> Mapping[str, Any]:
        chunk = self._parsed(data)
        if not isinstance(chunk, dict):
            raise self._fault("sends something that is no answer of a model")
        if refusals.inside(chunk):
            raise self._refused(200, {}, data)
        return chunk

    async def _whole(self, response: aiohttp.ClientResponse) -> bytes:
        data = await self._part(response)
        if response.status != 200:
            raise self._refused(response.status, response.headers, data)
        return data

    async def _part(self, response: aiohttp.ClientResponse) -> bytes:
        """As much of it as may be."""
        data = b""
        while len(data) < MOST_BYTES and (some := await response.content.readany()):
            data += some
        return data

    def _parsed(self, data: bytes) -> Any:
        if not data.strip():
            raise self._fault("gave an empty answer")
        if data.lstrip()[:1] == b"<":
            raise refusals.web_page(self.address.base)
        try:
            return loads(data)
        except (ValueError, RecursionError):
            raise self._fault("sends something that is not JSON, or only a part of it") from None

    def _refused(self, status: int, headers: Mapping[str, str], body: bytes) -> Refused:
        """Some servers repeat in an error what they were sent."""
        refusal = refusals.read(status, headers, body)
        if key := self.address.key:
            refusal = replace(refusal, message=refusal.message.replace(key, "***"))
        return Refused(refusal)

    def _fault(self, what: str) -> UpstreamFault:
        return UpstreamFault(f"The server at {self.address.base} {what}.")

    def _silent(self, seconds: float) -> SwarmError:
        return Unavailable(f"The server at {self.address.base} said nothing for {seconds:.0f} seconds.")

    def _unreachable(self, error: Exception | None) -> SwarmError:
        return Unavailable(f"The server at {self.address.base} does not answer{_why(error)}.")


def _why(error: Exception | None) -> str:
    match error:
        case None:
            return ""
        case aiohttp.ClientConnectorCertificateError():
            return ": its certificate is not one that this machine trusts"
        case aiohttp.ClientConnectorDNSError():
            return ": its name is not known to this network"
        case aiohttp.ServerTimeoutError():
            return f" within {CONNECT_SECONDS:.0f} seconds"
        case OSError() if error.errno:
            return f" ({os.strerror(error.errno)})"
    return f" ({type(error).__name__})"
