"""The routes by which another node of the swarm computes with this one's memory: what goes through them is not read."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import anyio
from aiohttp import web

from ...errors import Unavailable
from ..routes import PEER
from .terms import PATH, TERMS, Terms

BLOCK = 2**18
# One whose engine starts again comes back before we have seen that it went.
PATIENCE_SECONDS = 3.0
LOOK_SECONDS = 0.5
Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Opened:
    """`room`: bytes of memory behind it."""

    room: int
    pipe: Pipe


@dataclass(frozen=True, slots=True)
class Lent:
    """`since`: time.monotonic()."""

    peer: str
    room: int
    since: float


class Lender(Protocol):
    async def terms(self) -> Terms: ...

    def opened(self) -> AbstractAsyncContextManager[Opened]:
        """A server that nobody else talks to; it is ended with the loan. Unavailable where it cannot be."""
        ...


class Loans:
    """One at a time, which is `now`. Who may ask is decided before these routes are reached."""

    def __init__(self, lender: Lender, say: Callable[[str], None] = lambda _: None) -> None:
        self._lender = lender
        self._say = say
        self._free = asyncio.Semaphore(1)
        self._gone: Callable[[str], bool] = lambda _: False
        self.now: Lent | None = None

    def routes(self, gone: Callable[[str], bool] = lambda _: False) -> list[web.RouteDef]:
        """`gone`: that a node does not answer anybody any more."""
        self._gone = gone
        return [web.get(PATH, self._tell), web.post(PATH, self._lend)]

    async def _tell(self, request: web.Request) -> web.Response:
        return web.Response(body=TERMS.dump(await self._lender.terms()))

    async def _lend(self, request: web.Request) -> web.StreamResponse:
        peer = request[PEER]
        async with self._taken(peer), self._lender.opened() as opened:
            reader, writer = opened.pipe
            response = web.StreamResponse()
            await response.prepare(request)
            with self._noted(Lent(peer, opened.room, time.monotonic())):
                await until_one_ends(_there(request, writer), _back(reader, response), self._watch(peer))
        return response

    @contextmanager
    def _noted(self, lent: Lent) -> Iterator[None]:
        self.now = lent
        try:
            yield
        finally:
            self.now = None

    async def _watch(self, peer: str) -> None:
        """A connection to one that lost its power never says so, and its memory would stay taken."""
        while not self._gone(peer):  # noqa: ASYNC110 - others find out, and have no event for it
            await anyio.sleep(LOOK_SECONDS)

    @asynccontextmanager
    async def _taken(self, peer: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable("Its memory is lent to another machine just now.") from None
        self._say(f"swarm: lends memory to {peer}")
        try:
            yield
        finally:
            self._free.release()
            self._say(f"swarm: {peer} has given the memory back")


async def until_one_ends(*ways: Coroutine[Any, Any, None]) -> None:
    """The two directions of one connection: where one has ended there is nothing left for the other."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _there(request: web.Request, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await request.content.readany():
            writer.write(block)
            await writer.drain()


async def _back(reader: asyncio.StreamReader, response: web.StreamResponse) -> None:
    with suppress(OSError):
        while block := await reader.read(BLOCK):
            await response.write(block)
