"""The door to the other nodes: TLS on both sides, and no byte of HTTP for anybody who does not belong to the swarm."""

import asyncio
import errno
import socket
from collections.abc import Sequence

import anyio
from aiohttp import web

from ..errors import PortTaken, SettingError
from .gate import Gate, strip
from .race import Trust
from .routes import Offering, Routes
from .tool_routes import ToolRoutes

PORT = 17617
HANDSHAKE_SECONDS = 5.0
# Each costs some memory before it is known whose it is, and a node may call for hundreds of answers at once. Where
# there are more, whoever has taken longest gives way: a node is done in some milliseconds, and who only hangs is not.
MOST_HANDSHAKES = 384
MOST_HANDSHAKES_EACH = 256
# One for each answer that is being given, and one for each node. One node alone keeps nobody else out.
MOST_CONNECTIONS = 1024
MOST_CONNECTIONS_EACH = 512
KEEP_SECONDS = 75.0
# Whoever is still answered by then was given its time before.
# In which transports that were aborted are gone.
END_SECONDS = 0.02
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
        app.add_routes([*Routes(offering).table(), *ToolRoutes(offering).table(), *extra])
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
        self._handshakes: dict[anyio.CancelScope, str] = {}  # under way, the oldest first, and where they come from
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
            self.close()
            with anyio.CancelScope(shield=True):
                await self._end()

    def close(self) -> None:
        """Nobody else is let in."""
        self._socket.close()

    def drop(self, id: str) -> None:
        """Close every connection of a node."""
        for handler in self._handlers():
            if handler.transport and self._peer(handler) == id:
                handler.transport.abort()

    async def _end(self) -> None:
        """An orderly end of TLS would wait for callers that do not answer any more."""
        transports = [handler.transport for handler in self._handlers()]
        await self._runner.cleanup()
        for transport in transports:
            if transport:
                transport.abort()
        await anyio.sleep(END_SECONDS)

    async def _accepted(self) -> tuple[socket.socket, str] | None:
        """The next caller, and where it calls from. It is taken in one go: whoever is cancelled while he waits for it
        leaves nobody behind."""
        await anyio.wait_readable(self._socket)
        try:
            connection, address = self._socket.accept()
            connection.setblocking(False)
        except BlockingIOError:
            return None
        except OSError:
            await anyio.sleep(PAUSE_SECONDS)
            return None
        return connection, address[0]

    def _make_room(self, address: str) -> None:
        same = [scope for scope, other in self._handshakes.items() if other == address]
        if len(same) >= MOST_HANDSHAKES_EACH:
            same[0].cancel()
        elif len(self._handshakes) >= MOST_HANDSHAKES:
            next(iter(self._handshakes)).cancel()

    async def _greet(self, connection: socket.socket, address: str) -> None:
        self._make_room(address)
        with anyio.CancelScope() as scope:
            self._handshakes[scope] = address
            try:
                await self._shake_hands(connection)
            except OSError:
                pass  # a stranger, or somebody who only looked whether anything is here
            finally:
                del self._handshakes[scope]
                if scope.cancel_called:
                    connection.close()

    async def _shake_hands(self, connection: socket.socket) -> None:
        server = self._runner.server
        assert server, "it was set up"
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
            server,
            connection,
            ssl=self._trust.context,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
            ssl_shutdown_timeout=GOODBYE_SECONDS,
        )
        peer = self._gate.meet(transport.get_extra_info("ssl_object"))
        if peer is None or len(server.connections) > MOST_CONNECTIONS or self._of(peer) > MOST_CONNECTIONS_EACH:
            transport.abort()

    def _of(self, peer: str) -> int:
        return sum(self._peer(handler) == peer for handler in self._handlers())

    def _handlers(self) -> list[web.RequestHandler]:
        return list(self._runner.server.connections) if self._runner.server else []

    def _peer(self, handler: web.RequestHandler) -> str | None:
        return self._gate.known(handler.transport.get_extra_info("ssl_object")) if handler.transport else None


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
