"""The port on which programs reach the tools of this node alone, over HTTP and MCP."""

import socket
from contextlib import ExitStack

import anyio

from ..api.guard import Access
from ..api.tools.port import MCP, create_tool_app
from ..errors import PortTaken, SettingError
from ..settings import Settings
from .doors import Doors
from .listen import listen
from .server import CLOSE_SECONDS, Server
from .tools import ToolServer
from .version import VERSION


class ToolPort:
    def __init__(self, tools: ToolServer, doors: Doors) -> None:
        # Here and not above: a node without tools need not wait for the library.
        from ..tools.mcp.http import OverHttp

        self._mcp = OverHttp(tools, VERSION)
        self._sockets = doors.sockets
        self._server = Server(create_tool_app(tools, doors.access, VERSION, self._mcp))

    async def run(self) -> None:
        try:
            async with self._mcp.run():
                await self._server.serve(self._sockets)
        finally:
            # Programs keep a stream open for as long as they live.
            self._server.force_exit = True
            with anyio.move_on_after(CLOSE_SECONDS, shield=True):
                await self._server.shutdown(self._sockets)


def open_tool_port(tools: ToolServer | None, settings: Settings, access: Access, opened: ExitStack) -> None:
    """Served for as long as the tools are there, and named among their notes."""
    if tools is None:
        return
    doors = Doors(settings.host, listen_for_tools(settings, opened), access)
    note = f"programs reach these tools at {doors.url}, and over MCP at {doors.url}{MCP}"
    tools.add(ToolPort(tools, doors).run, note)


def listen_for_tools(settings: Settings, opened: ExitStack) -> list[socket.socket]:
    """Empty where it is no tool host. PortTaken or SettingError, in words of this port."""
    return [opened.enter_context(each) for each in _listen(settings)] if settings.tool_server else []


def _listen(settings: Settings) -> list[socket.socket]:
    port = settings.tool_port
    try:
        return listen(settings.host, port)
    except PortTaken:
        raise PortTaken(
            f"Port {port}, where programs reach the tools of this node, is taken by another program, perhaps a node "
            f"that is a tool host already. Take another: --tool-port {port + 1}, or any that is free: --tool-port 0"
        ) from None
    except SettingError as error:
        raise SettingError(f"--tool-port {port}: nobody can listen there. {error.message}") from None
