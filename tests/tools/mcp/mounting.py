"""A tool host whose tools are those of one MCP server, run as the test says."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import anyio
from localswarm.chat import Outcome, ToolCall
from localswarm.settings.tools import Mount
from localswarm.tools.audit import Audit
from localswarm.tools.host import ToolHost
from localswarm.tools.mcp.mounted import Mounted
from localswarm.tools.policy import Rules
from localswarm.tools.registry import Registry
from localswarm.tools.tool import Caller

HERE = Path(__file__).parent
ME = Caller("me")


def script(name: str, *words: str) -> Mount:
    return Mount("srv", (sys.executable, str(HERE / name), *words))


@dataclass
class Mounting:
    host: ToolHost
    ids: "count[int]"

    def names(self) -> set[str]:
        return {spec.name for spec in self.host.specs()}

    async def until(self, *names: str, seconds: float = 30) -> None:
        """These tools are there, or with none: no tool is."""
        with anyio.fail_after(seconds):
            while not self.names() >= set(names) or bool(names) != bool(self.names()):  # noqa: ASYNC110
                await anyio.sleep(0.02)

    async def call(self, tool: str, **given: object) -> Outcome:
        return await self.host.execute(ToolCall(str(next(self.ids)), tool, json.dumps(given)), ME)

    def cancel_last(self) -> None:
        at = next(self.ids)
        assert self.host.cancel(str(at - 1), ME)


@asynccontextmanager
async def mounting(mount: Mount, state: Path, yes: bool = True, key: str = "") -> AsyncIterator[Mounting]:
    registry = Registry([])
    host = ToolHost(registry, Rules(yes=yes), Audit(state), str)
    async with anyio.create_task_group() as group:
        await group.start(host.run)
        group.start_soon(Mounted(mount, registry, state, key, first_pause=0.05, look=0.2).run)
        yield Mounting(host, count())
        group.cancel_scope.cancel()
