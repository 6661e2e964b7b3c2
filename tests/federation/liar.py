"""A node that belongs to a swarm, with a certificate like any other, and tells what it likes."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from localswarm.federation import channel, identity
from localswarm.federation.code import Code
from localswarm.federation.identity import Identity
from localswarm.federation.nodes import About, Endpoint, Load, Offer, Report, Rumour
from localswarm.federation.race import Trust
from localswarm.federation.wire import messages, versions
from localswarm.federation.wire.messages import Probe, Probed
from localswarm.swarm.member import Busy, Details, Served

from .odd import odd

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
HERE = "127.0.0.1"
SERVED = Served("lie", 4096, 4096, 4, 1_700_000_000, details=Details(continues=True))


class Liar:
    """`paths`: what it answers there instead of the truth."""

    def __init__(self, who: Identity) -> None:
        self.who = who
        self.client = channel.client_context(who)
        self.paths: dict[str, Answer] = {}
        self.endpoint = Endpoint(HERE, 1)
        self.revision = 1
        self.rumours: tuple[Rumour, ...] = ()
        self.about = About(who.id, "i", "liar", "1", "a box", 1.0, ())
        self.offers: tuple[Offer, ...] = (Offer("m", SERVED),)
        self.loads: tuple[Load, ...] = (Load("m", Busy(0, 0, 0, 0, 4096)),)
        self.asked: list[str] = []

    @property
    def id(self) -> str:
        return self.who.id

    def report(self) -> Report:
        return Report(self.about, self.revision, self.offers, self.loads)

    def own_word(self) -> Rumour:
        return Rumour(self.id, "alive", 2**21, (self.endpoint,))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if special := self.paths.get(request.path):
            return await special(request)
        if request.path == "/swarm/report":
            return web.Response(body=messages.REPORT.dump(self.report()))
        if request.path == "/swarm/probe":
            told = Probed(2**21, "i", self.revision, self.loads, (self.own_word(), *self.rumours))
            return web.Response(body=messages.PROBED.dump(told))
        return web.Response(status=404)

    @asynccontextmanager
    async def calling(self, port: int) -> AsyncIterator[aiohttp.ClientSession]:
        """Requests to a node."""
        connector = aiohttp.TCPConnector(ssl=self.client)
        headers = {versions.HEADER: versions.WORDS}
        async with aiohttp.ClientSession(f"https://{HERE}:{port}", connector=connector, headers=headers) as session:
            yield session

    async def introduce(self, port: int, *rumours: Rumour) -> int:
        """The status of the answer."""
        async with self.calling(port) as session:
            body = messages.PROBE.dump(Probe((self.own_word(), *rumours)))
            async with session.post("/swarm/probe", data=body) as response:
                await response.read()
                return response.status


@asynccontextmanager
async def liar(folder: Path, code: Code, words: str | None = versions.WORDS) -> AsyncIterator[Liar]:
    """`words`: the versions that it says it speaks."""
    one = Liar(identity.visiting(folder, code))
    trust = Trust(channel.server_context(one.who), channel.peer_id)
    async with odd(trust, one.answer, words) as endpoint:
        one.endpoint = endpoint
        yield one


def lines(*said: Any) -> Answer:
    """A stream of these lines."""
    body = b"".join(json.dumps(line).encode() + b"\n" for line in said)

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(body=body)

    return answer


async def raw(port: int, context: ssl.SSLContext | None, data: bytes, seconds: float = 3.0) -> bytes:
    """What comes back, until the other side closes."""
    try:
        reader, writer = await asyncio.open_connection(HERE, port, ssl=context)
    except OSError:
        return b""
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(), seconds)
    except OSError:  # also of time
        return b""
    finally:
        writer.transport.abort()
