"""Who lends what is asked before this node runs, by a name, an id or an address."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from localswarm.federation.discovery.record import Sighting
from localswarm.federation.loans.asking import NothingLent, Offer, Places, ask
from localswarm.federation.loans.lending import Loans
from localswarm.federation.loans.terms import Terms
from localswarm.federation.loans.tunnel import Creditor
from localswarm.federation.nodes import Endpoint
from localswarm.federation.weights.caller import Caller
from localswarm.state.peers import KnownPeer

from ..certificates import Authority
from ..offered import Offered, at, serving
from .lender import ENGINE, TERMS, Capitals

ID = "0123456789abcdef"


@pytest.fixture
def swarm(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def places(known: Sequence[KnownPeer] = (), nearby: Sequence[Sighting] = ()) -> Places:
    def address(said: str) -> Endpoint:
        host, _, port = said.partition(":")
        return Endpoint(host, int(port))

    return Places(known, lambda: nearby, address)


async def asked(swarm: Authority, said: str, where: Places) -> Offer:
    trust = swarm.client("b")
    proven = cast("Callable[[ssl.SSLSocket], str]", trust.peer_id)
    return await asyncio.to_thread(ask, Caller(trust.context, proven), said, where, ENGINE)


async def test_by_name_id_or_address(swarm: Authority) -> None:
    async with serving(swarm.server(ID), Offered({}), extra=Loans(Capitals()).routes()) as server:
        known = [KnownPeer(ID, "Desk", (("127.0.0.1", server.port),))]
        nearby = [Sighting(ID, "tag", 1, "Desk", (at(server),))]
        expected = Creditor(ID, "desk", (at(server),)), TERMS
        for said, where in (
            ("desk", places(known)),
            (ID, places(known)),
            ("Desk", places(nearby=nearby)),
            (ID, places(nearby=nearby)),
            (f"127.0.0.1:{server.port}", places()),
        ):
            offer = await asked(swarm, said, where)
            assert (offer.creditor, offer.terms) == expected
            assert offer.said == said


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        (Terms("desk", ENGINE, why="Its own model is being loaded."), "Its own model is being loaded."),
        (Terms("desk", ENGINE), "start it there with --lend"),
        (replace(TERMS, engine="engine 2"), "It has engine 2, and this machine engine 1: update the older one"),
    ],
)
async def test_why_nothing_can_be_had_is_told(swarm: Authority, terms: Terms, told: str) -> None:
    async with serving(swarm.server(ID), Offered({}), extra=Loans(Capitals(terms)).routes()) as server:
        with pytest.raises(NothingLent) as error:
            await asked(swarm, f"127.0.0.1:{server.port}", places())
    assert error.value.message.startswith(f"--shard 127.0.0.1:{server.port}: ") and told in error.value.message


async def test_one_that_lends_nothing_and_one_that_is_not_there(swarm: Authority) -> None:
    async with serving(swarm.server(ID), Offered({})) as server:
        with pytest.raises(NothingLent, match="start it there with --lend"):
            await asked(swarm, f"127.0.0.1:{server.port}", places())
    with pytest.raises(NothingLent, match="cannot be reached"):
        await asked(swarm, f"127.0.0.1:{server.port}", places())
    with pytest.raises(NothingLent, match="no machine of the swarm that answers has this name"):
        await asked(swarm, "nobody", places())
