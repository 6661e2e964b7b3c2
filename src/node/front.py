"""What every node has, whatever computes its answers: it listens, drains when a signal says stop, and ends in order."""

import contextlib
import os
import signal
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import anyio

from ..api.app import create_app
from ..api.federation.routes import alone
from ..errors import StartError
from ..federation.federation import Federation
from ..swarm.answer import Swarm
from ..swarm.neighbours import HeldMemory, Neighbourhood
from ..swarm.upstream.server import UpstreamServer
from .doors import Doors
from .hands import Arms
from .memory import Claim
from .noting import noted
from .server import CLOSE_SECONDS, Server
from .version import VERSION

# For answers that are nearly there. With CLOSE_SECONDS it keeps the promise that Ctrl-C ends in under two seconds.
DRAIN_SECONDS = 1.0
# Longer than a server on a LAN takes to say what it has; the start waits no longer for one that is away.
LOOK_SECONDS = 3.0
Service = Callable[[], Coroutine[Any, Any, None]]


class Front:
    """`upstreams`: servers whose models are served here too. `claim`: what the node says of itself to others of this
    machine, for as long as it runs. `federation`: the other machines; None where it stays alone. `tools`: None where it
    has none and uses none. `borrowed`: what other machines lend to its model."""

    def __init__(
        self,
        swarm: Swarm,
        doors: Doors,
        upstreams: Sequence[UpstreamServer],
        claim: Claim,
        federation: Federation | None = None,
        tools: Arms | None = None,
        borrowed: Callable[[], tuple[HeldMemory, ...]] = tuple,
    ) -> None:
        self._stop = anyio.Event()
        self._failure: StartError | None = None
        self._claim = claim
        self._swarm = swarm
        self._doors = doors
        self._upstreams = upstreams
        self._served = anyio.Event()
        self.federation = federation
        self._tools = tools
        self._borrowed = borrowed
        self._server = Server(create_app(swarm, doors.access, VERSION, self._look, tools.own if tools else None))

    async def run(self, services: Sequence[Service], close: Service) -> None:
        """Serve until a signal says stop. `close`: answers that still run end in an error that says why. StartError
        where it was told to fail."""
        try:
            await self._run(services, close)
        finally:
            with contextlib.suppress(StartError):
                self._claim.release()
        if self._failure:
            raise self._failure

    def fail(self, error: StartError) -> None:
        """What computes the answers cannot be started."""
        self._failure = error
        self._stop.set()

    async def ready(self) -> None:
        await noted(self._claim.ready, self._doors.port)

    def _look(self) -> Neighbourhood:
        """At the machines of the swarm, this one alone where it has none."""
        found = self.federation.look() if self.federation else alone(self._swarm, VERSION)
        host = self._tools.place() if self._tools else None
        return replace(found, tool_host=host, borrowed=self._borrowed())

    async def _run(self, services: Sequence[Service], close: Service) -> None:
        others = (*self._upstreams, self.federation, self._tools)
        beside = [self._swarm.acting.run, *(one.run for one in others if one)]
        async with anyio.create_task_group() as group:
            for service in (self._wait_for_signals, self._serve, *services, *beside):
                group.start_soon(service)
            await self._stop.wait()
            if self.federation:
                group.start_soon(self.federation.leave)
            await self._swarm.drain(DRAIN_SECONDS)
            await close()
            self._server.should_exit = True
            with anyio.move_on_after(CLOSE_SECONDS):
                await self._served.wait()
            group.cancel_scope.cancel()

    async def beside(self) -> list[str]:
        """What the servers beside us are good for, as far as it is known soon, and whose tools are used."""
        with anyio.move_on_after(LOOK_SECONDS):
            for upstream in self._upstreams:
                await upstream.looked()
        notes = [upstream.note() for upstream in self._upstreams]
        return [*notes, self._tools.note] if self._tools and self._tools.note else notes

    async def _wait_for_signals(self) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                if self._stop.is_set():
                    # What computes ends by itself when the pipe to it does.
                    os._exit(130)
                self._stop.set()

    async def _serve(self) -> None:
        await self._server.serve(self._doors.sockets)
        self._served.set()
