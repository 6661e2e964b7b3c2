"""What every node has, whatever computes its answers: it listens, drains when a signal says stop, and ends in order."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from importlib.metadata import version
from typing import Any

import anyio
import uvicorn

from ..api.app import create_app
from ..api.guard import Access
from ..settings import Settings
from ..swarm.answer import Swarm
from ..swarm.upstream.server import UpstreamServer

# Together they keep the promise that Ctrl-C ends in under two seconds.
DRAIN_SECONDS = 1.0
CLOSE_SECONDS = 0.5
# Longer than a server on a LAN takes to say what it has; the start waits no longer for one that is away.
LOOK_SECONDS = 3.0
Service = Callable[[], Coroutine[Any, Any, None]]


class Server(uvicorn.Server):
    """The node handles signals itself: it drains before the server stops."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Front:
    """`upstreams`: servers whose models are served here too."""

    def __init__(
        self, swarm: Swarm, access: Access, sockets: list[socket.socket], upstreams: Sequence[UpstreamServer]
    ) -> None:
        self.stop = anyio.Event()
        self._swarm = swarm
        self._sockets = sockets
        self._upstreams = upstreams
        self._served = anyio.Event()
        app = create_app(swarm, access, version("localswarm"))
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
        """Serve until a signal says stop. `close`: answers that still run end in an error that says why."""
        async with anyio.create_task_group() as group:
            for service in (self._wait_for_signals, self._serve, *services, *(one.run for one in self._upstreams)):
                group.start_soon(service)
            await self.stop.wait()
            await self._swarm.drain(DRAIN_SECONDS)
            await close()
            self._server.should_exit = True
            with anyio.move_on_after(CLOSE_SECONDS):
                await self._served.wait()
            group.cancel_scope.cancel()

    async def beside(self) -> list[str]:
        """What the servers beside us are good for, as far as it is known soon."""
        with anyio.move_on_after(LOOK_SECONDS):
            for upstream in self._upstreams:
                await upstream.looked()
        return [upstream.note() for upstream in self._upstreams]

    async def _wait_for_signals(self) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                if self.stop.is_set():
                    # What computes ends by itself when the pipe to it does.
                    os._exit(130)
                self.stop.set()

    async def _serve(self) -> None:
        await self._server.serve(self._sockets)
        self._served.set()
