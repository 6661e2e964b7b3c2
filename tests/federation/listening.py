"""A port of a test, where whatever was met is over when the test is."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HERE = "127.0.0.1"


@asynccontextmanager
async def listening(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port. Each connection is closed when its talk has ended or broken off, and aborted at the end."""
    talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        talks[task] = writer
        try:
            with contextlib.suppress(OSError):
                await talk(reader, writer)
            writer.close()
        except asyncio.CancelledError:  # the end of the test; a server makes an error of it in its log
            writer.transport.abort()
        finally:
            del talks[task]

    server = await asyncio.start_server(met, HERE, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        left = list(talks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(HERE, port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def relaying(port: int, said: list[bytes], heard: list[bytes]) -> Talk:
    """Carries what is said to the other port, and what is heard from there back."""

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, seen: list[bytes]) -> None:
        while data := await source.read(2**16):
            seen.append(data)
            sink.write(data)
        sink.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with connected(port) as (back, to):
            await asyncio.gather(carry(reader, to, said), carry(back, writer, heard))

    return relay
