"""A node that runs: one task group, from the first log line of the engine to the last answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import anyio
import anyio.to_thread

from ..engines.base import Card, EngineOptions
from ..engines.process import EngineProcess
from ..engines.surroundings import surroundings
from ..errors import StartError
from ..federation.federation import Federation
from ..federation.loans.asking import Offer
from ..federation.own import Sheltered
from ..hardware import cpu
from ..hardware.machine import Hardware
from ..models.choose import Choice, wish_of
from ..models.fit.fit import aside
from ..models.fit.need import Setup
from ..models.limits import limits
from ..settings import environment
from ..swarm.routing import Router
from ..swarm.worker import Worker
from . import memory, speech, strength
from .digest import Digest
from .gauge import Gauge, Taken
from .house import House
from .noting import noted
from .sharding.borrowing import Borrowing
from .welcome import Welcome

MEASURE_SECONDS = 20.0
ENGINE_LOG = "engine.log"
HEADS = "heads"


@dataclass(frozen=True, slots=True)
class Started(Welcome):
    choice: Choice
    card: Card


class Node:
    def __init__(
        self, house: House, choice: Choice, hardware: Hardware, grade: float = 0.0, offers: Sequence[Offer] = ()
    ) -> None:
        """`grade`: of the model, from 0 to 1 where the catalogue knows it. `offers`: memory of other machines."""
        self._house = house
        self._settings = house.settings
        self.choice = choice
        self._hardware = hardware
        self._gauge = Gauge(choice.plan.expected, hardware)
        self.on_progress: Callable[[float], None] = lambda _: None
        self._borrowing = Borrowing(offers, self._federated, lambda: self.engine.pid)
        self.engine = self._make_engine()
        self._worker = self._make_worker(grade)
        router = Router()
        self._strength = strength.service(house.state, self._settings, choice, self._worker, router)
        self._digest = Digest(house.state, choice.path, lambda: router.traffic.quiet, self._worker.know)
        self._front = house.front(self._offered, router, [self._worker], borrowed=self._borrowing.told)

    async def run(self, started: Callable[[Started], None]) -> None:
        """Serve until a signal says stop. StartError where the model cannot be loaded."""
        await anyio.to_thread.run_sync(self._gauge.begin)
        beside = self._strength.run, self._digest.run
        services = (self._borrowing.run, self.engine.run, *beside, partial(self._announce, started))
        await self._front.run(services, self.engine.close)

    async def _announce(self, started: Callable[[Started], None]) -> None:
        try:
            card = await self.engine.first_card()
        except StartError as error:
            self._front.fail(error)
            return
        await self._front.ready()
        house, own = self._house, (*self.choice.notes, *self._limits(card), *self._shrunk(card))
        notes = (*house.notes, *own, *await self._front.beside())
        started(Started(self._settings, self._hardware, house.doors.api, notes, house.company.join, self.choice, card))
        await self._measure(card)

    async def _measure(self, card: Card) -> None:
        """What the engine takes is known only once it has worked: look now and then, and keep the most."""
        known = Taken()
        while True:
            await anyio.sleep(MEASURE_SECONDS)
            pid, most = self.engine.pid, self.engine.most_memory
            if pid is None or not self.engine.load.steps:
                continue
            taken = await anyio.to_thread.run_sync(self._gauge.look, pid, most)
            if taken != known:
                known = taken
                await noted(memory.remember, self._house.state, self.choice, card, taken)

    def _offered(self) -> dict[str, Sheltered]:
        """What other nodes may ask."""
        return {"local": Sheltered(self._worker, lambda: self.engine.heard)}

    def _limits(self, card: Card) -> Iterator[str]:
        return limits(card.context, card.trained_context, wish_of(self._settings), self.choice.plan.speed)

    def _shrunk(self, card: Card) -> Iterator[str]:
        setup = self.choice.plan.setup
        if (card.context, card.seats, card.kv) != (setup.context, setup.seats, setup.kv):
            yield (
                f"It could not be loaded with {setup.context} tokens of context, {setup.seats} seats and a cache of "
                f"{setup.kv}, so it runs with less. See {self._settings.state_dir / ENGINE_LOG}"
            )

    def _make_engine(self) -> EngineProcess:
        return EngineProcess(
            self._options(self.choice.plan.setup),
            self._settings.state_dir / ENGINE_LOG,
            on_progress=lambda part: self.on_progress(part),
            smaller=[self._options(setup) for setup in self.choice.steps],
            environment=surroundings(environment()),
            ground=self._borrowing if self._borrowing.loans else None,
        )

    def _make_worker(self, grade: float) -> Worker:
        settings = self._settings
        dialect, details = speech.dialect_of(settings.dialect), speech.details_of(self.choice, grade)
        return Worker("local", self.engine, dialect, self._limits, details, settings.decide, speech.talking)

    def _options(self, setup: Setup) -> EngineOptions:
        return EngineOptions(
            self.choice.path,
            setup.context,
            setup.seats,
            setup.pool,
            self._settings.threads or cpu.cores(),
            setup.kv,
            self.choice.plan.gpu_layers,
            name=self.choice.name,
            stretch=self._settings.force,
            heads=self._settings.state_dir / HEADS,
            aside=aside(self._hardware, self.choice.plan),
            loans=self._borrowing.loans,
        )

    def _federated(self) -> Federation:
        assert self._front.federation, "whoever borrows is of a swarm"
        return self._front.federation
