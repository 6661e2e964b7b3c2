"""An MCP server made with the official library: `sdk_server.py` speaks stdio, `sdk_server.py PORT [KEY]` HTTP."""

import os
import sys

import uvicorn
from mcp.server.fastmcp import Context, FastMCP, Image
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PORT, KEY = int(sys.argv[1]) if len(sys.argv) > 1 else 0, sys.argv[2] if len(sys.argv) > 2 else ""
DOT = b"\x89PNG\r\n"
server = FastMCP("sdk", port=PORT or 1, log_level="ERROR")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def dot() -> Image:
    """A picture."""
    return Image(data=DOT, format="png")


@server.tool()
def huge() -> str:
    """More than anybody reads."""
    return "x" * 20 * 2**20


@server.tool()
def die() -> str:
    """Ends the server."""
    os._exit(1)


@server.tool()
def tell(context: Context) -> str:
    """Gives away the key that it is sent."""
    request = context.request_context.request
    return f"it is {request.headers['authorization']}" if request else ""


@server.tool()
async def grow(context: Context) -> str:
    """Has one tool more from now on."""
    server.add_tool(lambda: "new", "newcomer")
    await context.session.send_tool_list_changed()
    return "grown"


class Locked:
    """Nobody gets in without the key."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = scope["type"] == "lifespan" or (b"authorization", f"Bearer {KEY}".encode()) in scope["headers"]
        await (self._app if inside else PlainTextResponse("no", 401))(scope, receive, send)


if KEY:
    uvicorn.run(Locked(server.streamable_http_app()), port=PORT, log_level="error")
else:
    server.run("streamable-http" if PORT else "stdio")
