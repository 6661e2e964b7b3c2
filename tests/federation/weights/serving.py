"""A node that lends, in a thread of its own, and others that only look like one."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web
from localswarm.federation.nodes import Endpoint
from localswarm.federation.weights.lending import Lending


@contextmanager
def lending(lender: Lending, context: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[web.AppRunner, int]:
        app = web.Application()
        app.add_routes(lender.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        return runner, runner.addresses[0][1]

    async def end() -> None:
        await runner.cleanup()
        await asyncio.sleep(0.05)  # in which the last connections close

    runner, port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield Endpoint("127.0.0.1", port)
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def pretending(answer: Callable[[socket.socket], None]) -> Iterator[Endpoint]:
    """What listens there does as `answer` says with each connection, once it has read the head of a request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, answer), daemon=True)
        thread.start()
        yield Endpoint(*server.getsockname())
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _serve(server: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            try:
                connection.recv(65536)
                answer(connection)
            except OSError:
                pass
