"""aiohttp's client, made so that it calls one node and nobody else."""

import asyncio
import socket
from collections.abc import Callable

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ..errors import SwarmError
from .nodes import Endpoint
from .race import Trust
from .wire import versions

CONNECT_SECONDS = 2.0
# Every two seconds a member at work says so: three in a row are not lost by chance.
SILENT_SECONDS = 6.0
# A little less than the server keeps them.
KEEP_SECONDS = 30.0
# The name that stands for the node in its URLs: what it resolves to is the address that was raced for.
BASE = "https://node"
# Nobody reads them, and each probe would pay for them.
NOT_SENT = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


class Stranger(aiohttp.ClientConnectionError):
    """The address belongs to somebody else by now."""


def session(id: str, trust: Trust, endpoint: Callable[[], Endpoint | None]) -> aiohttp.ClientSession:
    """`endpoint`: where new connections go."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=_Proof(id, trust),
            resolver=_Kept(endpoint),
            use_dns_cache=False,
            limit=0,
            keepalive_timeout=KEEP_SECONDS,
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS),
        headers={versions.HEADER: versions.WORDS},
        skip_auto_headers=NOT_SENT,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


class _Proof(aiohttp.Fingerprint):
    """aiohttp asks it about each new connection before the first byte is sent there. The certificate was checked by
    then; here it is checked to be that of the one node."""

    def __init__(self, id: str, trust: Trust) -> None:
        super().__init__(bytes(32))
        self._id = id
        self._trust = trust

    def check(self, transport: asyncio.Transport) -> None:
        try:
            found = self._trust.peer_id(transport.get_extra_info("ssl_object"))
        except SwarmError as error:
            found = error.message
        if found != self._id:
            transport.abort()
            raise Stranger(f"At the address of {self._id} is somebody else: {found}")


class _Kept(AbstractResolver):
    def __init__(self, endpoint: Callable[[], Endpoint | None]) -> None:
        self._endpoint = endpoint

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        endpoint = self._endpoint()
        if endpoint is None:
            raise OSError("no address of the node is known")
        kind = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
        return [
            ResolveResult(hostname=host, host=endpoint.host, port=endpoint.port, family=kind, proto=0, flags=0),
        ]

    async def close(self) -> None:
        """Nothing is held."""
