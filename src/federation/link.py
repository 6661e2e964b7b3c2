"""The way to one other node: over whichever of its addresses answers, to nobody else."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from io import BytesIO
from typing import TypeVar

import aiohttp
import anyio.to_thread

from ..errors import BadRequest, SwarmError, UpstreamFault
from .calling import BASE, SILENT_SECONDS, Stranger, session
from .hopes import SLOWEST_BYTES, Hope
from .nodes import Endpoint, Report, Rumour
from .race import Lost, Reached, Trust, Unreached, race
from .stream import finish, lines
from .wire import messages, versions
from .wire.codec import Codec
from .wire.events import Line, read_line
from .wire.faults import FAULT, error_of
from .wire.messages import Bye, Nothing, Probe, Probed, ProbeFor

TELL_SECONDS = 5.0
MOST_SMALL_BYTES = 2**18
# Some hundred offers, each with its template.
MOST_REPORT_BYTES = 4 * 2**20
LARGE_BYTES = 2**16

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Link:
    def __init__(self, id: str, trust: Trust, endpoints: Sequence[Endpoint] = ()) -> None:
        self.id = id
        self._trust = trust
        self._endpoints = tuple(endpoints)
        self._kept: Reached | None = None
        self._racing = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def endpoint(self) -> Endpoint | None:
        """The one that answered last."""
        return self._kept.endpoint if self._kept else None

    def told(self, endpoints: Sequence[Endpoint]) -> None:
        """Where it may be reached; one that works is kept until it fails."""
        self._endpoints = tuple(endpoints)

    async def close(self) -> None:
        """For good: whoever still asks something through it is refused."""
        self._closed = True
        if self._session:
            await self._session.close()

    async def probe(self, rumours: Sequence[Rumour] = (), seconds: float = 1.0) -> Probed:
        probe = Probe(tuple(rumours))
        return await self._tell("/swarm/probe", messages.PROBE, probe, messages.PROBED, seconds)

    async def probe_for(self, id: str, seconds: float = 2.0) -> bool:
        """Does this node reach that one?"""
        wish = ProbeFor(id)
        return (await self._tell("/swarm/probe-for", messages.PROBE_FOR, wish, messages.TRIED, seconds)).reached

    async def bye(self, incarnation: int, seconds: float = 0.5) -> Nothing:
        return await self._tell("/swarm/bye", messages.BYE, Bye(incarnation), messages.NOTHING, seconds)

    async def report(self, seconds: float = TELL_SECONDS) -> Report:
        data = await self._ask("GET", "/swarm/report", None, seconds)
        if len(data) < LARGE_BYTES:
            report = self._read(messages.REPORT.load, data)
        else:
            # Of thousands of offers: everybody else is served meanwhile.
            report = await anyio.to_thread.run_sync(self._read, messages.REPORT.load, data)
        if report.about.id != self.id:
            raise self._fault(f"tells of itself as {report.about.id[:40]!r}")
        return report

    async def stream(self, path: str, body: bytes, hope: Hope | None = None) -> AsyncGenerator[Line, None]:
        """Every line, the end among them. Whoever stops listening cancels the work. A large question has more time
        until its answer begins."""
        async with self._opened("POST", path, body, SILENT_SECONDS + len(body) / SLOWEST_BYTES, hope) as response:
            async for line in lines(response.content, self._who):
                found = self._read(read_line, line)
                if not isinstance(found, tuple):
                    await finish(response.content)
                yield found
        raise Lost(f"{self._who} broke off its answer in the middle.", hard=True)

    async def _tell(self, path: str, asks: Codec[Asked], asked: Asked, tells: Codec[Told], seconds: float) -> Told:
        return self._read(tells.load, await self._ask("POST", path, asks.dump(asked), seconds))

    def _read(self, load: Callable[[bytes], Told], data: bytes) -> Told:
        try:
            return load(data)
        except BadRequest as error:
            raise self._fault(f"sent an answer that cannot be read. {error.message}") from None

    async def _ask(self, method: str, path: str, body: bytes | None, seconds: float) -> bytes:
        stale = self._kept is not None
        try:
            async with asyncio.timeout(seconds):
                try:
                    return await self._once(method, path, body)
                except Lost as lost:
                    # A connection that was kept for later may have been closed meanwhile.
                    if not (stale and lost.hard):
                        raise
                    return await self._once(method, path, body)
        except TimeoutError:
            # Perhaps it is at another address by now.
            self._kept = None
            raise Lost(f"{self._who} did not answer within {seconds:g} s.") from None

    async def _once(self, method: str, path: str, body: bytes | None) -> bytes:
        async with self._opened(method, path, body) as response:
            return await self._whole(response, MOST_REPORT_BYTES if method == "GET" else MOST_SMALL_BYTES)

    @asynccontextmanager
    async def _opened(
        self, method: str, path: str, body: bytes | None, seconds: float | None = None, hope: Hope | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Its answer, once it is one. `seconds`: until it begins."""
        hope = hope or Hope()
        try:
            async with asyncio.timeout(seconds) as limit:
                hope.ask(partial(_end, limit))
                try:
                    response = await self._requested(method, path, body)
                finally:
                    hope.heard()
                limit.reschedule(None)
                hope.take(partial(response.content.set_exception, TimeoutError()))
                async with response:
                    await self._check(response)
                    yield response
        except (aiohttp.ClientError, OSError) as error:
            self._kept = None
            raise self._lost(error) from None

    async def _requested(self, method: str, path: str, body: bytes | None) -> aiohttp.ClientResponse:
        """Where the address that was kept fails, or somebody else has it now, the others are tried once."""
        reached = await self._reached()
        try:
            return await self._send(method, path, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, Stranger):
            if self._kept is reached:
                self._kept = None
            await self._reached()
            return await self._send(method, path, body)

    async def _send(self, method: str, path: str, body: bytes | None) -> aiohttp.ClientResponse:
        if self._closed:
            raise Unreached(f"{self._who} is not of this swarm any more.")
        if self._session is None:
            self._session = session(self.id, self._trust, lambda: self.endpoint)
        return await self._session.request(
            method,
            BASE + path,
            # A large one leaves in pieces, so that others are served between them.
            data=body and BytesIO(body),
            ssl=self._trust.context,
            allow_redirects=False,
        )

    async def _reached(self) -> Reached:
        async with self._racing:
            if self._kept is None:
                self._kept = await race(self._endpoints, self._trust, self.id)
            return self._kept

    async def _check(self, response: aiohttp.ClientResponse) -> None:
        words = response.headers.get(versions.HEADER)
        if words is None:
            raise self._fault(f"answers as no Local Swarm does, with status {response.status}")
        versions.check(words, f"the node {self.id}")
        if response.status != 200:
            raise self._refusal(response.status, await self._whole(response, MOST_SMALL_BYTES))

    def _refusal(self, status: int, data: bytes) -> SwarmError:
        try:
            return error_of(FAULT.load(data))
        except BadRequest:
            return self._fault(f"answered with status {status}")

    async def _whole(self, response: aiohttp.ClientResponse, most: int) -> bytes:
        parts, size = [], 0
        while chunk := await response.content.readany():
            size += len(chunk)
            if size > most:
                raise self._fault(f"sent more than {most // 1024} KiB where little was asked for")
            parts.append(chunk)
        return b"".join(parts)

    @property
    def _who(self) -> str:
        return f"The node {self.id}"

    def _fault(self, what: str) -> UpstreamFault:
        return UpstreamFault(f"{self._who} {what}.")

    def _lost(self, error: Exception) -> Lost:
        if isinstance(error, TimeoutError):
            return Lost(f"{self._who} has fallen silent.")
        kind = Unreached if isinstance(error, aiohttp.ClientConnectorError | Stranger) else Lost
        return kind(f"The connection to the node {self.id} broke ({type(error).__name__}).", hard=True)


def _end(limit: asyncio.Timeout) -> None:
    """Now. One that ends already must not be told so again."""
    if not limit.expired():
        limit.reschedule(0.0)
