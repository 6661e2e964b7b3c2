"""A network that breaks off anywhere. Whatever happens to a connection, whoever asks is told that the node was lost,
and nothing else. Anything that nobody foresaw would end the whole node."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import anyio
from localswarm.chat import ChatRequest, Event, Message, Text
from localswarm.errors import SwarmError
from localswarm.federation.link import Link
from localswarm.federation.nodes import Endpoint
from localswarm.federation.peer import PeerNode

from ..swarm.scripted import ScriptedMember, says
from .certificates import Authority
from .listening import HERE, connected, listening
from .offered import Offered, at, serving

ROUNDS = 40
AT_ONCE = 4
ASK = ChatRequest("r", "scripted", (Message("user", (Text("hi" * 500),)),))
# A greeting and a short answer are some thousand bytes.
MOST_BYTES = 6000


class Breaking:
    """Lets so many bytes of each connection through, then ends it in one of several ways, with a seed of its own."""

    def __init__(self, to: Endpoint, seed: int) -> None:
        self._to = to
        self._rng = random.Random(seed)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Endpoint]:
        async with listening(self._meet) as port:
            yield Endpoint(HERE, port)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self._rng.choice((0, self._rng.randrange(MOST_BYTES), 10**9))
        how = self._rng.choice(("close", "reset", "half", "hang"))

        async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            nonlocal left
            with suppress(OSError):
                while left > 0 and (data := await source.read(1 + self._rng.randrange(700))):
                    sink.write(data[:left])
                    left -= len(data)
                    await sink.drain()
            group.cancel_scope.cancel()

        async with connected(self._to.port) as (there, back), anyio.create_task_group() as group:
            group.start_soon(pass_on, reader, back)
            group.start_soon(pass_on, there, writer)
        await self._end(writer, how)

    async def _end(self, writer: asyncio.StreamWriter, how: str) -> None:
        if how == "hang":
            await asyncio.sleep(0.2)
        if how == "half":
            writer.write_eof()
            await asyncio.sleep(0.05)
        if how == "reset":
            found = writer.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


async def nothing(event: Event) -> None: ...


class Asking:
    """Of a node that is reached over such a network."""

    def __init__(self, swarm: Authority, there: Endpoint) -> None:
        self.failed = self.answered = 0
        self._trust = swarm.client("c")
        self._there = there

    async def round(self, seed: int, limit: anyio.CapacityLimiter) -> None:
        async with limit, Breaking(self._there, seed).open() as place:
            link = Link("a", self._trust, [place])
            node = PeerNode(link)
            node.take(Offered({"m": ScriptedMember()}).report())
            (member,) = node.members()
            asks: tuple[Callable[[], Awaitable[object]], ...] = (
                partial(link.probe, (), 5.0),
                partial(link.report, 5.0),
                partial(member.generate, ASK, nothing),
                partial(member.count, ASK),
            )
            for ask in random.Random(seed).sample(asks, 3):
                await self._ask(ask)
            await link.close()

    async def _ask(self, ask: Callable[[], Awaitable[object]]) -> None:
        try:
            await ask()
            self.answered += 1
        except SwarmError:
            self.failed += 1


async def test_wherever_a_connection_breaks_it_is_an_error_that_is_known(tmp_path: Path) -> None:
    swarm, limit = Authority(tmp_path), anyio.CapacityLimiter(AT_ONCE)
    offered = Offered({"m": ScriptedMember(says(*["word "] * 200))})
    async with serving(swarm.server("a"), offered) as server:
        asking = Asking(swarm, at(server))
        async with anyio.create_task_group() as group:
            for seed in range(ROUNDS):
                group.start_soon(asking.round, seed, limit)
    assert asking.failed > ROUNDS / 4 and asking.answered > ROUNDS / 4
