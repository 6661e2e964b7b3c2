"""`doctor` as a visitor of real nodes: who answers, who is of which swarm, and whom they reach."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from localswarm.federation import identity
from localswarm.federation.authority import derived
from localswarm.federation.channel import peer_id, server_context
from localswarm.federation.code import Code
from localswarm.federation.race import Trust
from localswarm.node import lookout
from localswarm.node.lookout import Seen
from localswarm.settings import Settings
from localswarm.state import State
from localswarm.state.peers import KnownPeer

from ..federation.members import member
from ..federation.offered import ABOUT, Offered, serving
from ..lan.netlab import Host

KNOWN_BY_ALL = "b"  # the one id that an `Offered` reaches


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    identity.keep_code(tmp_path, Code(7))
    return Settings(state_dir=tmp_path)


@asynccontextmanager
async def desk(settings: Settings, code: Code) -> AsyncIterator[str]:
    """A node that this machine knows: its id."""
    me = member(derived(code))
    offered = Offered({}, replace(ABOUT, id=me.id))
    async with serving(Trust(server_context(me), peer_id), offered) as server:
        with State(settings.state_dir) as state:
            state.peers.remember([KnownPeer(me.id, "desk", (("127.0.0.1", server.port),))])
        yield me.id


def test_a_node_of_the_swarm_is_talked_with_and_asked_whom_it_reaches(settings: Settings, island: Host) -> None:
    async def look() -> None:
        async with desk(settings, Code(7)) as id:
            (found,) = await anyio.to_thread.run_sync(lookout.seen, settings, "")
            assert found == Seen(id, "desk", True, found.place, announces=False, connects=True)
            for own, reached in ((KNOWN_BY_ALL, True), ("c" * 16, False)):
                back = await anyio.to_thread.run_sync(lookout.asked_back, settings, own)
                assert back == {"desk": reached}

    island.call(anyio.run, look)


def test_a_node_that_is_of_another_swarm_by_now(settings: Settings, island: Host) -> None:
    async def look() -> None:
        async with desk(settings, Code(8)):
            (found,) = await anyio.to_thread.run_sync(lookout.seen, settings, "")
            assert found.connects and "another swarm" in found.trouble
            assert await anyio.to_thread.run_sync(lookout.asked_back, settings, KNOWN_BY_ALL) == {}

    island.call(anyio.run, look)


def test_without_a_code_nobody_is_asked(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "none")
    assert lookout.asked_back(settings, KNOWN_BY_ALL) == {}
    assert not settings.state_dir.exists(), "a look changes nothing"
