"""Both ends of a stream of lines: what a member says while it works, and how it ended."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial

import aiohttp
import anyio
from aiohttp import web

from ..chat import Emit, Event
from ..errors import EngineFault, SwarmError, UpstreamFault
from .wire.events import HEARTBEAT, error_line, event_line, reply_line
from .wire.messages import Reply

LOG = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 2.0
# Whoever takes nothing for so long is frozen or cut off, and its answer would be written for nobody.
STUCK_SECONDS = 10.0
# A slow network carries so much in far less time.
PIECE_BYTES = 2**18
# The end of a response comes together with its last line.
END_SECONDS = 0.05
# A slow reader makes the member wait, not the memory grow.
MOST_READY = 1024
# A line is a few tokens, and the last one a whole answer with what there is to know of each token.
MOST_LINE_BYTES = 16 * 2**20

Work = Callable[[Emit], Awaitable[Reply]]


class Outlet:
    """Events that are ready at the same time leave in one line."""

    def __init__(self, response: web.StreamResponse) -> None:
        self.told = False
        self._response = response
        self._ready: list[Event] = []
        self._last = b""
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._quiet = True
        self._since: float | None = None  # when what is written now was begun

    async def emit(self, event: Event) -> None:
        while len(self._ready) >= MOST_READY:
            self._room.clear()
            await self._room.wait()
        self._ready.append(event)
        self._news.set()

    def end(self, line: bytes) -> None:
        self._last = line
        self._news.set()

    async def pump(self) -> None:
        """Until the end is written."""
        last = b""
        while not last:
            await self._news.wait()
            self._news.clear()
            ready, last = self._take(), self._last
            await self._write(event_line(ready) if ready else b"", last)

    async def beat(self, progress: Callable[[], int]) -> None:
        """A member that stands still is not said to be at work. Returns when nobody takes what is written."""
        before = progress()
        while self._since is None or anyio.current_time() - self._since < STUCK_SECONDS:
            await anyio.sleep(HEARTBEAT_SECONDS)
            if (now := progress()) != before and self._quiet and self._since is None:
                await self._response.write(HEARTBEAT)
            before, self._quiet = now, True

    def _take(self) -> list[Event]:
        ready, self._ready = self._ready, []
        self._room.set()
        self._quiet = False
        return ready

    async def _write(self, line: bytes, last: bytes) -> None:
        data = line + last
        rest = 0
        while len(data) - rest > PIECE_BYTES:
            await self._timed(self._response.write(data[rest : rest + PIECE_BYTES]))
            rest += PIECE_BYTES
        if last:
            # In one go with the end of the response: the connection is free for others when the end is read.
            await self._timed(self._response.write_eof(data[rest:]))
            self.told = True
        else:
            await self._timed(self._response.write(data[rest:]))

    async def _timed(self, writing: Awaitable[None]) -> None:
        self._since = anyio.current_time()
        await writing
        self._since = None


async def tell(response: web.StreamResponse, work: Work, progress: Callable[[], int]) -> bool:
    """What comes of the work; True where all of it was taken. It is cancelled when nobody takes it any more."""

    async def over(speak: Callable[[], Awaitable[None]]) -> None:
        with suppress(ConnectionError):
            await speak()
        group.cancel_scope.cancel()

    async def run() -> None:
        try:
            outlet.end(reply_line(await work(outlet.emit)))
        except SwarmError as error:
            outlet.end(error_line(error))
        except Exception:  # of a member, whatever it is: who asked is told, and may ask another
            LOG.exception("A member failed in a way that nobody foresaw")
            outlet.end(
                error_line(EngineFault("A member failed in a way that nobody foresaw; the log of its node says how."))
            )

    outlet = Outlet(response)
    async with anyio.create_task_group() as group:
        group.start_soon(run)
        group.start_soon(over, partial(outlet.beat, progress))
        group.start_soon(over, outlet.pump)
    return outlet.told


async def lines(content: aiohttp.StreamReader, who: str) -> AsyncIterator[bytes]:
    """As soon as each is whole."""
    parts: list[bytes] = []
    size = 0
    while chunk := await content.readany():
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield b"".join([*parts, line])
            parts, size = [], 0
        parts.append(rest)
        size += len(rest)
        if size > MOST_LINE_BYTES:
            raise UpstreamFault(f"{who} sends a line without an end.")


async def finish(content: aiohttp.StreamReader) -> None:
    """Behind the last line: a response that was read to its end leaves a connection that can be used again."""
    with suppress(aiohttp.ClientError, OSError), anyio.move_on_after(END_SECONDS):
        await content.readany()
