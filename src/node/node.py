"""A node that runs: one task group, from the first log line of the engine to the last answer."""

import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import anyio
import anyio.to_thread
import uvicorn

from ..api.app import create_app
from ..api.guard import Access
from ..engines.base import Card, EngineOptions
from ..engines.process import EngineProcess
from ..engines.surroundings import surroundings
from ..errors import StartError
from ..hardware import cpu
from ..hardware.machine import Hardware
from ..models.choose import Choice
from ..models.fit.fit import aside
from ..models.fit.need import Setup
from ..settings import Settings, environment
from ..swarm.answer import Swarm
from ..swarm.upstream.server import UpstreamServer
from ..swarm.worker import Worker
from . import key, memory, speech
from .gauge import Gauge, Taken
from .memory import Claim

LOG = logging.getLogger(__name__)
# Together they keep the promise that Ctrl-C ends in under two seconds.
DRAIN_SECONDS = 1.0
CLOSE_SECONDS = 0.5
MEASURE_SECONDS = 20.0
# Longer than a server on a LAN takes to say what it has; the start waits no longer for one that is away.
LOOK_SECONDS = 3.0
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

    @property
    def key_file(self) -> Path | None:
        """Where the key lies that was made because the node listens beyond loopback."""
        return key.file_of(self.settings)


class Server(uvicorn.Server):
    """The node handles signals itself: it drains before the server stops."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Node:
    def __init__(
        self,
        settings: Settings,
        choice: Choice,
        hardware: Hardware,
        sockets: list[socket.socket],
        access: Access,
        claim: Claim,
        notes: tuple[str, ...] = (),
        name: str = "",
        upstreams: Sequence[UpstreamServer] = (),
    ) -> None:
        """`name`: among other nodes. `upstreams`: servers whose models are served here too."""
        self._settings = settings
        self.choice = choice
        self._hardware = hardware
        self._sockets = sockets
        self._claim = claim
        self._notes = notes
        self._upstreams = upstreams
        self._stop = anyio.Event()
        self._served = anyio.Event()
        self._failure: StartError | None = None
        self._gauge = Gauge(choice.plan.expected, hardware)
        self.on_progress: Callable[[float], None] = lambda _: None
        self.engine = EngineProcess(
            self._options(choice.plan.setup),
            settings.state_dir / ENGINE_LOG,
            on_progress=lambda part: self.on_progress(part),
            smaller=[self._options(setup) for setup in choice.steps],
            environment=surroundings(environment()),
        )
        worker = Worker(
            "local",
            self.engine,
            speech.dialect_of(settings.dialect),
            choice.limits,
            speech.details_of(choice),
            speech.talking if settings.decide == "first" else None,
        )
        self._swarm = Swarm([worker], upstreams, name)
        app = create_app(self._swarm, access, version("localswarm"))
        self._server = Server(
            uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False)
        )

    async def run(self, started: Callable[[Started], None]) -> None:
        """Serve until a signal says stop. StartError where the model cannot be loaded."""
        await anyio.to_thread.run_sync(self._gauge.begin)
        try:
            async with anyio.create_task_group() as group:
                for service in (self._wait_for_signals, self._serve, self.engine.run, partial(self._announce, started)):
                    group.start_soon(service)
                for upstream in self._upstreams:
                    group.start_soon(upstream.run)
                await self._stop.wait()
                await self._swarm.drain(DRAIN_SECONDS)
                await self._close()
                group.cancel_scope.cancel()
        finally:
            with contextlib.suppress(StartError):
                self._claim.release()
        if self._failure:
            raise self._failure

    async def _announce(self, started: Callable[[Started], None]) -> None:
        try:
            card = await self.engine.first_card()
        except StartError as error:
            self._failure = error
            self._stop.set()
            return
        await self._note(self._claim.ready, self._sockets[0].getsockname()[1])
        notes = (*self._notes, *self.choice.notes, *self.choice.limits, *self._shrunk(card), *await self._beside())
        started(Started(self._hardware, self.choice, card, self._settings, self._url(), notes))
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
                await self._note(memory.remember, self._claim.state, self.choice, card, taken)

    async def _note(self, write: Callable[..., None], *what: object) -> None:
        """In the database, off the thread that serves; one that cannot be written is no reason to stop."""
        try:
            await anyio.to_thread.run_sync(partial(write, *what))
        except StartError as error:
            LOG.warning("%s", error.message)

    async def _beside(self) -> list[str]:
        """What the servers beside us are good for, as far as it is known soon."""
        with anyio.move_on_after(LOOK_SECONDS):
            for upstream in self._upstreams:
                await upstream.looked()
        return [upstream.note() for upstream in self._upstreams]

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
        )

    async def _wait_for_signals(self) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                if self._stop.is_set():
                    # The engine process ends by itself when its stdin does.
                    os._exit(130)
                self._stop.set()

    async def _serve(self) -> None:
        await self._server.serve(self._sockets)
        self._served.set()

    async def _close(self) -> None:
        """Answers that still run end in an error that says why; then the connections are closed."""
        await self.engine.close()
        self._server.should_exit = True
        with anyio.move_on_after(CLOSE_SECONDS):
            await self._served.wait()

    def _url(self) -> str:
        host, port = self._settings.host, self._sockets[0].getsockname()[1]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
