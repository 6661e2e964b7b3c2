"""What every node has, whatever computes its answers: it listens, drains when a signal says stop, and ends in order."""

import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import Any

import anyio
import anyio.to_thread
import uvicorn

from ..api.app import create_app
from ..api.federation.routes import alone
from ..api.guard import Access
from ..errors import StartError
from ..federation.federation import Federation
from ..settings import Settings
from ..swarm.answer import Swarm
from ..swarm.neighbours import Neighbourhood
from ..swarm.upstream.server import UpstreamServer
from .hands import Arms
from .memory import Claim

LOG = logging.getLogger(__name__)
VERSION = version("localswarm")
# Together they keep the promise that Ctrl-C ends in under two seconds.
DRAIN_SECONDS = 1.0
CLOSE_SECONDS = 0.5
# Longer than a server on a LAN takes to say what it has; the start waits no longer for one that is away.
LOOK_SECONDS = 3.0
Service = Callable[[], Coroutine[Any, Any, None]]


async def noted(write: Callable[..., None], *what: object) -> None:
    """In the database, off the thread that serves; one that cannot be written is no reason to stop."""
    try:
        await anyio.to_thread.run_sync(partial(write, *what))
    except StartError as error:
        LOG.warning("%s", error.message)


class Server(uvicorn.Server):
    """The node handles signals itself: it drains before the server stops."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Front:
    """`upstreams`: servers whose models are served here too. `claim`: what the node says of itself to others of this
    machine, for as long as it runs. `federation`: the other machines; None where it stays alone. `tools`: None where it
    has none and uses none."""

    def __init__(
        self,
        swarm: Swarm,
        access: Access,
        sockets: list[socket.socket],
        upstreams: Sequence[UpstreamServer],
        claim: Claim,
        federation: Federation | None = None,
        tools: Arms | None = None,
    ) -> None:
        self._stop = anyio.Event()
        self._failure: StartError | None = None
        self._claim = claim
        self._swarm = swarm
        self._sockets = sockets
        self._upstreams = upstreams
        self._served = anyio.Event()
        self._federation = federation
        self._tools = tools
        app = create_app(swarm, access, VERSION, self._look, tools.own if tools else None)
        self._server = Server(
            uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False)
        )

    @property
    def port(self) -> int:
        port: int = self._sockets[0].getsockname()[1]
        return port

    def url(self, settings: Settings) -> str:
        host = settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/v1"

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
        await noted(self._claim.ready, self.port)

    def _look(self) -> Neighbourhood:
        """At the machines of the swarm, this one alone where it has none."""
        found = self._federation.look() if self._federation else alone(self._swarm, VERSION)
        return replace(found, tool_host=self._tools.place() if self._tools else None)

    async def _run(self, services: Sequence[Service], close: Service) -> None:
        others = (*self._upstreams, self._federation, self._tools)
        beside = [self._swarm.acting.run, *(one.run for one in others if one)]
        async with anyio.create_task_group() as group:
            for service in (self._wait_for_signals, self._serve, *services, *beside):
                group.start_soon(service)
            await self._stop.wait()
            if self._federation:
                group.start_soon(self._federation.leave)
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
        await self._server.serve(self._sockets)
        self._served.set()
