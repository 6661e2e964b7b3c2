"""The other nodes of the swarm."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from localswarm.state import State
from localswarm.state.peers import MOST_PEERS, KnownPeer

DESK = KnownPeer("d" * 16, "desk", (("192.168.1.7", 17617), ("fe80::1%eth0", 1)), 100.0)
TOWER = KnownPeer("e" * 16, "tower", (), 200.0)


def test_peers_are_known_after_opening_again(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        state.peers.remember([DESK, TOWER])
    with State(tmp_path) as state:
        assert state.peers.all() == [TOWER, DESK]
        state.peers.forget(TOWER.id)
        assert state.peers.all() == [DESK]


def test_the_latest_wins_and_is_of_now_unless_it_says_when(state: State) -> None:
    state.peers.remember([DESK])
    state.peers.remember([KnownPeer(DESK.id, "desk 2", (("10.0.0.1", 5),))])
    (peer,) = state.peers.all()
    assert (peer.name, peer.endpoints) == ("desk 2", (("10.0.0.1", 5),))
    assert abs(peer.last_heard - time.time()) < 10


def test_they_are_bounded_and_those_not_heard_for_longest_go(state: State) -> None:
    state.peers.remember([KnownPeer(f"{number:016x}", "", (), 1.0 + number) for number in range(MOST_PEERS + 5)])
    peers = state.peers.all()
    assert len(peers) == MOST_PEERS and peers[-1].last_heard == 6.0


def test_who_is_denied_is_no_peer_any_more_until_it_is_allowed(state: State) -> None:
    state.peers.remember([DESK, TOWER])
    state.peers.deny(DESK.id, "desk")
    before = state.peers.denied()
    state.peers.deny(DESK.id, "another name")
    assert state.peers.denied() == before and [(one.id, one.name) for one in before] == [(DESK.id, "desk")]
    assert state.peers.all() == [TOWER]
    assert state.peers.allow(DESK.id) and not state.peers.allow(DESK.id)
    assert state.peers.denied() == []


def test_nobody_is_known_in_a_new_swarm(state: State) -> None:
    state.peers.remember([DESK])
    state.peers.deny(TOWER.id)
    state.peers.forget_all()
    assert state.peers.all() == [] and state.peers.denied() == []


@pytest.mark.parametrize("id", ["a", "b"])
def test_starts_are_counted_for_each_node(state: State, id: str) -> None:
    assert [state.starts.next(id) for _ in range(3)] == [1, 2, 3]
    with State(state.file.parent) as other:
        assert other.starts.next(id) == 4
        assert other.starts.next("c") == 1


def test_what_version_3_wrote(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.executescript(Path(__file__).with_name("version_3.sql").read_text())
    with State(tmp_path) as state:
        assert state.peers.all() == [KnownPeer("0123456789abcdef", "desk", (("192.168.1.7", 17617),), 1700000000.0)]
        assert [one.name for one in state.peers.denied()] == ["laptop"]
        assert state.starts.next("0123456789abcdef") == 4
