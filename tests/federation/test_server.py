"""The door to other nodes: who gets in, and what is kept from everybody else."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import anyio
import pytest
from aiohttp import web
from localswarm.errors import PortTaken, SettingError
from localswarm.federation import routes, server
from localswarm.federation.gate import NOT_SENT
from localswarm.federation.link import Link
from localswarm.federation.nodes import Endpoint
from localswarm.federation.race import Trust
from localswarm.federation.routes import PEER
from localswarm.federation.server import SwarmServer
from localswarm.federation.wire import versions

from ..swarm.scripted import ScriptedMember, says
from .certificates import Authority
from .listening import HERE, listening, relaying
from .offered import Leavable, Offered, at, serving

OURS = {versions.HEADER: versions.WORDS}
# One offer, four others known, and nothing new to tell.
IDLE_BYTES = 700


@pytest.fixture
def swarm(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def asking(trust: Trust, server: SwarmServer) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=trust.context)
    async with aiohttp.ClientSession(f"https://127.0.0.1:{server.port}", connector=connector) as session:
        yield session


async def raw(server: SwarmServer, data: bytes, context: ssl.SSLContext | None = None) -> bytes:
    """What comes back, until the other side closes."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        writer.write(data)
        try:
            return await asyncio.wait_for(reader.read(), 5)
        finally:
            writer.transport.abort()
    except OSError:
        return b""


def nobody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def test_a_stranger_gets_no_byte_of_http(swarm: Authority, tmp_path: Path) -> None:
    call = b"GET /swarm/report HTTP/1.1\r\nHost: x\r\n\r\n"
    foreign = Authority(tmp_path, "foreign").client("c").context
    foreign.verify_mode = ssl.CERT_NONE
    old = nobody()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with serving(swarm.server("a"), Offered({})) as server:
        for context in (None, nobody(), foreign, old):
            assert b"HTTP" not in await raw(server, call, context)
        assert b"HTTP" in await raw(
            server, call.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), swarm.client("c").context
        )


async def test_many_who_only_hang_keep_nobody_else_out(swarm: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HANDSHAKE_SECONDS", 0.5)
    monkeypatch.setattr(server, "MOST_HANDSHAKES_EACH", 16)
    async with serving(swarm.server("a"), Offered({})) as door:
        hanging = [
            await asyncio.open_connection("127.0.0.1", door.port) for _ in range(server.MOST_HANDSHAKES_EACH + 20)
        ]
        cut = [reader for reader, _ in hanging[server.MOST_HANDSHAKES_EACH :]]
        with anyio.fail_after(5):
            assert [await reader.read() for reader in cut] == [b""] * 20, "more of one address are not even heard"
            assert await hanging[0][0].read() == b"", "nor are the others for long"
        link = Link("a", swarm.client("c"), [at(door)])
        await link.probe()
        await link.close()
        for _, writer in hanging:
            writer.transport.abort()


async def test_a_node_that_is_forgotten_is_sent_away(swarm: Authority) -> None:
    offered = Offered({})
    async with serving(swarm.server("a"), offered) as door, asking(swarm.client("lost"), door) as session:
        async with session.get("/swarm/report", headers=OURS) as response:
            assert response.status == 200
        offered.forgotten.add("lost")
        async with session.get("/swarm/report", headers=OURS) as response:
            told = json.loads(await response.read())
            assert (response.status, response.headers["Connection"]) == (403, "close")
        assert told["names"][0] == "Forbidden" and "forget" in told["message"]


async def test_a_node_that_is_dropped_in_mid_stream_is_cut_off(swarm: Authority) -> None:
    member = Leavable([*says("one")[:2], 60.0])
    async with serving(swarm.server("a"), Offered({"m": member})) as door, asking(swarm.client("c"), door) as session:
        body = json.dumps({"member": "m", "request": {"id": "r", "model": "m", "messages": []}})
        async with session.post("/swarm/generate", data=body, headers=OURS) as response:
            await response.content.readline()
            door.drop("somebody else")
            door.drop("c")
            with pytest.raises((aiohttp.ClientError, OSError)):
                while await response.content.readany():
                    pass
        await member.over()


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (None, 400, "The node c does not say which version"),
        ("0-0", 503, "and the node a version 1: update Local Swarm on the node c."),
        ("8-9", 503, "update Local Swarm on the node a."),
    ],
)
async def test_another_version_is_refused_and_told_here_too(
    swarm: Authority, words: str | None, status: int, told: str
) -> None:
    offered = Offered({})
    async with serving(swarm.server("a"), offered) as door, asking(swarm.client("c"), door) as session:
        headers = {} if words is None else {versions.HEADER: words}
        async with session.post("/swarm/probe", data=b"{}", headers=headers) as response:
            assert response.status == status and told in json.loads(await response.read())["message"]
    assert [(id, told in why) for id, why in offered.sent_away] == [("c", True)]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", "/swarm/probe", b"[1]", 400, "an object is expected"),
        ("POST", "/swarm/probe", b"\xff", 400, "is no JSON"),
        ("POST", "/swarm/probe", b" " * 2**17, 413, "larger than 64 KiB"),
        ("POST", "/swarm/generate", b"{}", 400, "'member' is missing"),
        (
            "POST",
            "/swarm/generate",
            b'{"member":"x","request":{"id":"r","model":"m","messages":[]}}',
            503,
            "not served",
        ),
        ("GET", "/swarm/probe", b"", 405, "another method"),
        ("GET", "/v1/models", b"", 404, "no such route"),
        ("GET", "/swarm/../etc/passwd", b"", 404, "no such route"),
    ],
)
async def test_what_is_wrong_is_told_in_one_form(
    swarm: Authority, method: str, path: str, body: bytes, status: int, told: str
) -> None:
    async with serving(swarm.server("a"), Offered({})) as door, asking(swarm.client("c"), door) as session:
        async with session.request(method, path, data=body, headers=OURS) as response:
            assert response.status == status
            assert told in json.loads(await response.read())["message"]
            assert not set(NOT_SENT) & set(response.headers)


async def test_a_body_without_end_is_cut_off(swarm: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield bytes(2**16)

    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await anyio.sleep(30)

    monkeypatch.setattr(routes, "MOST_BYTES", 2**20)
    monkeypatch.setattr(routes, "IDLE_BODY_SECONDS", 0.2)
    async with serving(swarm.server("a"), Offered({})) as door:
        async with asking(swarm.client("c"), door) as session:
            async with session.post("/swarm/generate", data=endless(), headers=OURS) as response:
                assert response.status == 413
        async with asking(swarm.client("c"), door) as session:
            async with session.post("/swarm/generate", data=stalled(), headers=OURS) as response:
                assert response.status == 400


async def test_other_routes_are_behind_the_same_gate(swarm: Authority) -> None:
    async def who(request: web.Request) -> web.Response:
        return web.Response(text=request[PEER])

    offered = Offered({})
    async with serving(swarm.server("a"), offered, extra=[web.get("/swarm/who", who)]) as door:
        async with asking(swarm.client("c"), door) as session:
            async with session.get("/swarm/who", headers=OURS) as response:
                assert await response.text() == "c"
            offered.forgotten.add("c")
            async with session.get("/swarm/who", headers=OURS) as response:
                assert response.status == 403


async def test_an_idle_probe_is_small(swarm: Authority) -> None:
    offered = Offered({"qwen3-4b-instruct": ScriptedMember()})
    passed: list[bytes] = []
    async with serving(swarm.server("a"), offered) as door, listening(relaying(door.port, passed, passed)) as port:
        link = Link("a", swarm.client("c"), [Endpoint(HERE, port)])
        await link.probe()
        passed.clear()
        await link.probe()
        await link.close()
    assert sum(map(len, passed)) < IDLE_BYTES


async def test_a_port_that_is_taken_and_an_address_of_another_machine_are_told(swarm: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"swarm port {port} is taken"):
            SwarmServer(swarm.server("a"), Offered({}), port, "127.0.0.1")
    with pytest.raises(SettingError, match="cannot listen for other nodes at 192"):
        SwarmServer(swarm.server("a"), Offered({}), 0, "192.0.2.77")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_without_an_address_it_listens_on_both_kinds(swarm: Authority, host: str) -> None:
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    door = SwarmServer(swarm.server("a"), Offered({}), 0)
    async with anyio.create_task_group() as group:
        group.start_soon(door.run)
        link = Link("a", swarm.client("c"), [Endpoint(host, door.port)])
        await link.probe()
        await link.close()
        group.cancel_scope.cancel()


async def test_a_mistake_in_a_route_is_logged_and_ends_nothing_else(
    swarm: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async def late(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begun")
        raise RuntimeError("a mistake in the program")

    async def early(request: web.Request) -> web.StreamResponse:
        raise RuntimeError("another one")

    extra = [web.get("/late", late), web.get("/early", early)]
    async with (
        serving(swarm.server("a"), Offered({}), extra=extra) as server,
        asking(swarm.client("c"), server) as session,
    ):
        async with session.get("/early", headers=OURS) as response:
            assert response.status == 500 and b"another one" not in await response.read()
        with pytest.raises(aiohttp.ClientPayloadError):
            async with session.get("/late", headers=OURS) as response:
                await response.read()
        async with session.get("/swarm/report", headers=OURS) as response:
            assert response.status == 200
    assert sum("Error handling request" in record.message for record in caplog.records) == 2


async def test_whoever_has_left_before_the_answer_is_no_mistake(
    swarm: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async def left(request: web.Request) -> web.StreamResponse:
        raise ConnectionResetError

    extra = [web.get("/left", left)]
    async with (
        serving(swarm.server("a"), Offered({}), extra=extra) as server,
        asking(swarm.client("c"), server) as session,
    ):
        async with session.get("/left", headers=OURS) as response:
            await response.read()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
