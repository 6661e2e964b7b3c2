"""The part of a node in its swarm, for as long as it has one key and one code."""

import random
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
from aiohttp import web

from ..errors import PortTaken, ShuttingDown, SwarmError
from ..swarm.member import Member
from . import channel
from .crowd import Crowd
from .discovery.addresses import usable
from .discovery.discovery import Discovery
from .discovery.record import Record, Sighting
from .driver import RUMOURS, Driver
from .identity import Identity
from .introductions import Introductions
from .membership.membership import Membership
from .nodes import Endpoint, Report, Rumour, Standing
from .options import Options
from .own import Own
from .race import Reached, Trust
from .server import SwarmServer
from .strangers import Strangers
from .tools import Tools
from .troubles import Troubles
from .wire.versions import PROTOCOL

WATCH_SECONDS = 2.0
HELP_SECONDS = 1.0
GOODBYE_SECONDS = 0.8
# Of an incarnation: a node raises its own some times between two starts.
START = 2**20


class Life:
    def __init__(
        self,
        identity: Identity,
        own: Own,
        options: Options,
        starts: int,
        denied: Callable[[], frozenset[str]],
        extra: Sequence[web.RouteDef] = (),
    ) -> None:
        """`starts`: how often the node with this key was started. `denied`: those that were told to stay away."""
        self.identity = identity
        self.trust = Trust(channel.client_context(identity), channel.peer_id)
        self.instance = secrets.token_hex(8)
        self.troubles = Troubles(options.say)
        self.own = own
        self._options = options
        self._denied = denied
        self.membership = Membership(identity.id, starts * START, random.Random(), instance=self.instance)
        self.crowd = Crowd(self.trust, self._lost, self._came, self._went, lambda: own.members().values())
        self.strangers = Strangers(options.say)
        self._driver = Driver(self.membership, self.crowd, self._settle, self.troubles.note)
        self.server = self._server(extra)
        self._endpoints: tuple[Endpoint, ...] = ()
        self._clashed = anyio.Event()
        self._leaving = False
        self._left = anyio.Event()
        record = Record(identity.id, identity.authority.tag, PROTOCOL, own.machine.name, self.server.port)
        self.discovery = Discovery(record, self._sighted, options.host)
        self.introductions = Introductions(options.places, self.trust, self._introduced)

    async def run(self) -> None:
        """Until it is cancelled, or another node turns out to have this key."""
        try:
            await self._look_at_addresses()
            await self._serve()
        finally:
            self.close()
            with anyio.CancelScope(shield=True):
                await self.crowd.close()

    def close(self) -> None:
        """What was taken when it was made, whether it ran or not."""
        self.server.close()

    async def _serve(self) -> None:
        services: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = (
            self.server.run,
            self._driver.run,
            self.discovery.run,
            self.introductions.run,
            self._watch,
        )
        async with anyio.create_task_group() as group:
            for service in services:
                group.start_soon(service)
            try:
                await self._clashed.wait()
            finally:
                await self.leave()
                group.cancel_scope.cancel()

    async def leave(self) -> None:
        """Tell everybody, once: whoever hears of it need not find out. What is under way goes on."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(GOODBYE_SECONDS):
            if self._leaving:
                await self._left.wait()
                return
            self._leaving = True
            async with anyio.create_task_group() as group:
                for id in self.membership.alive():
                    group.start_soon(self._say_goodbye, id)
        self._left.set()

    def expect(self, id: str, endpoints: tuple[Endpoint, ...]) -> None:
        """It was there before."""
        if id != self.identity.id:
            self.membership.sighted(time.monotonic(), id, endpoints)

    def standings(self) -> list[Standing]:
        return self.membership.standings()

    # What the others are told, and may ask.

    def report(self) -> Report:
        return self.own.report(self.identity.id, self.instance, self._endpoints)

    def incarnation(self) -> int:
        return self.membership.incarnation

    def members(self) -> dict[str, Member]:
        return dict(self.own.members())

    def progress(self, key: str) -> int:
        return self.own.progress(key)

    def gossip(self, by: str, rumours: Sequence[Rumour]) -> Sequence[Rumour]:
        if self._leaving:
            raise ShuttingDown("This node is leaving.")
        self.troubles.over(by)
        self.membership.take(time.monotonic(), rumours, by)
        return self.membership.rumours(RUMOURS, by)

    async def probe(self, id: str) -> bool:
        return self.membership.standing(id) is not None and await self._driver.probe(id, HELP_SECONDS)

    def left(self, id: str, incarnation: int) -> None:
        self.membership.left(time.monotonic(), id, incarnation)

    def denied(self, id: str) -> bool:
        return id in self._denied()

    def tools(self) -> Tools | None:
        return self.own.tools

    def refused(self, id: str, why: str) -> None:
        self.troubles.note(id, why)

    # What happens.

    def _sighted(self, sighting: Sighting) -> None:
        if not sighting.tag:
            return  # no node: it only shows a PIN
        if sighting.tag == self.identity.authority.tag:
            self.membership.sighted(time.monotonic(), sighting.id, sighting.endpoints)
        else:
            self.strangers.saw(sighting)

    def _introduced(self, reached: Reached) -> None:
        self.membership.sighted(time.monotonic(), reached.id, (reached.endpoint,))

    def _came(self, report: Report) -> None:
        self.strangers.belongs(report.about.id)
        self.troubles.over(report.about.id)
        models = ", ".join(offer.served.id for offer in report.offers) or "no model yet"
        self._options.say(f"swarm: {self.crowd.name(report.about.id)} is here, with {models}")

    def _went(self, report: Report, left: bool) -> None:
        how = "has left" if left else "does not answer any more"
        self._options.say(f"swarm: {self.crowd.name(report.about.id)} {how}")

    def _lost(self, id: str, hard: bool) -> None:
        self.membership.missed(time.monotonic(), id, hard)

    async def _settle(self) -> None:
        if self.membership.clash:
            self._clashed.set()
        with anyio.CancelScope(shield=True):
            for link in self.crowd.follow(self.membership.standings()):
                await link.close()

    async def _watch(self) -> None:
        while True:
            await anyio.sleep(WATCH_SECONDS)
            await self._look_at_addresses()
            denied = self._denied()
            self.membership.deny(denied)
            for id in denied:
                self.server.drop(id)
            self._look_for_twins()

    def _look_for_twins(self) -> None:
        """Another node may have this one's key: it is asked whether it is this one."""
        if twins := self.discovery.twins:
            self.membership.sighted(time.monotonic(), self.identity.id, twins)

    async def _look_at_addresses(self) -> None:
        hosts = await anyio.to_thread.run_sync(partial(usable, self._options.host))
        self._endpoints = tuple(Endpoint(host, self.server.port) for host in hosts)
        self.membership.moved(self._endpoints)

    async def _say_goodbye(self, id: str) -> None:
        try:
            await self.crowd.link(id).bye(self.membership.incarnation)
        except SwarmError:
            return  # it finds out

    def _server(self, extra: Sequence[web.RouteDef]) -> SwarmServer:
        """Where another node of this machine has the usual port, any other does: it is announced."""
        trust = Trust(channel.server_context(self.identity), channel.peer_id)
        host = self._options.host or ""
        try:
            return SwarmServer(trust, self, self._options.port, host, extra)
        except PortTaken:
            if self._options.only:
                raise
            return SwarmServer(trust, self, 0, host, extra)
