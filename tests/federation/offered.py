"""What a node offers in tests: scripted members, and a record of what was asked of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count

import anyio
from aiohttp import web
from localswarm.chat import Candidate, ChatRequest, Emit
from localswarm.federation.nodes import About, Endpoint, Load, Offer, Report, Rumour
from localswarm.federation.race import Trust
from localswarm.federation.server import SwarmServer
from localswarm.federation.tools import Tools
from localswarm.swarm.member import Busy, Member

from ..swarm.scripted import ScriptedMember, Step

ABOUT = About("a", "instance-1", "desk", "0.1.0", "a machine", 12.5, (Endpoint("127.0.0.1", 17617),))
RUMOUR = Rumour("b", "suspect", 7, (Endpoint("fe80::1%eth0", 1),))


class Leavable(ScriptedMember):
    """Tells when somebody who had asked it is gone."""

    def __init__(self, script: Sequence[Step]) -> None:
        super().__init__(script)
        self._over = anyio.Event()

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        try:
            return await super().generate(request, emit)
        except anyio.get_cancelled_exc_class():
            self._over.set()
            raise

    async def over(self) -> None:
        with anyio.fail_after(2):
            await self._over.wait()


class Offered:
    """Always at work, where it is not `still`."""

    def __init__(self, members: Mapping[str, Member], about: About = ABOUT) -> None:
        self._members = members
        self._about = about
        self._steps = count()
        self.revision = 1
        self.still = False
        self.away = ""
        self.heard: list[tuple[str, tuple[Rumour, ...]]] = []
        self.gone: list[tuple[str, int]] = []
        self.forgotten: set[str] = set()
        self.sent_away: list[tuple[str, str]] = []
        self.for_others: Tools | None = None

    def report(self) -> Report:
        offers = tuple(Offer(key, member.served()) for key, member in self._members.items())
        loads = tuple(Load(key, Busy(1, 2, 3, 4, 4096), self.away) for key in self._members)
        return Report(self._about, self.revision, offers, loads)

    def incarnation(self) -> int:
        return 2**20

    def members(self) -> Mapping[str, Member]:
        return self._members

    def progress(self, key: str) -> int:
        return 0 if self.still else next(self._steps)

    def gossip(self, by: str, rumours: Sequence[Rumour]) -> Sequence[Rumour]:
        self.heard.append((by, tuple(rumours)))
        return [RUMOUR] if rumours else []

    async def probe(self, id: str) -> bool:
        return id == "b"

    def left(self, id: str, incarnation: int) -> None:
        self.gone.append((id, incarnation))

    def denied(self, id: str) -> bool:
        return id in self.forgotten

    def tools(self) -> Tools | None:
        return self.for_others

    def refused(self, id: str, why: str) -> None:
        self.sent_away.append((id, why))


@asynccontextmanager
async def serving(
    trust: Trust, offering: Offered, port: int = 0, extra: Sequence[web.RouteDef] = ()
) -> AsyncIterator[SwarmServer]:
    server = SwarmServer(trust, offering, port, "127.0.0.1", extra)
    async with anyio.create_task_group() as group:
        group.start_soon(server.run)
        try:
            yield server
        finally:
            group.cancel_scope.cancel()


def at(server: SwarmServer) -> Endpoint:
    return Endpoint("127.0.0.1", server.port)
