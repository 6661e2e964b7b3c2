"""A real tool host with tools that only wait, for nodes of one swarm in one process."""

import asyncio
from pathlib import Path

import anyio
import anyio.lowlevel
from localswarm.chat import Image
from localswarm.node.hands import Shared
from localswarm.node.tools import ToolServer
from localswarm.tools.audit import Audit
from localswarm.tools.host import ToolHost
from localswarm.tools.policy import Rules
from localswarm.tools.registry import Registry
from localswarm.tools.tool import Arguments, Output, Scope, Tool

SECONDS = {"type": "object", "properties": {"seconds": {"type": "number"}}, "additionalProperties": False}
DOT = Image("data:image/png;base64,iVBORw0=")


class Tooled:
    """`ran`: who called, once for each time that a tool was run. `async with`: its calls are carried out."""

    def __init__(self, folder: Path, *members: str) -> None:
        self.ran: list[str] = []
        self.log = Audit(folder)
        tools = Registry([Tool("wait", "Waits.", SECONDS, self._wait, "allow", seconds=300)])
        self.server = ToolServer(ToolHost(tools, Rules(), self.log, str), (), ())
        self.shared = Shared(self.server, members)

    async def __aenter__(self) -> "Tooled":
        self._task = asyncio.create_task(self.server.run())
        await anyio.lowlevel.checkpoint()
        return self

    async def __aexit__(self, *failure: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _wait(self, given: Arguments, scope: Scope) -> Output:
        self.ran.append(scope.caller.id)
        await anyio.sleep(given.get("seconds", 0))
        return Output("waited", (DOT,))
