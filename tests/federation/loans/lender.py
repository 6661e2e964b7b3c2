"""A node that lends something harmless: what it is sent comes back in capitals."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from localswarm.errors import Unavailable
from localswarm.federation.loans.lending import Opened
from localswarm.federation.loans.terms import Part, Terms
from localswarm.federation.nodes import Endpoint
from localswarm.federation.race import Trust

from ..listening import connected, listening

ENGINE = "engine 1"
TERMS = Terms("desk", ENGINE, (Part("a processor", 2**30, 25e9),))


class Capitals:
    """`full`: it cannot lend. `ends`: its server does, after so many answers."""

    def __init__(self, terms: Terms = TERMS, full: bool = False, ends: int = 0) -> None:
        self._terms = terms
        self._full = full
        self._ends = ends
        self.open = 0

    async def terms(self) -> Terms:
        return self._terms

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Opened]:
        if self._full:
            raise Unavailable("There is no memory left.")
        async with listening(self._serve) as port, connected(port) as pipe:
            self.open += 1
            try:
                yield Opened(2**30, pipe)
            finally:
                self.open -= 1

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = 0
        while block := await reader.read(2**18):
            writer.write(block.upper())
            await writer.drain()
            answers += 1
            if answers == self._ends:
                break


class Known:
    """Ways to nodes that are where they were."""

    def __init__(self, trust: Trust, endpoints: Sequence[Endpoint] = ()) -> None:
        self._trust = trust
        self._endpoints = endpoints
        self.away = False

    def trust(self) -> Trust:
        return self._trust

    def endpoints(self, id: str) -> Sequence[Endpoint]:
        return self._endpoints

    def gone(self, id: str) -> bool:
        return self.away
