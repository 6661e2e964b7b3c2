"""A node with a mounted server and an agent on its port: started by the command line, and ended by Ctrl-C."""

import re
import sys
from pathlib import Path

import anyio
import anyio.to_thread
import psutil
from mcp import ClientSession

from ..running import RunningNode
from ..tools.mcp.mounting import HERE
from .test_tool_port import said, session
from .test_tools import a_project


async def test_a_mounted_tool_is_called_over_mcp_and_nothing_is_left(tmp_path: Path) -> None:
    server = f"raw={sys.executable} {HERE / 'raw_server.py'}"
    with a_project() as project:
        flags = ("--tool-server", "--root", str(project), "--yes-tools", "--mcp", server, "--mcp", "dead=no-such-thing")
        with RunningNode(tmp_path, *flags) as node:
            found = re.search(r"over MCP at (\S+)", node.output)
            assert found and "raw_*, dead_*" in node.output
            async with session(found.group(1)) as agent:
                assert await listed(agent, "raw_echo") >= {"read", "list", "raw_echo"}
                assert said(await agent.call_tool("raw_echo", {"text": "hi"})) == "hi"
                mounted = [one for one in psutil.process_iter(["cmdline"]) if ours(one)]
                assert mounted
                seconds, code = await anyio.to_thread.run_sync(node.stop)
            assert seconds < 2 and code == 0
        assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in mounted)


def ours(process: psutil.Process) -> bool:
    return str(HERE / "raw_server.py") in (process.info["cmdline"] or [])


async def listed(agent: ClientSession, name: str) -> set[str]:
    """As soon as this one is there."""
    with anyio.fail_after(30):
        while True:
            names = {tool.name for tool in (await agent.list_tools()).tools}
            if name in names:
                return names
            await anyio.sleep(0.1)
