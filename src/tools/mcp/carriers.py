"""How messages get to an MCP server that is mounted and back: through a process of ours, or over HTTP.

The library's own client of processes reads a line of any length, in time that grows with its square.
"""

import json
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn

import anyio
import httpx
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCMessage

from .log import Log
from .trouble import MountFailed

LARGEST = 8 * 2**20  # bytes of one message, or of one answer over HTTP
# A node that is told to stop does so within two seconds.
END_SECONDS = 0.5
CONNECT_SECONDS = 10.0
READ_SECONDS = 300.0

Read = MemoryObjectReceiveStream[SessionMessage | Exception]
Write = MemoryObjectSendStream[SessionMessage]


@asynccontextmanager
async def process(command: Sequence[str], log: Path) -> AsyncIterator[tuple[Read, Write]]:
    """A server that we start. It gets none of the node's variables but where programs and the home are. When it ends,
    so does the block, with MountFailed."""
    try:
        # A group of its own: what it starts ends with it.
        started = await anyio.open_process(command, env=get_default_environment(), start_new_session=True)
    except OSError as error:
        raise MountFailed(f"cannot be started: {command[0]}: {error.strerror}") from None
    assert started.stdin and started.stdout and started.stderr
    said, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, asked = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_write, started.stdin, asked)
            group.start_soon(Log(log).copy, started.stderr)
            group.start_soon(_read, started, started.stdout, said)
            yield read, write
            group.cancel_scope.cancel()
    finally:
        for stream in (said, read, write, asked):
            stream.close()
        with anyio.CancelScope(shield=True):
            await _end(started)


async def _end(started: Process) -> None:
    assert started.stdin
    with suppress(anyio.BrokenResourceError):
        await started.stdin.aclose()
    with anyio.move_on_after(END_SECONDS):
        await started.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(started.pid, signal.SIGKILL)
    await started.aclose()


async def _write(stdin: ByteSendStream, asked: MemoryObjectReceiveStream[SessionMessage]) -> None:
    # A process that is gone is noticed where it is read from.
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        async for one in asked:
            await stdin.send(one.message.model_dump_json(by_alias=True, exclude_none=True).encode() + b"\n")


async def _read(
    started: Process, stdout: ByteReceiveStream, said: MemoryObjectSendStream[SessionMessage | Exception]
) -> None:
    line = bytearray()
    with suppress(anyio.BrokenResourceError):
        async for chunk in stdout:
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                if message := _message(bytes(line + end)):
                    await said.send(message)
                line.clear()
            line += rest
            if len(line) > LARGEST:
                raise MountFailed(f"said more than {LARGEST // 2**20} MiB at once, and was ended")
    raise MountFailed("has ended")


def _message(line: bytes) -> SessionMessage | None:
    """None for what is no message: many print other things there."""
    try:
        return SessionMessage(JSONRPCMessage.model_validate(json.loads(line)))
    except (ValueError, RecursionError):
        return None


@asynccontextmanager
async def http(url: str, key: str = "") -> AsyncIterator[tuple[Read, Write]]:
    """A server at an address. Where an answer of it breaks off, the block ends with MountFailed: the library goes on
    waiting for that answer. The key goes to this server alone: a redirection to another one is not followed."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = httpx.Timeout(CONNECT_SECONDS, read=READ_SECONDS)
    transport = _Bounded()
    # What a program's variables say of proxies is for the program's user, and not for whoever answers here.
    async with httpx.AsyncClient(headers=headers, transport=transport, timeout=timeout, trust_env=False) as client:
        async with anyio.create_task_group() as group, streamable_http_client(url, http_client=client) as streams:
            group.start_soon(transport.fail)
            yield streams[:2]
            group.cancel_scope.cancel()


class _Bounded(httpx.AsyncHTTPTransport):
    """No answer is larger than LARGEST, and none grows while it is unpacked."""

    def __init__(self) -> None:
        super().__init__()
        self._broken = anyio.Event()

    async def fail(self) -> NoReturn:
        """When an answer broke off."""
        await self._broken.wait()
        raise MountFailed("broke off an answer, or said too much")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["accept-encoding"] = "identity"
        if request.method == "GET":
            # What a server says by itself may come once in a week. That it is there at all is asked beside it.
            request.extensions["timeout"] = {**request.extensions["timeout"], "read": None}
        response = await super().handle_async_request(request)
        if "content-encoding" in response.headers:
            await response.aclose()
            raise httpx.ReadError("It was not asked to pack its answers.", request=request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        # The other stream, of what the server says by itself, is opened again.
        counted = _Counted(response.stream, self._broken if request.method == "POST" else anyio.Event())
        return httpx.Response(
            response.status_code, headers=response.headers, stream=counted, extensions=response.extensions
        )


class _Counted(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, broken: anyio.Event) -> None:
        self._stream = stream
        self._broken = broken

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        try:
            async for chunk in self._stream:
                total += len(chunk)
                if total > LARGEST:
                    raise httpx.ReadError(f"It is longer than {LARGEST} bytes.")
                yield chunk
        except httpx.HTTPError:
            self._broken.set()
            raise

    async def aclose(self) -> None:
        await self._stream.aclose()
