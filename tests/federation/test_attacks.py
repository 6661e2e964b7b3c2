"""Those who do not belong to the swarm, and those who answer in the place of one that does."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
import pytest
from aiohttp import web
from localswarm.errors import SwarmError, UpstreamFault
from localswarm.federation import channel, server
from localswarm.federation.authority import derived
from localswarm.federation.code import OPEN, Code
from localswarm.federation.identity import Identity
from localswarm.federation.link import Link
from localswarm.federation.nodes import Endpoint
from localswarm.federation.race import Lost, Trust
from localswarm.federation.wire import messages, versions
from localswarm.federation.wire.messages import Bye

from .liar import HERE, liar, raw
from .listening import listening, relaying
from .members import member
from .odd import Answer, odd
from .swarms import Swarm, until

CALL = b"GET /swarm/report HTTP/1.1\r\nHost: x\r\nV: 1-1\r\nConnection: close\r\n\r\n"


@pytest.fixture
async def swarm(tmp_path: Path) -> AsyncIterator[Swarm]:
    async with Swarm(tmp_path) as swarm:
        yield swarm


def careless(context: ssl.SSLContext) -> ssl.SSLContext:
    """It talks to anybody."""
    context.verify_mode = ssl.CERT_NONE
    return context


def nobody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    return careless(context)


def old() -> ssl.SSLContext:
    context = nobody()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def as_client(who: Identity) -> ssl.SSLContext:
    return careless(channel.client_context(who))


STRANGERS: dict[str, Callable[[Code, str], ssl.SSLContext | None]] = {
    "plain": lambda code, id: None,
    "without a certificate": lambda code, id: nobody(),
    "of another swarm": lambda code, id: as_client(member(derived(Code(7)))),
    "of the open swarm": lambda code, id: as_client(member(derived(OPEN))),
    "with an id of a member": lambda code, id: as_client(member(derived(Code(7)), id)),
    "with an id of a member, signed, and another key": lambda code, id: as_client(member(derived(code), id)),
    "with an id that is none": lambda code, id: as_client(member(derived(code), "\x1b[2J")),
    "with TLS 1.2": lambda code, id: old(),
}


@pytest.mark.parametrize("who", STRANGERS.values(), ids=STRANGERS)
async def test_a_stranger_gets_no_byte_of_a_message(
    swarm: Swarm, who: Callable[[Code, str], ssl.SSLContext | None]
) -> None:
    first = swarm.start("first")
    context = await anyio.to_thread.run_sync(who, swarm.code, first.id)
    await anyio.sleep(0.1)
    assert b"HTTP" not in await raw(first.federation.port, context, CALL)
    assert b"HTTP" in await raw(first.federation.port, as_client(member(derived(swarm.code))), CALL)
    assert not first.federation.look().peers and not first.task.done()


@pytest.mark.parametrize("id_of_member", [False, True])
async def test_nothing_is_told_to_whoever_only_says_that_he_is_a_member(id_of_member: bool, tmp_path: Path) -> None:
    """At its address is another one, with its id in a certificate that somebody else signed, or with another key."""
    own, there = derived(Code(1)), member(derived(Code(1)))
    impostor = member(own, there.id) if id_of_member else member(derived(Code(2)), there.id)
    heard: list[str] = []

    async def listen(request: web.Request) -> web.StreamResponse:
        heard.append(request.path)
        return web.Response()

    trust = Trust(careless(channel.server_context(impostor)), channel.peer_id)
    async with odd(trust, listen) as endpoint:
        link = Link(there.id, Trust(channel.client_context(member(own)), channel.peer_id), [endpoint])
        with pytest.raises(Lost):
            await link.probe()
        await link.close()
    assert not heard


async def test_what_was_recorded_means_nothing_a_second_time(swarm: Swarm) -> None:
    """A goodbye, as it went over the network, is sent once more when its sender is there again."""
    first = swarm.start("first")
    recorded: list[bytes] = []
    relay = relaying(first.federation.port, recorded, [])
    async with listening(relay) as port, liar(first.folder, swarm.code) as one:
        assert await one.introduce(first.federation.port) == 200
        await until(lambda: bool(first.peers()))
        async with one.calling(port) as session:
            async with session.post("/swarm/bye", data=messages.BYE.dump(Bye(2**22))) as response:
                assert response.status == 200
        await until(lambda: not first.peers())
        assert await one.introduce(first.federation.port) == 200
        await until(lambda: bool(first.peers()))
        answer = await raw(first.federation.port, None, b"".join(recorded))
        assert recorded and b"HTTP" not in answer
        await anyio.sleep(0.5)
        assert first.peers()


@pytest.mark.parametrize("tls", [False, True])
async def test_whoever_hangs_gives_way(swarm: Swarm, monkeypatch: pytest.MonkeyPatch, tls: bool) -> None:
    """However many say nothing, or only the beginning of a greeting: a node is let in at once."""
    monkeypatch.setattr(server, "MOST_HANDSHAKES", 20)
    monkeypatch.setattr(server, "MOST_HANDSHAKES_EACH", 10)
    first = swarm.start("first")
    hanging = []
    for _ in range(60):
        _, writer = await asyncio.open_connection(HERE, first.federation.port)
        writer.write(b"\x16\x03\x01\x02\x00\x01" if tls else b"")
        hanging.append(writer)
    begun = time.monotonic()
    assert b"HTTP" in await raw(first.federation.port, as_client(member(derived(swarm.code))), CALL)
    assert time.monotonic() - begun < server.HANDSHAKE_SECONDS
    assert len(first.federation._life.server._handshakes) <= 10
    for writer in hanging:
        writer.transport.abort()


async def test_a_member_that_says_half_a_request_is_cut_off(swarm: Swarm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "KEEP_SECONDS", 0.5)
    monkeypatch.setattr(server, "MOST_CONNECTIONS_EACH", 4)
    first = swarm.start("first")
    context = as_client(member(derived(swarm.code)))
    talks = [await asyncio.open_connection(HERE, first.federation.port, ssl=context) for _ in range(4)]
    for _, writer in talks:
        writer.write(b"GET /swarm/report HTTP/1.1\r\nHost:")
    assert not await raw(first.federation.port, context, CALL), "one node keeps nobody else out"
    assert b"HTTP" in await raw(first.federation.port, as_client(member(derived(swarm.code))), CALL)
    for reader, writer in talks:
        with anyio.fail_after(5):
            try:
                assert b"200" not in await reader.read()
            except OSError:
                pass
        writer.transport.abort()
    await until(lambda: not first.federation._life.server._handlers(), 5)


def endless(head: bytes, piece: bytes, sent: list[int]) -> Answer:
    """More than a gigabyte, as far as it is taken."""

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.write(head)
        for _ in range(2**30 // len(piece)):
            if request.transport.is_closing():
                break
            request.transport.write(piece)
            sent[0] += len(piece)
            await asyncio.sleep(0)
            while request.transport.get_write_buffer_size() > 2**20:
                await asyncio.sleep(0.001)
                if request.transport.is_closing():
                    break
        raise ConnectionResetError

    return answer


OK = b"HTTP/1.1 200 OK\r\nV: 1-1\r\n"
GIGABYTE = {
    "one header": (OK + b"X: ", b"x" * 2**16),
    "headers": (OK, b"".join(b"X%d: %s\r\n" % (at, b"x" * 100) for at in range(500))),
    "a status line": (b"HTTP/1.1 200 ", b"x" * 2**16),
    "a body": (OK + b"Content-Length: 1073741824\r\n\r\n", b" " * 2**16),
    "a body in pieces": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"[" * 2**16 + b"\r\n"),
    "informations": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
}


@pytest.mark.parametrize(
    ("asked", "how"),
    [(asked, how) for how in GIGABYTE for asked in ("probe", "report", "stream") if how != "informations"]
    + [("probe", "informations")],
)
async def test_a_gigabyte_is_not_taken(asked: str, how: str) -> None:
    trusted = derived(Code(1))
    there, sent = member(trusted), [0]
    trust = Trust(channel.server_context(there), channel.peer_id)
    async with odd(trust, endless(*GIGABYTE[how], sent)) as endpoint:
        link = Link(there.id, Trust(channel.client_context(member(trusted)), channel.peer_id), [endpoint])
        with pytest.raises(SwarmError), anyio.fail_after(10):
            if asked == "probe":
                await link.probe()
            elif asked == "report":
                await link.report()
            else:
                async for _ in link.stream("/swarm/generate", b"{}"):
                    pass
        await link.close()
    assert sent[0] < 64 * 2**20


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_nobody_is_led_elsewhere(status: int) -> None:
    trusted, asked = derived(Code(1)), []
    there = member(trusted)
    with socket.create_server((HERE, 0)) as elsewhere:
        elsewhere.setblocking(False)

        async def redirect(request: web.Request) -> web.StreamResponse:
            asked.append(request.path)
            port = elsewhere.getsockname()[1]
            return web.Response(status=status, headers={"Location": f"http://{HERE}:{port}/"})

        async with odd(Trust(channel.server_context(there), channel.peer_id), redirect) as endpoint:
            link = Link(there.id, Trust(channel.client_context(member(trusted)), channel.peer_id), [endpoint])
            with pytest.raises(UpstreamFault, match=str(status)):
                await link.probe()
            await link.close()
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert asked == ["/swarm/probe"]


NEWER = f"{versions.PROTOCOL + 1}-{versions.PROTOCOL + 2}"


@pytest.mark.parametrize(("words", "late"), [("0-0", "there"), (NEWER, "here"), (f"1-{versions.PROTOCOL + 1}", "")])
async def test_both_sides_say_which_machine_must_be_updated(
    swarm: Swarm, tmp_path: Path, words: str, late: str
) -> None:
    first = swarm.start("first")
    async with liar(tmp_path / "first", swarm.code, words) as other:
        async with other.calling(first.federation.port) as session:
            body = messages.PROBE.dump(messages.Probe((other.own_word(),)))
            async with session.post("/swarm/probe", data=body, headers={versions.HEADER: words}) as response:
                told = (await response.read()).decode()
        first.federation._life.expect(other.id, (Endpoint(HERE, other.endpoint.port),))
        wanted = {"there": f"update Local Swarm on the node {other.id}", "here": "update Local Swarm on"}.get(late)
        if wanted is None:
            assert response.status == 200
            await until(lambda: bool(first.peers()))
            return
        assert response.status == 503 and wanted in told
        await until(lambda: any(wanted in note for note in first.federation.look().notes))
        await until(lambda: "/swarm/probe" in other.asked)
        assert [line for line in first.said if wanted in line]
        if late == "here":
            assert f"update Local Swarm on the node {first.id}" in told
