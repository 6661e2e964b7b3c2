"""A port of this machine's loopback that leads to what another node lends, for one process alone."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import anyio
import psutil

from ...errors import BadRequest, NotFound, SwarmError, Unavailable
from ...swarm.neighbours import Holding
from ..calling import BASE, CONNECT_SECONDS, session
from ..nodes import Endpoint
from ..race import Lost, Reached, Trust, race
from ..wire import versions
from ..wire.faults import FAULT, error_of
from .lending import BLOCK, until_one_ends
from .terms import MOST_TERMS_BYTES, NOT_LENT, PATH, TERMS, Terms

LOOPBACK = "127.0.0.1"
# The lender starts a server first; with a GPU that takes its time.
OPEN_SECONDS = 30.0
ASK_SECONDS = 5.0
LOOK_SECONDS = 0.5
AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Creditor:
    """A node that lends. `endpoints`: where it was when it was asked."""

    id: str
    name: str
    endpoints: tuple[Endpoint, ...]

    def __str__(self) -> str:
        return self.name or self.id


class Ways(Protocol):
    """What the swarm knows of the way to a node."""

    def trust(self) -> Trust: ...

    def endpoints(self, id: str) -> Sequence[Endpoint]: ...

    def gone(self, id: str) -> bool:
        """It does not answer anybody any more: a connection to one that stands still never says so."""
        ...


class Tunnel:
    """`client`: the process that may use it; None while there is none."""

    def __init__(self, creditor: Creditor, ways: Ways, client: Callable[[], int | None]) -> None:
        self.creditor = creditor
        self.trouble = ""  # why it ended last
        self.since = time.monotonic()  # that it is open, or is not
        self._open = False
        self._ways = ways
        self._client = client
        self._socket = socket.create_server((LOOPBACK, 0), backlog=1)
        self._socket.setblocking(False)

    @property
    def endpoint(self) -> str:
        return f"{LOOPBACK}:{self._socket.getsockname()[1]}"

    @property
    def condition(self) -> Holding:
        if self._open:
            return "alive"
        return "lost" if self.trouble else "waiting"

    async def run(self) -> None:
        """Until it is cancelled; one connection after the other."""
        with self._socket:
            while True:
                connection, address = await asyncio.get_running_loop().sock_accept(self._socket)
                with connection:
                    if await asyncio.to_thread(_is_of, self._client(), address):
                        await self._carry(connection)

    async def lent(self) -> None:
        """Wait until it lends again."""
        while True:
            with suppress(SwarmError):
                if (await self._terms()).parts:
                    return
            await anyio.sleep(AGAIN_SECONDS)

    async def _carry(self, connection: socket.socket) -> None:
        self.trouble = ""
        reader, writer = await asyncio.open_connection(sock=connection, limit=BLOCK)
        try:
            await until_one_ends(self._through(reader, writer), self._watch())
        finally:
            self._stand(open=False)
            writer.transport.abort()

    def _stand(self, open: bool) -> None:
        if open != self._open:
            self._open, self.since = open, time.monotonic()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        over = asyncio.Event()
        try:
            reached = await self._reached()
            async with self._calling(reached) as calling:
                async with asyncio.timeout(OPEN_SECONDS) as limit, self._post(calling, _blocks(reader, over)) as answer:
                    limit.reschedule(None)
                    await _check(answer)
                    self._stand(open=True)
                    await until_one_ends(_fill(answer.content, writer), _told(over))
        except SwarmError as error:
            self.trouble = self._sentence(f"cannot be used: {error.message.rstrip('.')}")
        except (aiohttp.ClientError, OSError):
            self.trouble = self._sentence("is lost: the connection broke")
        else:
            self.trouble = "" if over.is_set() else self._sentence("has ended its loan")

    async def _watch(self) -> None:
        while not self._ways.gone(self.creditor.id):  # noqa: ASYNC110 - others find out, and have no event for it
            await anyio.sleep(LOOK_SECONDS)
        self.trouble = self._sentence("is lost: it does not answer any more")

    def _post(
        self, calling: aiohttp.ClientSession, blocks: AsyncIterator[bytes]
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        # Nothing is said in either direction while the model has nothing to do.
        quiet = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=None)
        context = self._ways.trust().context
        return calling.post(BASE + PATH, data=blocks, ssl=context, allow_redirects=False, timeout=quiet)

    async def _terms(self) -> Terms:
        reached = await self._reached()
        try:
            async with asyncio.timeout(ASK_SECONDS), self._calling(reached) as calling:
                answer = await calling.get(BASE + PATH, ssl=self._ways.trust().context, allow_redirects=False)
                await _check(answer)
                return TERMS.load(await answer.content.read(MOST_TERMS_BYTES))
        except (aiohttp.ClientError, OSError) as error:
            raise Lost(f"The connection broke ({type(error).__name__}).") from None

    def _calling(self, reached: Reached) -> aiohttp.ClientSession:
        return session(self.creditor.id, self._ways.trust(), lambda: reached.endpoint)

    async def _reached(self) -> Reached:
        now = self._ways.endpoints(self.creditor.id)
        places = dict.fromkeys((*now, *self.creditor.endpoints))
        return await race(tuple(places), self._ways.trust(), self.creditor.id)

    def _sentence(self, what: str) -> str:
        return f"The machine {self.creditor}, which holds a part of this model, {what}."


async def _blocks(reader: asyncio.StreamReader, over: asyncio.Event) -> AsyncIterator[bytes]:
    with suppress(OSError):
        while block := await reader.read(BLOCK):
            yield block
    over.set()


async def _told(over: asyncio.Event) -> None:
    await over.wait()


async def _fill(content: aiohttp.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await content.readany():
        writer.write(block)
        # Where the process has ended its own side says so.
        with suppress(ConnectionError):
            await writer.drain()


async def _check(answer: aiohttp.ClientResponse) -> None:
    versions.check(answer.headers.get(versions.HEADER), "the node that lends")
    if answer.status == 404:
        raise NotFound(NOT_LENT)
    if answer.status != 200:
        raise _refusal(answer.status, await answer.content.read(MOST_TERMS_BYTES))


def _refusal(status: int, data: bytes) -> SwarmError:
    try:
        return error_of(FAULT.load(data))
    except BadRequest:
        return Unavailable(f"It answered with status {status}.")


def _is_of(process: int | None, address: tuple[str, int]) -> bool:
    """Whoever reaches the port reaches the other machine's memory: other users of this one must not."""
    if process is None:
        return False
    try:
        return any(one.laddr == address for one in psutil.Process(process).net_connections("tcp4"))
    except psutil.Error:
        return False
