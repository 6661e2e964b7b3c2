"""Announces this node for as long as it runs, and tells of every other that announces itself."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import anyio

from ..nodes import Endpoint
from .dns import DNSRecord
from .multicast import Multicast
from .packet import Known, read
from .place import Place, look
from .questions import Questions
from .record import Record, Sighting
from .sieve import Sieve
from .trouble import ECHO_SECONDS, UNHEARD, of_place, of_sockets

# Seconds between two looks at the addresses of this machine.
WATCH_SECONDS = 2.0
MOST_TWINS = 4


class Discovery:
    """`on_sighting` is called in the loop in which `run` runs. `host`: the one address to use; None for all.

    `problem`: why others may not be found, as a sentence; None while all is well."""

    def __init__(self, own: Record, on_sighting: Callable[[Sighting], None], host: str | None = None) -> None:
        self.problem: str | None = None
        self._own = own
        self._on_sighting = on_sighting
        self._host = host
        self._place = Place()
        self._sieve = Sieve(own.tag)
        self._twins: deque[Endpoint] = deque(maxlen=MOST_TWINS)
        self._echoed = False
        self._told = asyncio.Event()

    @property
    def twins(self) -> tuple[Endpoint, ...]:
        """Where somebody else announces our own id: a copy of this node's folder, or a forgery."""
        return tuple(self._twins)

    def tell(self, own: Record) -> None:
        """From now on this is announced."""
        self._own = own
        self._sieve.tag = own.tag
        self._told.set()

    async def run(self) -> None:
        """Ends only when it is cancelled."""
        while True:
            try:
                await self._with_sockets()
            except OSError as error:
                self.problem = of_place(self._place) or of_sockets(error)
            await asyncio.sleep(WATCH_SECONDS)

    async def _with_sockets(self) -> None:
        self._place = await look(self._host)
        multicast = await Multicast.open(self._place, self._heard)
        try:
            await self._announce_and_ask(multicast)
        finally:
            with anyio.CancelScope(shield=True):
                await multicast.close()

    async def _announce_and_ask(self, multicast: Multicast) -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        questions = Questions(begun)
        announced: tuple[Record, tuple[str, ...]] | None = None
        while True:
            wanted = self._own, self._place.addresses
            if wanted[1] and wanted != announced:
                await multicast.announce(*wanted)
                announced = wanted
            if questions.due(clock()):
                multicast.ask(directly=questions.first)
            self.problem = of_place(self._place) or self._unheard(clock() - begun)
            await self._pause(min(WATCH_SECONDS, questions.wait(clock())))
            if (place := await look(self._host)) != self._place:
                self._place = place
                await multicast.rescan()
                questions = Questions(clock())

    async def _pause(self, seconds: float) -> None:
        """Shorter where there is something else to tell."""
        try:
            async with asyncio.timeout(seconds):
                await self._told.wait()
        except TimeoutError:
            return
        self._told.clear()

    def _unheard(self, seconds: float) -> str | None:
        return UNHEARD if not self._echoed and seconds > ECHO_SECONDS else None

    def _heard(self, records: Sequence[DNSRecord], known: Known) -> None:
        for sighting in read(records, known, self._place.links):
            if sighting.id == self._own.id:
                self._heard_of_us(sighting)
            else:
                self._heard_of_other(sighting)

    def _heard_of_us(self, sighting: Sighting) -> None:
        foreign = [endpoint for endpoint in sighting.endpoints if not self._place.has(endpoint.host)]
        self._echoed = self._echoed or not foreign
        self._twins.extend(endpoint for endpoint in foreign if endpoint not in self._twins)

    def _heard_of_other(self, sighting: Sighting) -> None:
        """Another node of this machine has our addresses, but not our port as well."""
        elsewhere = tuple(
            one for one in sighting.endpoints if one.port != self._own.port or not self._place.has(one.host)
        )
        sighting = replace(sighting, endpoints=elsewhere)
        if elsewhere and self._sieve.passes(sighting, asyncio.get_running_loop().time()):
            self._on_sighting(sighting)
