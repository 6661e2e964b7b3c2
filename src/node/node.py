"""A node that runs: one task group, from the first log line of the engine to the last answer."""

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from ..api.guard import Access
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
from ..settings import Settings, environment
from ..swarm.answer import Swarm
from ..swarm.routing import Router, Source
from ..swarm.worker import Worker
from . import key, memory, speech, strength
from .acting import acting
from .choosing import choosing
from .company import Company, upstream_members
from .digest import Digest
from .front import Front, noted
from .gauge import Gauge, Taken
from .hands import arms
from .memory import Claim
from .sharding.borrowing import Borrowing
from .tools import ToolServer

MEASURE_SECONDS = 20.0
ENGINE_LOG = "engine.log"
HEADS = "heads"


@dataclass(frozen=True, slots=True)
class Started:
    """What a node tells when it can answer."""

    hardware: Hardware
    choice: Choice
    card: Card
    settings: Settings
    url: str
    notes: tuple[str, ...]
    join: str = ""  # how another machine does

    @property
    def key_file(self) -> Path | None:
        """Where the key lies that was made because the node listens beyond loopback."""
        return key.file_of(self.settings)


class Node:
    def __init__(
        self,
        settings: Settings,
        choice: Choice,
        hardware: Hardware,
        sockets: list[socket.socket],
        access: Access,
        claim: Claim,
        company: Company,
        notes: tuple[str, ...] = (),
        grade: float = 0.0,
        offers: Sequence[Offer] = (),
        tools: ToolServer | None = None,
    ) -> None:
        """`grade`: of the model, from 0 to 1 where the catalogue knows it. `offers`: memory of other machines. `tools`:
        None where it is no tool host."""
        self._settings = settings
        self.choice = choice
        self._hardware = hardware
        self._claim = claim
        self._notes = (*company.notes, *notes)
        self._company = company
        self._gauge = Gauge(choice.plan.expected, hardware)
        self.on_progress: Callable[[float], None] = lambda _: None
        self._borrowing = Borrowing(offers, self._federated, lambda: self.engine.pid)
        self.engine = EngineProcess(
            self._options(choice.plan.setup),
            settings.state_dir / ENGINE_LOG,
            on_progress=lambda part: self.on_progress(part),
            smaller=[self._options(setup) for setup in choice.steps],
            environment=surroundings(environment()),
            ground=self._borrowing if offers else None,
        )
        self._worker = Worker(
            "local",
            self.engine,
            speech.dialect_of(settings.dialect),
            self._limits,
            speech.details_of(choice, grade),
            settings.decide,
            speech.talking,
        )
        router = Router()
        self._strength = strength.service(claim.state, settings, choice, self._worker, router)
        self._digest = Digest(claim.state, choice.path, lambda: router.traffic.quiet, self._worker.know)
        self._federation = federation = company.enter(self._members) if company.enter else None
        sources: list[Source] = [*company.upstreams, *([federation] if federation else [])]
        used = arms(settings, tools, federation, company.say)
        chosen, acts = choosing(settings, router, company.say), acting(settings, used.hands)
        swarm = Swarm([self._worker], sources, company.name, router, chosen, acts)
        self._front = Front(swarm, access, sockets, company.upstreams, claim, federation, used)

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
        notes = (
            *self._notes,
            *self.choice.notes,
            *self._limits(card),
            *self._shrunk(card),
            *await self._front.beside(),
        )
        url = self._front.url(self._settings)
        started(Started(self._hardware, self.choice, card, self._settings, url, notes, self._company.join))
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
                await noted(memory.remember, self._claim.state, self.choice, card, taken)

    def _members(self) -> dict[str, Sheltered]:
        """What other nodes may ask."""
        return {
            "local": Sheltered(self._worker, lambda: self.engine.heard),
            **upstream_members(self._company.upstreams),
        }

    def _limits(self, card: Card) -> Iterator[str]:
        return limits(card.context, card.trained_context, wish_of(self._settings), self.choice.plan.speed)

    def _shrunk(self, card: Card) -> Iterator[str]:
        setup = self.choice.plan.setup
        if (card.context, card.seats, card.kv) != (setup.context, setup.seats, setup.kv):
            yield (
                f"It could not be loaded with {setup.context} tokens of context, {setup.seats} seats and a cache of "
                f"{setup.kv}, so it runs with less. See {self._settings.state_dir / 'engine.log'}"
            )

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
        assert self._federation, "whoever borrows is of a swarm"
        return self._federation
