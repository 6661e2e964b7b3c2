"""The routes by which other nodes take files of models from this one."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import BinaryIO

from aiohttp import hdrs, web

from .rate import Rate
from .shelf import Changed, Item, Shelf, opened, piece

PATH = "/swarm/weights"
MOST_LOANS = 2  # at once: more only slow each other down
MOST_ASKED = 64  # files in one question
BLOCK = 2**18  # bytes: at the slowest rate still several in the time after which a borrower gives up
WHILE_ANSWERING = 0.25  # of the rate: an answer that somebody waits for comes first
STALLED = 20.0  # seconds in which a borrower takes not one block
AGAIN = 5  # seconds after which one that was turned away may ask again


class Lending:
    """Who may ask is decided before these routes are reached."""

    def __init__(
        self,
        shelf: Shelf,
        bytes_per_second: float,
        name: str = "",
        answering: Callable[[], bool] = lambda: False,
        most: int = MOST_LOANS,
    ) -> None:
        """`name`: of this node, as people call it. `answering`: it works for somebody just now."""
        self._shelf = shelf
        self._rate = Rate(bytes_per_second)
        self._name = name
        self._answering = answering
        self._most = most
        self._loans = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._tell), web.get(PATH + "/{digest}", self._lend)]

    async def _tell(self, request: web.Request) -> web.Response:
        asked = request.query.getall("digest", [])[:MOST_ASKED]
        held = await asyncio.to_thread(self._held, asked)
        return web.json_response({"name": self._name, "free": self._most - self._loans, "held": held})

    def _held(self, digests: Iterable[str]) -> dict[str, int]:
        items = {digest: self._shelf.find(digest) for digest in digests}
        return {digest: item.size for digest, item in items.items() if item}

    async def _lend(self, request: web.Request) -> web.StreamResponse:
        digest = request.match_info["digest"]
        item = await asyncio.to_thread(self._shelf.find, digest)
        if not item:
            raise web.HTTPNotFound
        span = _span(request, item.size)
        response = _head(request, digest, span, item.size)
        if request.method == hdrs.METH_HEAD:
            return response
        if self._loans >= self._most:
            return web.Response(status=503, headers={hdrs.RETRY_AFTER: str(AGAIN)})
        self._loans += 1
        try:
            return await self._send(request, response, item, span)
        finally:
            self._loans -= 1

    async def _send(
        self, request: web.Request, response: web.StreamResponse, item: Item, span: range
    ) -> web.StreamResponse:
        try:
            with await asyncio.to_thread(opened, item) as file:
                await response.prepare(request)
                await self._blocks(response, file, item, span)
        except Changed:
            if not response.prepared:
                raise web.HTTPNotFound from None
            _cut(request)
        except TimeoutError:
            _cut(request)
        return response

    async def _blocks(self, response: web.StreamResponse, file: BinaryIO, item: Item, span: range) -> None:
        for begin in span[::BLOCK]:
            count = min(BLOCK, span.stop - begin)
            part = WHILE_ANSWERING if self._answering() else 1.0
            await asyncio.sleep(self._rate.wait(time.monotonic(), count, part))
            data = await asyncio.to_thread(piece, file, item, begin, count)
            async with asyncio.timeout(STALLED):
                await response.write(data)


def _span(request: web.Request, size: int) -> range:
    """The bytes that are asked for, of all that there are."""
    refused = web.HTTPRequestRangeNotSatisfiable(headers={hdrs.CONTENT_RANGE: f"bytes */{size}"})
    try:
        span = range(size)[request.http_range]
    except ValueError:
        raise refused from None
    if not span:
        raise refused
    return span


def _head(request: web.Request, digest: str, span: range, size: int) -> web.StreamResponse:
    response = web.StreamResponse(headers={hdrs.ETAG: f'"{digest}"', hdrs.ACCEPT_RANGES: "bytes"})
    response.content_type = "application/octet-stream"
    response.content_length = len(span)
    if hdrs.RANGE in request.headers:
        response.set_status(206)
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {span.start}-{span.stop - 1}/{size}"
    return response


def _cut(request: web.Request) -> None:
    """So that nobody takes what went out for the whole."""
    if request.transport:
        request.transport.abort()
