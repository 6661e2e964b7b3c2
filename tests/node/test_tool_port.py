"""The port of a tool host: real sockets, the official client, and who is kept out."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from localswarm.api.guard import Access
from localswarm.api.origins import Origins
from localswarm.chat import Image
from localswarm.errors import PortTaken
from localswarm.node.tool_port import listen_for_tools, open_tool_port
from localswarm.node.tools import ToolServer
from localswarm.settings import Settings
from localswarm.tools.audit import Audit
from localswarm.tools.executors.question import question
from localswarm.tools.host import ToolHost
from localswarm.tools.mcp.http import SESSIONS
from localswarm.tools.policy import Rules
from localswarm.tools.registry import Registry
from localswarm.tools.texts import Texts
from localswarm.tools.tool import Arguments, Output, Scope, Tool
from mcp import ClientSession, McpError, types
from mcp.client.session import MessageHandlerFnT
from mcp.client.streamable_http import streamable_http_client

PROMPTS = Path(__file__).parents[2] / "config" / "prompts"
TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "additionalProperties": False}
DOT = "data:image/png;base64,iVBORw0="
HOST = Settings(tool_server=True, tool_port=0)
AGENT = types.Implementation(name="my agent", version="1")


class Hosted:
    """Tools that a test watches, on a port of their own."""

    def __init__(self, state: Path) -> None:
        tools = [
            Tool("echo", "Says it again.", TEXT, self._echo, "allow"),
            Tool("slow", "", TEXT, self._slow, "allow"),
            Tool("fails", "", TEXT, self._fails, "allow"),
            question(Texts(PROMPTS / "tools")),
        ]
        self.state = state
        self.begun, self.ended, self.go = anyio.Event(), anyio.Event(), anyio.Event()
        self.at_once = self.most = 0
        self.registry = Registry(tools)
        self.server = ToolServer(ToolHost(self.registry, Rules(), Audit(state), str), (), ())

    def lend(self, *names: str) -> None:
        """As a server that is mounted does."""
        self.registry.replace("guest", [Tool(name, "", TEXT, self._echo, "allow") for name in names])

    async def _echo(self, given: Arguments, scope: Scope) -> Output:
        return Output(given.get("text", ""), (Image(DOT),))

    async def _fails(self, given: Arguments, scope: Scope) -> Output:
        return Output("no such thing", failed=True)

    async def _slow(self, given: Arguments, scope: Scope) -> Output:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.begun.set()
        try:
            await self.go.wait()
            return Output(given.get("text", ""))
        finally:
            self.at_once -= 1
            self.ended.set()

    def log(self) -> list[tuple[str, str, str]]:
        return [(one.name, one.tool, one.state) for one in Audit(self.state).last(1000)]


@asynccontextmanager
async def open_port(state: Path, access: Access | None = None) -> AsyncIterator[tuple[Hosted, str]]:
    hosted = Hosted(state)
    with ExitStack() as opened:
        open_tool_port(hosted.server, HOST, access or Access(), opened)
        (note,) = hosted.server.notes
        async with anyio.create_task_group() as group:
            group.start_soon(hosted.server.run)
            url = note.rpartition(" ")[2]
            await until_open(url)
            yield hosted, url
            group.cancel_scope.cancel()


async def until_open(url: str) -> None:
    with anyio.fail_after(10):
        while True:
            try:
                async with httpx.AsyncClient() as client:
                    await client.get(url.replace("/mcp", "/health"))
                return
            except httpx.ConnectError:
                await anyio.sleep(0.02)


@asynccontextmanager
async def session(url: str, key: str = "", heard: MessageHandlerFnT | None = None) -> AsyncIterator[ClientSession]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx.AsyncClient(headers=headers, timeout=60) as client,
        streamable_http_client(url, http_client=client) as (read, write, _),
        ClientSession(read, write, message_handler=heard, client_info=AGENT) as opened,
    ):
        await opened.initialize()
        yield opened


class Heard:
    """How often a client was told that there are other tools."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, message: object) -> None:
        if isinstance(message, types.ServerNotification):
            self.times += isinstance(message.root, types.ToolListChangedNotification)

    async def until(self, times: int, seconds: float = 10.0) -> None:
        with anyio.fail_after(seconds):
            while self.times < times:  # noqa: ASYNC110
                await anyio.sleep(0.02)


def said(result: types.CallToolResult) -> str:
    assert isinstance(result.content[0], types.TextContent)
    return result.content[0].text


async def test_the_list_has_schemas_and_nothing_that_only_a_client_can_do(tmp_path: Path) -> None:
    async with open_port(tmp_path) as (_, url), session(url) as mcp:
        tools = (await mcp.list_tools()).tools
    assert [tool.name for tool in tools] == ["echo", "slow", "fails"]
    assert tools[0].inputSchema == TEXT and tools[0].description == "Says it again."


async def test_who_has_the_list_is_told_once_when_it_is_another(tmp_path: Path) -> None:
    one, other = Heard(), Heard()
    async with open_port(tmp_path) as (hosted, url), session(url, heard=one) as mcp, session(url, heard=other):
        capabilities = mcp.get_server_capabilities()
        assert capabilities and capabilities.tools and capabilities.tools.listChanged
        await mcp.list_tools()
        hosted.lend("git_log")
        await one.until(1)
        assert "git_log" in [tool.name for tool in (await mcp.list_tools()).tools]
        hosted.lend()
        await one.until(2)
        hosted.lend()
        await anyio.sleep(2.5)
        assert (one.times, other.times) == (2, 0), "the other one has no list"


async def test_calls_and_what_comes_of_them(tmp_path: Path) -> None:
    async with open_port(tmp_path) as (hosted, url), session(url) as mcp:
        good = await mcp.call_tool("echo", {"text": "hi"})
        assert not good.isError and said(good) == "hi"
        assert isinstance(good.content[1], types.ImageContent) and good.content[1].data == "iVBORw0="
        failed = await mcp.call_tool("fails", {})
        assert failed.isError and said(failed) == "no such thing"
        wrong = await mcp.call_tool("echo", {"text": 7})
        assert wrong.isError and "`text` of echo cannot be used" in said(wrong)
        for name in ("nix", "question"):
            with pytest.raises(McpError, match=f"no tool '{name}'"):
                await mcp.call_tool(name, {})
    assert hosted.log() == [
        ("my agent 127.0.0.1", "echo", "done"),
        ("my agent 127.0.0.1", "fails", "failed"),
        ("my agent 127.0.0.1", "echo", "failed"),
    ]


async def test_twenty_at_once_and_none_is_taken_for_another(tmp_path: Path) -> None:
    answers: dict[int, str] = {}

    async with open_port(tmp_path) as (hosted, url), session(url) as one, session(url) as other:

        async def call(mcp: ClientSession, number: int) -> None:
            answers[number] = said(await mcp.call_tool("slow", {"text": str(number)}))

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(call, (one, other)[number % 2], number)
            with anyio.fail_after(30):
                while hosted.at_once < 20:  # noqa: ASYNC110
                    await anyio.sleep(0.02)
            hosted.go.set()
    assert answers == {number: str(number) for number in range(20)} and hosted.most == 20


async def test_a_request_that_is_cancelled_ends_the_call(tmp_path: Path) -> None:
    async with open_port(tmp_path) as (hosted, url), session(url) as mcp, anyio.create_task_group() as group:
        group.start_soon(refused, mcp)
        await hosted.begun.wait()
        # The client counts its requests, and the first was to open the session.
        cancelled = types.CancelledNotification(params=types.CancelledNotificationParams(requestId=1))
        await mcp.send_notification(types.ClientNotification(cancelled))
        with anyio.fail_after(5):
            await hosted.ended.wait()
            while not hosted.log()[-1][2]:  # noqa: ASYNC110
                await anyio.sleep(0.02)
    assert hosted.log() == [("my agent 127.0.0.1", "slow", "cancelled")]


async def refused(mcp: ClientSession) -> None:
    with pytest.raises(McpError, match="cancelled"):
        await mcp.call_tool("slow", {})


async def test_a_client_that_is_killed_leaves_its_call_to_end(tmp_path: Path) -> None:
    async with open_port(tmp_path) as (hosted, url):
        async with httpx.AsyncClient(timeout=60) as http, anyio.create_task_group() as group:
            headers = {"accept": "application/json, text/event-stream"}
            opened = await http.post(url, json=request(1, "initialize", **HELLO), headers=headers)
            headers["mcp-session-id"] = opened.headers["mcp-session-id"]
            call = request(2, "tools/call", name="slow", arguments={"text": "done all the same"})

            async def ask() -> None:
                await http.post(url, json=call, headers=headers)

            await http.post(url, json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=headers)
            group.start_soon(ask)
            await hosted.begun.wait()
            group.cancel_scope.cancel()
        await anyio.sleep(0.2)
        assert not hosted.ended.is_set()
        hosted.go.set()
        await hosted.ended.wait()
        async with session(url) as mcp:
            assert said(await mcp.call_tool("echo", {"text": "others go on"})) == "others go on"
    assert hosted.log()[0][1:] == ("slow", "done")


ACCEPT = {"accept": "application/json, text/event-stream"}
HELLO = {
    "protocolVersion": types.LATEST_PROTOCOL_VERSION,
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "1"},
}


def request(id: int, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params}


@pytest.mark.parametrize("path", ["/mcp", "/v1/tools", "/v1/tools/execute", "/v1/tools/cancel", "/health", "/nowhere"])
async def test_no_word_without_the_key(tmp_path: Path, path: str) -> None:
    async with open_port(tmp_path, Access("secret")) as (_, url), httpx.AsyncClient() as http:
        for method in ("GET", "POST", "DELETE"):
            answer = await http.request(method, url.replace("/mcp", path), json={})
            assert answer.status_code == 401 and "API key" in answer.json()["error"]["message"]
        async with session(url, "secret") as mcp:
            assert said(await mcp.call_tool("echo", {"text": "hi"})) == "hi"


@pytest.mark.parametrize("allowed", [(), ("https://page.example",), ("*",)])
async def test_no_web_page_gets_in(tmp_path: Path, allowed: tuple[str, ...]) -> None:
    hello = request(1, "initialize", **HELLO)
    async with open_port(tmp_path, Access(origins=Origins(allowed))) as (_, url), httpx.AsyncClient() as http:
        for origin in ("https://page.example", "http://localhost:3000", "null"):
            for path, body in (("/mcp", hello), ("/v1/tools/cancel", {"id": "1"})):
                answer = await http.post(url.replace("/mcp", path), json=body, headers={"origin": origin})
                assert answer.status_code == 403
        assert (await http.post(url, json=hello, headers={"host": "rebound.example"})).status_code == 403


async def test_beside_mcp(tmp_path: Path) -> None:
    async with open_port(tmp_path) as (hosted, url), httpx.AsyncClient(base_url=url.replace("/mcp", "")) as http:
        assert (await http.get("/health")).json() == {"status": "ok", "tools": ["echo", "slow", "fails", "question"]}
        call = {"tool": "echo", "arguments": {"text": "hi"}, "id": "1"}
        assert (await http.post("/v1/tools/execute", json=call)).json()["content"] == "hi"
        assert (await http.post("/v1/tools/cancel", json={"id": "1"})).json() == {"id": "1", "cancelled": False}
        async with anyio.create_task_group() as group:
            group.start_soon(cancelled_call, http)
            await hosted.begun.wait()
            assert (await http.post("/v1/tools/cancel", json={"id": "2"})).json() == {"id": "2", "cancelled": True}
        assert (await http.post("/v1/tools/cancel", json={"id": 7})).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_what_is_not_there(tmp_path: Path, method: str) -> None:
    async with open_port(tmp_path) as (_, url), httpx.AsyncClient(base_url=url.replace("/mcp", "")) as http:
        for path in ("/v1/models", "/v1/chat/completions", "/docs", "/v1/tools/"):
            answer = await http.request(method, path, json={})
            assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"
            assert answer.json()["error"]["message"] == (
                f"There is no {method} {path} here, but /v1/tools, /v1/tools/execute, /v1/tools/cancel, /mcp and "
                "/health. Models have another port."
            )


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/tools/execute", "POST"), ("POST", "/v1/tools", "GET"), ("PUT", "/health", "GET")],
)
async def test_another_method(tmp_path: Path, method: str, path: str, allowed: str) -> None:
    async with open_port(tmp_path) as (_, url), httpx.AsyncClient(base_url=url.replace("/mcp", "")) as http:
        answer = await http.request(method, path, json={})
        assert answer.status_code == 405 and answer.headers["allow"] == allowed
        assert answer.json()["error"]["message"] == f"{method} {path} exists for another method."


async def cancelled_call(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/tools/execute", json={"tool": "slow", "id": "2"})
    assert answer.json()["state"] == "cancelled"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b'{"id": 1, "method": 7}', b"\xff", b'{"a":' * 900 + b"1" + b"}" * 900]
)
async def test_rubbish_ends_in_an_error_and_the_port_goes_on(tmp_path: Path, body: bytes) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    async with open_port(tmp_path) as (_, url), httpx.AsyncClient() as http:
        answer = await http.post(url, content=body, headers=headers)
        assert 400 <= answer.status_code < 500 and json.loads(answer.content)["error"]["message"]
        async with session(url) as mcp:
            assert len((await mcp.list_tools()).tools) == 3


def test_a_port_that_is_taken_is_said_with_what_mends_it() -> None:
    with socket.socket() as taken, ExitStack() as opened:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"--tool-port {port + 1}"):
            listen_for_tools(replace(HOST, tool_port=port), opened)
        assert listen_for_tools(replace(HOST, tool_server=False, tool_port=port), opened) == []


async def test_whoever_begins_many_sessions_keeps_nobody_out(tmp_path: Path) -> None:
    hello = request(1, "initialize", **HELLO)
    async with open_port(tmp_path) as (hosted, url), session(url) as mcp, httpx.AsyncClient(headers=ACCEPT) as http:
        async with anyio.create_task_group() as group:
            group.start_soon(mcp.call_tool, "slow", {"text": "x"})
            await hosted.begun.wait()
            answers = [(await http.post(url, json=hello)) for _ in range(SESSIONS + 20)]
            assert {one.status_code for one in answers} == {200}
            hosted.go.set()
        assert said(await mcp.call_tool("echo", {"text": "still here"})) == "still here"
        gone = {"mcp-session-id": answers[0].headers["mcp-session-id"]}
        assert (await http.post(url, json=request(2, "tools/list"), headers=gone)).status_code == 404
