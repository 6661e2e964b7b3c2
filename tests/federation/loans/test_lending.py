"""What a lender knows of its loan, and how long it lasts."""

import time
from contextlib import suppress
from pathlib import Path

import anyio
import pytest
from localswarm.federation.loans.lending import Lent, Loans

from ..certificates import Authority
from ..offered import Offered, serving
from ..swarms import Swarm
from .lender import Capitals
from .test_tunnel import connected, tunnel, until


@pytest.fixture
def swarm(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_to_whom_how_much_and_that_it_is_over(swarm: Authority) -> None:
    loans = Loans(Capitals())
    assert loans.now is None
    async with (
        serving(swarm.server("a"), Offered({}), extra=loans.routes()) as server,
        tunnel(swarm.client("b"), server) as made,
    ):
        assert made.condition == "waiting"
        async with connected(made) as (reader, writer):
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"HELLO"
            assert loans.now and (loans.now.peer, loans.now.room) == ("b", 2**30)
            assert made.condition == "alive" and made.since >= loans.now.since - 1
        await until(lambda: loans.now is None)
        await until(lambda: made.condition == "waiting")


async def test_what_is_lost_is_told_as_that(swarm: Authority) -> None:
    async with (
        serving(swarm.server("a"), Offered({}), extra=Loans(Capitals(ends=1)).routes()) as server,
        tunnel(swarm.client("b"), server) as made,
    ):
        begun = made.since
        async with connected(made) as (reader, writer):
            writer.write(b"hello")
            with suppress(ConnectionError):
                while await reader.read(100):
                    pass
        await until(lambda: made.condition == "lost")
        assert made.since > begun


async def test_the_memory_of_a_borrower_that_is_gone_is_free_again(
    swarm: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localswarm.federation.loans.lending.LOOK_SECONDS", 0.02)
    lender, away = Capitals(), set[str]()
    loans = Loans(lender)
    async with serving(swarm.server("a"), Offered({}), extra=loans.routes(away.__contains__)) as server:
        async with tunnel(swarm.client("b"), server) as first, connected(first) as (reader, writer):
            writer.write(b"mine")
            assert await reader.readexactly(4) == b"MINE"
            away.add("b")
            await until(lambda: loans.now is None and lender.open == 0)
        async with tunnel(swarm.client("c"), server) as second, connected(second) as (reader, writer):
            writer.write(b"mine now")
            with anyio.fail_after(5):
                assert await reader.readexactly(8) == b"MINE NOW"


async def test_the_swarm_tells_of_it_by_name(tmp_path: Path) -> None:
    loans = Loans(Capitals())
    async with Swarm(tmp_path) as nodes:
        desk = nodes.start("desk", loans=loans)
        tower = nodes.start("tower", [desk])
        me = tower.federation.identity.id
        await until(lambda: any(one.id == me and one.name for one in desk.federation.look().peers))
        assert desk.federation.look().lent == () and tower.federation.look().lent is None
        loans.now = Lent(me, 2**30, time.monotonic() - 60)
        (told,) = desk.federation.look().lent or ()
        assert (told.id, told.name, told.room, told.condition) == (me, "tower", 2**30, "alive")
        assert 59 < told.since < 90
