"""MCP over streamable HTTP: an application for a route, that works while `run` does."""

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from ..arguments import LONGEST
from .offered import Offered, Tools

# A client that was killed never ends its session.
IDLE_SECONDS = 30 * 60.0
SESSIONS = 200


class OverHttp:
    """Sessions are kept: a call can only be cancelled, and its caller only be named, within one."""

    def __init__(self, tools: Tools, version: str) -> None:
        self._sessions = StreamableHTTPSessionManager(
            Offered(tools, version).server,
            session_idle_timeout=IDLE_SECONDS,
            max_sessions=SESSIONS,
            max_request_body_size=LONGEST,
        )
        self.run = self._sessions.run

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._sessions.handle_request(scope, receive, send)
