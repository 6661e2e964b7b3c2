"""The routes by which another node of the swarm computes with this one's memory: what goes through them is not read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Protocol

from aiohttp import web

from ...errors import Unavailable
from ..routes import PEER
from .terms import PATH, TERMS, Terms

BLOCK = 2**18
# One whose engine starts again comes back before we have seen that it went.
PATIENCE_SECONDS = 3.0
Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Lender(Protocol):
    async def terms(self) -> Terms: ...

    def opened(self) -> AbstractAsyncContextManager[Pipe]:
        """A server that nobody else talks to; it is ended with the loan. Unavailable where it cannot be."""
        ...


class Loans:
    """One at a time. Who may ask is decided before these routes are reached."""

    def __init__(self, lender: Lender, say: Callable[[str], None] = lambda _: None) -> None:
        self._lender = lender
        self._say = say
        self._free = asyncio.Semaphore(1)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._tell), web.post(PATH, self._lend)]

    async def _tell(self, request: web.Request) -> web.Response:
        return web.Response(body=TERMS.dump(await self._lender.terms()))

    async def _lend(self, request: web.Request) -> web.StreamResponse:
        async with self._taken(request[PEER]), self._lender.opened() as (reader, writer):
            response = web.StreamResponse()
            await response.prepare(request)
            await until_one_ends(_there(request, writer), _back(reader, response))
        return response

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
