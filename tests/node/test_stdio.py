"""`tools mcp`: the official client starts it, as coding agents do."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from localswarm.tools.audit import Audit
from mcp import ClientSession, McpError, StdioServerParameters, stdio_client, types
from mcp.client.session import MessageHandlerFnT

from ..running import MAIN
from ..tools.mcp.mounting import HERE
from .test_tool_port import Heard, open_port, said

RAW = HERE / "raw_server.py"


@asynccontextmanager
async def agent(state: Path, *words: str, heard: MessageHandlerFnT | None = None) -> AsyncIterator[ClientSession]:
    # Warnings of the program are seen in the test's output; its own output is the client's.
    command = [str(MAIN), "tools", "mcp", "--state-dir", str(state), *words]
    program = StdioServerParameters(command=sys.executable, args=command, env={**os.environ})
    async with stdio_client(program) as (read, write), ClientSession(read, write, message_handler=heard) as session:
        await session.initialize()
        yield session


async def test_a_folder_without_a_node(tmp_path: Path) -> None:
    folder, state = tmp_path / "project", tmp_path / "state"
    folder.mkdir()
    (folder / "a.txt").write_text("hello\n")
    async with agent(state, "--root", str(folder)) as mcp:
        names = {tool.name for tool in (await mcp.list_tools()).tools}
        assert {"read", "list", "grep"} <= names and "question" not in names
        assert said(await mcp.call_tool("read", {"path": "a.txt"})) == "hello\n"
        outside = await mcp.call_tool("read", {"path": "../state/tools.log"})
        assert outside.isError and "outside the project" in said(outside)
        asked = await mcp.call_tool("webfetch", {"url": "https://example.com/"})
        assert asked.isError and "--yes-tools" in said(asked)
        await mcp.call_tool("todowrite", {"todos": [{"content": "rest", "status": "pending"}]})
        assert said(await mcp.call_tool("todoread", {})) == "[ ] rest"
    assert [one.tool for one in Audit(state).last(9)] == ["read", "read", "webfetch", "todowrite", "todoread"]


async def test_the_tools_of_a_node_that_runs(tmp_path: Path) -> None:
    async with open_port(tmp_path) as (hosted, url), agent(tmp_path, "--url", url.replace("/mcp", "")) as mcp:
        assert [tool.name for tool in (await mcp.list_tools()).tools] == ["echo", "slow", "fails"]
        result = await mcp.call_tool("echo", {"text": "hi"})
        assert said(result) == "hi" and isinstance(result.content[1], types.ImageContent)
        assert (await mcp.call_tool("fails", {})).isError
    assert [(tool, state) for _, tool, state in hosted.log()] == [("echo", "done"), ("fails", "failed")]


async def test_other_tools_of_a_mounted_server_are_told(tmp_path: Path) -> None:
    folder, heard = tmp_path / "project", Heard()
    folder.mkdir()
    server = f"raw={sys.executable} {RAW}"
    words = ("--root", str(folder), "--yes-tools", "--mcp", server)
    async with agent(tmp_path / "state", *words, heard=heard) as mcp:
        await mcp.list_tools()
        await heard.until(1, 30)
        assert "raw_more" in {tool.name for tool in (await mcp.list_tools()).tools}
        before = heard.times
        await mcp.call_tool("raw_more", {})
        await heard.until(before + 1)
        assert "raw_newcomer" in {tool.name for tool in (await mcp.list_tools()).tools}


async def test_where_no_node_runs_it_says_so(tmp_path: Path) -> None:
    async with agent(tmp_path, "--url", "http://127.0.0.1:9") as mcp:
        with pytest.raises(McpError, match="cannot be reached"):
            await mcp.list_tools()
        called = await mcp.call_tool("read", {"path": "a.py"})
        (said,) = called.content
        assert called.isError and isinstance(said, types.TextContent) and said.text.startswith("Nothing was done. ")
        assert "cannot be reached" in said.text


def test_it_ends_with_its_input_and_says_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    command = [sys.executable, str(MAIN), "tools", "mcp", "--state-dir", str(tmp_path / "state")]
    ended = subprocess.run(
        [*command, "--root", str(tmp_path / "project")], input="rubbish\n", capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0 and all(line.startswith('{"') for line in ended.stdout.splitlines())
