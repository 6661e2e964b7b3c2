"""The door to the other nodes: TLS on both sides, and no byte of HTTP for anybody who does not belong to the swarm."""

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import Sequence

import anyio
from aiohttp import web

from ..errors import PortTaken, SettingError
from .gate import Gate, strip
from .race import Trust
from .routes import Offering, Routes

PORT = 17617
HANDSHAKE_SECONDS = 5.0
# Each costs some memory before it is known whose it is. A node may call for hundreds of answers at once; one address
# alone keeps nobody else out.
MOST_HANDSHAKES = 384
MOST_HANDSHAKES_EACH = 256
# One for each answer that is being given, and one for each node.
MOST_CONNECTIONS = 1024
KEEP_SECONDS = 75.0
# Whoever is still answered by then was given its time before.
GOODBYE_SECONDS = 0.3
# Where the system has no more sockets, or has them soon.
PAUSE_SECONDS = 0.2


class SwarmServer:
    """`port` 0: any that is free. `extra`: routes of other parts, behind the same gate."""

    def __init__(
        self, trust: Trust, offering: Offering, port: int = PORT, host: str = "", extra: Sequence[web.RouteDef] = ()
    ) -> None:
        self._trust = trust
        self._gate = Gate(offering, trust.peer_id)
        app = web.Application(middlewares=[self._gate.middleware()])
        app.on_response_prepare.append(strip)
        app.add_routes([*Routes(offering).table(), *extra])
        self._runner = web.AppRunner(
            app,
            access_log=None,
            # A node that leaves cancels the work that is done for it.
            handler_cancellation=True,
            keepalive_timeout=KEEP_SECONDS,
            lingering_time=0,
            shutdown_timeout=GOODBYE_SECONDS,
            auto_decompress=False,
        )
        self._handshakes: Counter[str] = Counter()
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]

    async def run(self) -> None:
        """Until it is cancelled."""
        await self._runner.setup()
        try:
            async with anyio.create_task_group() as group:
                while True:
                    if (one := await self._accepted()) is not None:
                        group.start_soon(self._greet, *one)
        finally:
            self._socket.close()
            with anyio.CancelScope(shield=True):
                await self._runner.cleanup()

    def drop(self, id: str) -> None:
        """Close every connection of a node."""
        server = self._runner.server
        for handler in server.connections if server else ():
            transport = handler.transport
            if transport and self._gate.known(transport.get_extra_info("ssl_object")) == id:
                transport.abort()

    async def _accepted(self) -> tuple[socket.socket, str] | None:
        """The next caller, and where it calls from."""
        try:
            connection, address = await asyncio.get_running_loop().sock_accept(self._socket)
        except OSError:
            await anyio.sleep(PAUSE_SECONDS)
            return None
        if self._full(address[0]):
            connection.close()
            return None
        return connection, address[0]

    def _full(self, address: str) -> bool:
        server = self._runner.server
        return (
            self._handshakes[address] >= MOST_HANDSHAKES_EACH
            or self._handshakes.total() >= MOST_HANDSHAKES
            or (server is not None and len(server.connections) >= MOST_CONNECTIONS)
        )

    async def _greet(self, connection: socket.socket, address: str) -> None:
        self._handshakes[address] += 1
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            assert self._runner.server, "it was set up"
            await asyncio.get_running_loop().connect_accepted_socket(
                self._runner.server,
                connection,
                ssl=self._trust.context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=GOODBYE_SECONDS,
            )
        except OSError:
            # A stranger, or somebody who only looked whether anything is here.
            connection.close()
        except asyncio.CancelledError:
            connection.close()
            raise
        finally:
            self._handshakes[address] -= 1
            self._handshakes += Counter()


def _bound(host: str, port: int) -> socket.socket:
    every = not host
    family = socket.AF_INET6 if ":" in host or (every and socket.has_dualstack_ipv6()) else socket.AF_INET
    try:
        listening = socket.create_server(
            (host, port), family=family, backlog=256, dualstack_ipv6=every and family == socket.AF_INET6
        )
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTaken(
                f"The swarm port {port} is taken by another program. Choose another one with --swarm-port."
            ) from None
        raise SettingError(
            f"This machine cannot listen for other nodes at {host or 'any address'}: {error.strerror}. "
            "Choose one of its own addresses with --host."
        ) from None
    listening.setblocking(False)
    return listening
