"""An MCP server made with the official library: `sdk_server.py` speaks stdio, `sdk_server.py PORT` HTTP."""

import os
import sys

from mcp.server.fastmcp import FastMCP, Image

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 0
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


server.run("streamable-http" if PORT else "stdio")
