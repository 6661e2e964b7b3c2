"""What goes through the channel between two nodes, who may use it, and how its end is told."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import anyio
import pytest
from localswarm.federation.loans.lending import Loans
from localswarm.federation.loans.terms import PATH, TERMS, Terms
from localswarm.federation.loans.tunnel import Creditor, Tunnel
from localswarm.federation.race import Trust
from localswarm.federation.server import SwarmServer
from localswarm.federation.wire import versions

from ..certificates import Authority
from ..offered import Offered, at, serving
from .lender import Capitals, Known

HELD = "The machine desk, which holds a part of this model, "


@pytest.fixture
def swarm(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def lending(swarm: Authority, lender: Capitals) -> AsyncIterator[SwarmServer]:
    async with serving(swarm.server("a"), Offered({}), extra=Loans(lender).routes()) as server:
        yield server


@asynccontextmanager
async def tunnel(
    trust: Trust, server: SwarmServer, client: Callable[[], int | None] = os.getpid
) -> AsyncIterator[Tunnel]:
    made = Tunnel(Creditor("a", "desk", (at(server),)), Known(trust), client)
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@asynccontextmanager
async def connected(made: Tunnel) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = made.endpoint.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def until(true: Callable[[], bool]) -> None:
    with anyio.fail_after(5):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await anyio.sleep(0.02)


async def test_every_byte_comes_through_in_both_directions_and_nothing_is_left_behind(swarm: Authority) -> None:
    lender = Capitals()
    sent = b"".join(b"%07d tensor " % number for number in range(200_000))
    async with lending(swarm, lender) as server, tunnel(swarm.client("b"), server) as made:
        for _ in range(2):
            async with connected(made) as (reader, writer):
                writer.write(sent)
                with anyio.fail_after(20):
                    assert await reader.readexactly(len(sent)) == sent.upper()
                assert lender.open == 1
            await until(lambda: lender.open == 0)
        assert made.trouble == ""


async def test_a_process_that_it_is_not_for_is_let_go_and_reaches_nobody(swarm: Authority) -> None:
    lender = Capitals()
    for client in (lambda: None, lambda: 1):
        async with lending(swarm, lender) as server, tunnel(swarm.client("b"), server, client) as made:
            async with connected(made) as (reader, writer):
                writer.write(b"hello")
                with suppress(ConnectionError):
                    assert await reader.read() == b""
            assert lender.open == 0


@pytest.mark.parametrize(
    ("lender", "told"),
    [
        (Capitals(full=True), "cannot be used: There is no memory left."),
        (Capitals(ends=1), "has ended its loan."),
    ],
)
async def test_why_nothing_is_lent_any_more_is_told(swarm: Authority, lender: Capitals, told: str) -> None:
    async with lending(swarm, lender) as server, tunnel(swarm.client("b"), server) as made:
        async with connected(made) as (reader, writer):
            writer.write(b"hello")
            with suppress(ConnectionError):
                while await reader.read(100):
                    pass
        assert made.trouble == HELD + told


async def test_one_that_is_there_no_more_is_told_at_once(swarm: Authority) -> None:
    async with lending(swarm, Capitals()) as server:
        there = at(server)
    async with serving(swarm.server("z"), Offered({})) as other:
        for endpoint, told in ((there, "cannot be reached"), (at(other), "another node, z")):
            made = Tunnel(Creditor("a", "desk", (endpoint,)), Known(swarm.client("b")), os.getpid)
            running = asyncio.create_task(made.run())
            async with connected(made) as (reader, writer):
                writer.write(b"hello")
                with anyio.fail_after(4), suppress(ConnectionError):
                    await reader.read()
            assert made.trouble.startswith(f"{HELD}cannot be used: ") and told in made.trouble
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def test_one_that_stands_still_ends_when_the_swarm_says_so(swarm: Authority) -> None:
    async with lending(swarm, Capitals()) as server:
        ways = Known(swarm.client("b"))
        made = Tunnel(Creditor("a", "desk", (at(server),)), ways, os.getpid)
        running = asyncio.create_task(made.run())
        async with connected(made) as (reader, writer):
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"HELLO"
            ways.away = True
            with anyio.fail_after(2), suppress(ConnectionError):
                assert await reader.read() == b""
        assert made.trouble == f"{HELD}is lost: it does not answer any more."
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_only_one_borrows_at_a_time(swarm: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localswarm.federation.loans.lending.PATIENCE_SECONDS", 0.1)
    lender = Capitals()
    async with (
        lending(swarm, lender) as server,
        tunnel(swarm.client("b"), server) as first,
        tunnel(swarm.client("c"), server) as second,
        connected(first) as (reader, writer),
    ):
        writer.write(b"mine")
        assert await reader.readexactly(4) == b"MINE"
        async with connected(second) as (late, wanting):
            wanting.write(b"mine too")
            with suppress(ConnectionError):
                assert await late.read() == b""
        assert "lent to another machine" in second.trouble
        writer.write(b"still mine")
        assert await reader.readexactly(10) == b"STILL MINE"


async def test_a_stranger_gets_nothing_and_a_node_that_lends_nothing_says_so(swarm: Authority, tmp_path: Path) -> None:
    lender = Capitals()
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "others")
    async with lending(swarm, lender) as server:
        url = f"https://127.0.0.1:{server.port}{PATH}"
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.post(url, data=b"hello", ssl=stranger.client("b").context)
        assert lender.open == 0
    async with serving(swarm.server("a"), Offered({})) as server, tunnel(swarm.client("b"), server) as made:
        async with connected(made) as (reader, writer):
            writer.write(b"hello")
            with suppress(ConnectionError):
                await reader.read()
        assert made.trouble == f"{HELD}cannot be used: It lends no memory: start it there with --lend."


async def test_what_is_lent_is_told(swarm: Authority) -> None:
    async with lending(swarm, Capitals()) as server, aiohttp.ClientSession() as session:
        url = f"https://127.0.0.1:{server.port}{PATH}"
        headers = {versions.HEADER: versions.WORDS}
        answer = await session.get(url, ssl=swarm.client("b").context, headers=headers)
        assert TERMS.load(await answer.read()) == await Capitals().terms()


async def test_one_that_lends_nothing_now_is_waited_for(swarm: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localswarm.federation.loans.tunnel.AGAIN_SECONDS", 0.05)
    lender = Capitals(Terms("desk", "engine 1", why="Its own model is being loaded."))
    async with lending(swarm, lender) as server, tunnel(swarm.client("b"), server) as made:
        waiting = asyncio.create_task(made.lent())
        await anyio.sleep(0.3)
        assert not waiting.done()
        lender._terms = await Capitals().terms()
        with anyio.fail_after(2):
            await waiting
