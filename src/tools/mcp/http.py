"""MCP over streamable HTTP: an application for a route, that works while `run` does."""

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from ..arguments import LONGEST
from .offered import Offered, Tools

# A client that was killed never ends its session.
IDLE_SECONDS = 30 * 60.0
SESSIONS = 200
SESSION = "mcp-session-id"


class OverHttp:
    """Sessions are kept: a call can only be cancelled, and its caller only be named, within one. Where there are too
    many, the one that nobody has used for longest gives way: its client begins another."""

    def __init__(self, tools: Tools, version: str, most: int = SESSIONS) -> None:
        self._offered = Offered(tools, version)
        self._sessions = StreamableHTTPSessionManager(
            self._offered.server,
            session_idle_timeout=IDLE_SECONDS,
            max_sessions=most,
            max_request_body_size=LONGEST,
        )
        self._most = most
        # How many requests of each are open, a stream that listens too; those that were used last come last.
        self._open: OrderedDict[str, int] = OrderedDict()

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        async with self._sessions.run(), anyio.create_task_group() as group:
            group.start_soon(self._offered.run)
            yield
            group.cancel_scope.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        id = Headers(scope=scope).get(SESSION)
        if id is None:
            await self._make_room(scope)
        elif id in self._open:
            self._open[id] += 1
            self._open.move_to_end(id)
        try:
            await self._sessions.handle_request(scope, receive, self._watched(send))
        finally:
            if id is not None and id in self._open:
                self._open[id] -= 1

    def _watched(self, send: Send) -> Send:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                if message["status"] == 200 and SESSION in headers:
                    self._open.setdefault(headers[SESSION], 0)
            await send(message)

        return watched

    async def _make_room(self, scope: Scope) -> None:
        while len(self._open) >= self._most:
            oldest = next((id for id, open in self._open.items() if not open), None)
            if oldest is None:
                return
            del self._open[oldest]
            headers = [(b"host", Headers(scope=scope).get("host", "").encode()), (SESSION.encode(), oldest.encode())]
            await self._sessions.handle_request({**scope, "method": "DELETE", "headers": headers}, _nothing, _nowhere)


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _nowhere(message: Message) -> None:
    return None
