"""Who may speak to this API at all. One check before every route, the unknown ones included.

A web page that the user visits can send requests to localhost, and with DNS rebinding even read the answers. So a
Host must be an address or a name of this machine, and whatever a browser sends from another site is refused, unless
it is one that may (see `origins`). Beyond loopback a key is required, but for pages that hold no secrets.
"""

import hmac
import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import BadRequest, Forbidden, SwarmError, Unauthorized
from . import failures, origins
from .failures import Shapes
from .origins import Origins

LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})


@dataclass(frozen=True, slots=True)
class Access:
    """None as key: everybody who can reach the port may speak; only ever so on loopback."""

    key: str | None = None
    names: frozenset[str] = field(default_factory=frozenset)
    origins: Origins = field(default_factory=Origins)


class Guard:
    """`open_paths`: they need no key."""

    def __init__(
        self, app: ASGIApp, access: Access, shapes: Shapes = (), open_paths: Collection[str] = frozenset()
    ) -> None:
        self._app = app
        self._access = access
        self._keyless = replace(access, key=None)
        self._shapes = shapes
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if is_foreign(headers) and self._access.origins.allow(headers["origin"]):
            send = partial(_readable, send, headers["origin"])
        await (self._refused(scope, headers) or self._app)(scope, receive, send)

    def _refused(self, scope: Scope, headers: Headers) -> Response | None:
        """What is answered here already."""
        asks_first = origins.is_preflight(scope["method"], headers)
        keyless = asks_first or scope["path"] in self._open_paths
        try:
            check(headers, self._keyless if keyless else self._access)
        except SwarmError as error:
            return failures.to_response(error, failures.shape_of(scope["path"], self._shapes, headers))
        return Response(status_code=204, headers=origins.preflight_headers(headers)) if asks_first else None


def check(headers: Mapping[str, str], access: Access) -> None:
    _check_host(headers.get("host", ""), access)
    _check_browser(headers, access)
    if access.key is not None and not _same(access.key, _given_key(headers)):
        raise Unauthorized("A valid API key is required: send it as 'Authorization: Bearer KEY'.")


def _check_host(host: str, access: Access) -> None:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    if not name:
        raise BadRequest("The Host header is missing or malformed.")
    if not (_is_address(name) or name in LOOPBACK_NAMES or name in access.names):
        raise Forbidden(f"This server does not answer to the name '{name}'. Use its IP address, or localhost.")


def _check_browser(headers: Mapping[str, str], access: Access) -> None:
    if is_foreign(headers) and not access.origins.allow(headers["origin"]):
        raise Forbidden(
            f"Requests of web pages from {headers['origin'][:80]} are not allowed; --allow-origin names those that are."
        )
    if "origin" not in headers and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Forbidden("Requests of web pages from other sites are not allowed.")


def is_foreign(headers: Mapping[str, str]) -> bool:
    """From a web page that is not one of ours."""
    host = headers.get("host", "")
    return "origin" in headers and headers["origin"] not in (f"http://{host}", f"https://{host}")


async def _readable(send: Send, origin: str, message: Message) -> None:
    if message["type"] == "http.response.start":
        MutableHeaders(scope=message).update(origins.reading_headers(origin))
    await send(message)


def _given_key(headers: Mapping[str, str]) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def _same(key: str, given: str) -> bool:
    return hmac.compare_digest(key.encode(), given.encode("utf-8", "surrogateescape"))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
