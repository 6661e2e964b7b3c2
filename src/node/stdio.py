"""MCP over standard input and output, for a program that starts us: the tools of a node, or those of a folder."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import anyio

from ..chat import Outcome, ToolCall, ToolSpec
from ..errors import SwarmError
from ..settings import Settings
from ..state import State
from ..swarm.distant import Distant
from ..tools.client import HttpHost
from ..tools.mcp.stdio import serve
from .tools import tool_server
from .version import VERSION


class OfNode:
    """The tools of a node that runs. It may be started later, and again in between."""

    def __init__(self, url: str, key: str | None) -> None:
        self._host = HttpHost(url, key)
        self._hands = Distant(lambda: self._host)

    async def specs(self) -> Sequence[ToolSpec]:
        return await self._hands.specs()

    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome:
        return await self._hands.execute(call, who, session)

    async def cancel(self, id: str) -> bool:
        with suppress(SwarmError):
            return await self._host.cancel(id)
        return False


def of_node(url: str, key: str | None) -> None:
    """Until the input ends."""
    anyio.run(serve, OfNode(url, key), VERSION)


def of_folder(settings: Settings) -> None:
    """The same, with a tool host of our own."""
    with State(settings.state_dir):  # which makes the folder
        tools = tool_server(replace(settings, tool_server=True))
    assert tools, "it was asked for"

    async def served() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(tools.run)
            await serve(tools, VERSION)
            group.cancel_scope.cancel()

    anyio.run(served)
