"""The port on which programs reach the tools of this node alone, over HTTP and MCP."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version

import anyio
import uvicorn

from ..api.guard import Access
from ..api.tools.port import MCP, create_tool_app
from ..errors import PortTaken, SettingError
from ..settings import Settings
from .listen import listen
from .tools import ToolServer

# Together with what the node itself needs, less than the two seconds in which Ctrl-C ends it.
CLOSE_SECONDS = 0.5


class _Server(uvicorn.Server):
    """The node handles signals itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class ToolPort:
    def __init__(self, tools: ToolServer, access: Access, sockets: list[socket.socket]) -> None:
        # Here and not above: a node without tools need not wait for the library.
        from ..tools.mcp.http import OverHttp

        self._mcp = OverHttp(tools, version("localswarm"))
        self._sockets = sockets
        app = create_tool_app(tools, access, version("localswarm"), self._mcp)
        self._server = _Server(
            uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False)
        )

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
    sockets = listen_for_tools(settings, opened)
    tools.add(ToolPort(tools, access, sockets).run, _note(settings, sockets))


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


def _note(settings: Settings, sockets: list[socket.socket]) -> str:
    host, port = settings.host, sockets[0].getsockname()[1]
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    return f"programs reach these tools at {base}, and over MCP at {base}{MCP}"
