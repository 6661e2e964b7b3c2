"""A tool host at a URL: the real routes over a real socket, and servers that are none."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
import pytest
from aiohttp import web
from localswarm.api.app import create_app
from localswarm.api.guard import Access
from localswarm.chat import Outcome, ToolCall, ToolSpec
from localswarm.errors import Forbidden, SettingError, Unauthorized, Unavailable, UpstreamFault
from localswarm.swarm.answer import Swarm
from localswarm.swarm.distant import Distant
from localswarm.tools.client import HttpHost

from ..api.serving import listening
from ..api.tools.scripted import DOT, ECHO, ScriptedTools
from ..swarm.scripted import ScriptedMember

CALL = ToolCall("c1", "echo", '{"text": "hi"}')
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SlowTools(ScriptedTools):
    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome:
        await anyio.sleep(3)
        return await super().execute(call, who, session)


@asynccontextmanager
async def odd(answer: Answer, health: int = 200) -> AsyncIterator[str]:
    """Answers each call so. `health` 0: it says nothing of itself."""

    async def lives(request: web.Request) -> web.StreamResponse:
        return web.Response(status=health) if health else await hang(request)

    app = web.Application()
    app.add_routes([web.get("/health", lives), web.route("*", "/{path:.*}", answer)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def real(tools: ScriptedTools, key: str | None = None) -> AsyncIterator[str]:
    app = create_app(Swarm([ScriptedMember()]), Access(key), "test", tools=tools)
    serving = listening(app)
    base = await anyio.to_thread.run_sync(serving.__enter__)
    try:
        yield base
    finally:
        await anyio.to_thread.run_sync(serving.__exit__, None, None, None)


def distant(url: str, key: str | None = None, patience: float = 9.0, beat: float = 0.3) -> Distant:
    host = HttpHost(url, key, beat)
    return Distant(lambda: host, patience=patience)


async def test_tools_at_a_url() -> None:
    tools = ScriptedTools("done", "denied")
    async with real(tools) as base:
        hands = distant(f"{base}/v1/")
        assert await hands.specs() == [ECHO]
        done = await hands.execute(CALL, "me")
        assert (done.id, done.tool, done.state, done.content) == ("c1", "echo", "done", "said")
        assert [image.url for image in done.images] == [DOT]
        assert (await hands.execute(CALL, "me")).state == "denied"
        assert tools.called[0][0] == CALL
        wrong = await hands.execute(ToolCall("c2", "echo", "[1"), "me")
        assert wrong.state == "failed" and "no JSON object. Nothing was done." in wrong.content


async def test_the_key() -> None:
    async with real(ScriptedTools("done"), "secret") as base:
        assert (await distant(base, "secret").execute(CALL, "me")).ok
        refused = await distant(base).execute(CALL, "me")
        assert refused.state == "denied" and "LOCALSWARM_TOOL_KEY" in refused.content
        with pytest.raises(Unauthorized):
            await distant(base, "wrong").specs()


async def test_a_call_that_takes_long_is_waited_for_while_the_host_lives() -> None:
    tools = SlowTools("done")
    async with real(tools) as base:
        assert (await distant(base, patience=1.5).execute(CALL, "me")).ok
    assert len(tools.called) == 1


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


async def drop(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


def says(status: int, body: object = None) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers={"Location": "http://127.0.0.1:1/"})

    return answer


@pytest.mark.parametrize(
    ("answer", "health", "state", "words"),
    [
        (hang, 0, "unknown", "It is not known"),
        # In front of a host that is frozen, a gateway answers.
        (hang, 504, "unknown", "It is not known"),
        (drop, 200, "unknown", "It is not known"),
        (says(500), 200, "unknown", "It is not known"),
        (says(502), 200, "unknown", "It is not known"),
        (says(307), 200, "unknown", "It is not known"),
        (says(200, {"state": "great", "content": "x"}), 200, "unknown", "It is not known"),
        (says(200, [1]), 200, "unknown", "It is not known"),
        (says(404, {"error": {"message": "No\x1bhost."}}), 200, "failed", "Nohost. Nothing was done."),
        (says(403, {"error": {"message": "Not you."}}), 200, "denied", "Not you. Nothing was done."),
        (says(503, {"error": {"message": "Too many."}}), 200, "failed", "Too many. Nothing was done."),
        (says(503, "?"), 200, "failed", "The tool host at http://127.0.0.1"),
        (says(200, {"state": "done", "content": "x", "images": ["http://a/b", 3]}), 200, "done", "x"),
    ],
)
async def test_what_is_no_host(answer: Answer, health: int, state: str, words: str) -> None:
    async with odd(answer, health) as base:
        with anyio.fail_after(5):
            outcome = await distant(base, patience=1.0).execute(CALL, "me")
    assert outcome.state == state and outcome.content.startswith(words) and not outcome.images


async def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    outcome = await distant(url).execute(CALL, "me")
    assert outcome.state == "failed" and "cannot be reached" in outcome.content
    with pytest.raises(Unavailable):
        await distant(url).specs()


@pytest.mark.parametrize(
    ("listed", "error"),
    [(says(200, {"data": 5}), UpstreamFault), (says(200, "x"), UpstreamFault), (says(403), Forbidden)],
)
async def test_a_list_that_is_none(listed: Answer, error: type[Exception]) -> None:
    async with odd(listed) as base:
        with pytest.raises(error):
            await distant(base).specs()


async def test_what_is_no_tool_is_left_out() -> None:
    body: Sequence[object] = [5, {"name": 3}, {"name": "a", "schema": {}}, {"name": "b"}]
    async with odd(says(200, {"data": body})) as base:
        assert await distant(base).specs() == [ToolSpec("a")]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://192.168.1.7:17616", "--tool-host NAME"),
        ("http://desk:17616", "ssh -L 17616:localhost:17616"),
        ("https://me:secret@desk:17616", "LOCALSWARM_TOOL_KEY"),
        ("https://desk:17616/?key=1", "LOCALSWARM_TOOL_KEY"),
    ],
)
def test_addresses_that_are_refused(url: str, words: str) -> None:
    with pytest.raises(SettingError, match=words) as refused:
        HttpHost(url)
    assert "secret" not in refused.value.message


@pytest.mark.parametrize("url", ["https://desk:17616", "http://localhost:17616", "http://[::1]:17616/v1/"])
def test_addresses_that_are_taken(url: str) -> None:
    assert not HttpHost(url).name.endswith(("/", "/v1"))
