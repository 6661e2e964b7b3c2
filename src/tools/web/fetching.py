"""Gets one page. Names are looked up once, and only what was checked is connected to, after redirects too."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiohttp
import anyio
import psutil
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from ..tool import ToolFailed
from .addresses import is_public
from .body import body

SECONDS = 20.0  # for everything: a body that comes slowly ends here too
REDIRECTS = 5
MOVED = (301, 302, 303, 307, 308)
LONGEST = 2000
# What is asked for unpacked is sent packed by some; what comes is unpacked by us, within bounds.
HEADERS = {"User-Agent": "localswarm", "Accept": "text/html, text/*;q=0.9, */*;q=0.5", "Accept-Encoding": "identity"}

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Page:
    url: str  # where it was found in the end
    status: int
    kind: str  # as in `Content-Type`, without parameters
    charset: str
    content: bytes


async def lookup(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def public(address: str) -> bool:
    cards = psutil.net_if_addrs().values()
    return is_public(address, [(one.address, one.netmask) for card in cards for one in card if one.netmask])


class Web:
    """`open_to`: whether an address may be connected to."""

    def __init__(
        self, open_to: Callable[[str], bool] = public, lookup: Lookup = lookup, seconds: float = SECONDS
    ) -> None:
        self._open_to = open_to
        self._lookup = lookup
        self._seconds = seconds

    async def fetch(self, text: str) -> Page:
        try:
            with anyio.fail_after(self._seconds):
                return await self._follow(_url(text))
        except TimeoutError:
            raise ToolFailed(f"The page did not come within {self._seconds:g} seconds.") from None
        except (aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            raise ToolFailed(f"The page cannot be fetched: {str(error)[:200] or type(error).__name__}.") from None

    async def _follow(self, url: URL) -> Page:
        for _ in range(REDIRECTS + 1):
            page = await self._get(url)
            if isinstance(page, Page):
                return page
            url = page
        raise ToolFailed(f"The page was moved more than {REDIRECTS} times.")

    async def _get(self, url: URL) -> Page | URL:
        addresses = await self._addresses(url)
        connector = aiohttp.TCPConnector(resolver=_Known(addresses), use_dns_cache=False, force_close=True)
        async with aiohttp.ClientSession(
            connector=connector, auto_decompress=False, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            async with session.get(url, headers=HEADERS, allow_redirects=False) as answer:
                if answer.status in MOVED and "Location" in answer.headers:
                    return _url(str(url.join(URL(answer.headers["Location"]))))
                packed = answer.headers.get("Content-Encoding", "")
                content = await body(answer.content.iter_chunked(2**16), packed)
                return Page(str(url), answer.status, answer.content_type, answer.charset or "utf-8", content)

    async def _addresses(self, url: URL) -> Sequence[str]:
        """All of them have to be open: who names a closed one among others wants it to be taken."""
        assert url.host and url.port, "checked when it was read"
        found = await self._lookup(url.host, url.port)
        if not found or not all(self._open_to(address) for address in found):
            raise ToolFailed(f"{url.host} is not on the public internet. Nothing else is fetched.")
        return found


class _Known(AbstractResolver):
    """Tells what is known already, whatever it is asked."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in self._addresses
        ]  # fmt: skip

    async def close(self) -> None:
        return None


def _url(text: str) -> URL:
    if len(text) > LONGEST:
        raise ToolFailed(f"The address is longer than {LONGEST} characters.")
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host or not url.port:
        raise ToolFailed("Only addresses that begin with http:// or https:// can be fetched.")
    if url.user or url.password:
        raise ToolFailed("An address with a name or a password in it is not fetched.")
    return url
