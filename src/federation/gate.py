"""Who may ask at all, and what goes wrong told in one form."""

import ssl
from collections.abc import Callable
from weakref import WeakKeyDictionary

from aiohttp import web
from aiohttp.typedefs import Middleware

from ..errors import Forbidden, NotFound, SwarmError, WrongMethod
from .routes import PEER, Handler, Offering
from .wire import versions
from .wire.faults import FAULT, fault_of

# aiohttp's own, which nobody reads and everybody would pay for each second.
NOT_SENT = ("Content-Type", "Date", "Server")


class Gate:
    """In front of every route. The peer is known by its certificate alone, never by what it says."""

    def __init__(self, offering: Offering, peer_id: Callable[[ssl.SSLObject], str]) -> None:
        self._offering = offering
        self._peer_id = peer_id
        self._known: WeakKeyDictionary[ssl.SSLObject, str] = WeakKeyDictionary()

    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            request[PEER] = peer = self._peer(request)
            self._check_version(request, peer)
            return await handler(request)
        except Forbidden as error:
            return _closed(_failed(error))
        except SwarmError as error:
            return _failed(error)
        except web.HTTPMethodNotAllowed:
            return _failed(WrongMethod("That is asked with another method between nodes."))
        except web.HTTPException as error:
            return _failed(NotFound(f"There is no such route between nodes (status {error.status})."))
        except ConnectionError:
            return _closed(web.Response())  # it has left; whatever else happens aiohttp logs, and tells as status 500

    def middleware(self) -> Middleware:
        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self.pass_through(request, handler)

        return gate

    def meet(self, connection: ssl.SSLObject) -> str | None:
        """Who is at the other end of a new connection; None where its certificate lies."""
        try:
            self._known[connection] = self._peer_id(connection)
        except Forbidden:
            return None
        return self._known[connection]

    def known(self, connection: ssl.SSLObject) -> str | None:
        """Who is at the other end of it."""
        return self._known.get(connection)

    def _peer(self, request: web.Request) -> str:
        connection = request.transport.get_extra_info("ssl_object") if request.transport else None
        if connection is None:
            raise Forbidden("The connection is closed.")
        if connection not in self._known:
            self._known[connection] = self._peer_id(connection)
        peer = self._known[connection]
        if self._offering.denied(peer):
            raise Forbidden("This node was told to forget yours.")
        return peer

    def _check_version(self, request: web.Request, peer: str) -> None:
        words = request.headers.get(versions.HEADER)
        if words == versions.WORDS:
            return
        try:
            versions.check(words, f"the node {peer}", f"the node {self._offering.report().about.id}")
        except SwarmError as error:
            self._offering.refused(peer, error.message)
            raise


async def strip(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Before every response."""
    for name in NOT_SENT:
        response.headers.popall(name, None)
    response.headers[versions.HEADER] = versions.WORDS


def _failed(error: SwarmError) -> web.Response:
    return web.Response(status=error.status, body=FAULT.dump(fault_of(error)))


def _closed(response: web.Response) -> web.Response:
    response.force_close()
    return response
