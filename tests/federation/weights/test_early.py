"""Which nodes are asked for a file before this one runs."""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path

import pytest
from localswarm.federation.authority import derived
from localswarm.federation.channel import server_context
from localswarm.federation.code import Code
from localswarm.federation.identity import keep_code
from localswarm.federation.nodes import Endpoint
from localswarm.federation.options import Options
from localswarm.federation.weights.caller import Caller
from localswarm.federation.weights.early import Early, of_swarm
from localswarm.federation.weights.lending import Lending
from localswarm.federation.weights.shelf import Shelf
from localswarm.state import State
from localswarm.state.peers import KnownPeer

from .members import member
from .serving import lending

DATA = b"of a model" * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()
NOBODY = Endpoint("127.0.0.1", 9)


class Home:
    """Nodes, of which some have the file."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self._folder = folder
        self._closing = closing
        self._count = 0

    def node(self, data: bytes | None = DATA, most: int = 2) -> Endpoint:
        return self.enter(lending(self.lending(data, most)))

    def enter(self, service: AbstractContextManager[Endpoint]) -> Endpoint:
        return self._closing.enter_context(service)

    def lending(self, data: bytes | None = DATA, most: int = 2) -> Lending:
        self._count += 1
        state = self._closing.enter_context(State(self._folder / f"state{self._count}"))
        if data is not None:
            path = self._folder / f"{self._count}.gguf"
            path.write_bytes(data)
            state.models.remember(path, len(data), path.stat().st_mtime_ns, "found", SHA256)
        return Lending(Shelf(state.models), 10**9, f"node{self._count}", most=most)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with ExitStack() as stack:
        yield Home(tmp_path, stack)


def ports(early: Early) -> list[int]:
    return sorted(copy.node.endpoint.port for copy in early.copies(SHA256, len(DATA)))


def never() -> list[Endpoint]:
    raise AssertionError("one that is known has it")


def test_those_that_are_known_and_have_it(home: Home) -> None:
    first, second, without = home.node(), home.node(), home.node(None)
    with closing(Early(Caller(None), [first, NOBODY, without, second, first])) as early:
        assert ports(early) == sorted([first.port, second.port])


def test_whoever_announces_itself_is_asked_where_nobody_known_has_it(home: Home) -> None:
    asked: list[int] = []
    without, found = home.node(None), home.node()

    def find() -> list[Endpoint]:
        asked.append(1)
        return [found, without]

    with closing(Early(Caller(None), [without], find)) as early:
        assert ports(early) == [found.port]
        assert ports(early) == [found.port]
        assert asked == [1]


def test_the_swarm_of_a_state_folder(home: Home, tmp_path: Path) -> None:
    """Where its nodes were last, and where the user says that they are."""
    code = Code.new()
    ours = derived(code)
    keep_code(tmp_path / "own", code)
    ends = [home.enter(lending(home.lending(), server_context(member(ours)))) for _ in range(3)]
    out = member(ours)
    ends.append(home.enter(lending(home.lending(), server_context(out))))
    with State(tmp_path / "own") as state:
        state.peers.remember([KnownPeer(str(at.port), "", ((at.host, at.port),)) for at in ends[1:]])
        state.peers.deny(out.id)
        options = Options(tmp_path / "own", 0, places=((ends[0].host, ends[0].port),))
        with closing(of_swarm(code, options, state.peers)) as early:
            assert ports(early) == sorted(end.port for end in ends[:3])


def test_nobody_waits_for_strangers_where_a_known_one_has_it(home: Home) -> None:
    with closing(Early(Caller(None), [home.node()], never)) as early:
        assert len(ports(early)) == 1


def test_a_network_that_cannot_be_looked_at() -> None:
    def find() -> list[Endpoint]:
        raise OSError("no network")

    with closing(Early(Caller(None), [], find)) as early:
        assert ports(early) == []


def test_another_size_is_another_file(home: Home) -> None:
    with closing(Early(Caller(None), [home.node(DATA + b"more")])) as early:
        assert ports(early) == []


def test_one_that_sent_wrong_bytes_is_not_asked_again(home: Home) -> None:
    liar, honest = home.node(), home.node()
    with closing(Early(Caller(None), [liar, honest])) as early:
        (bad,) = (copy for copy in early.copies(SHA256, len(DATA)) if copy.node.endpoint == liar)
        bad.reject()
        assert ports(early) == [honest.port]


def test_one_that_is_not_to_come_back_is_not_asked(home: Home) -> None:
    out, other = home.node(), home.node()
    with closing(Early(Caller(None), [out, other], denied=lambda id: id == str(out))) as early:
        assert ports(early) == [other.port]


def test_one_with_its_hands_full_comes_last(home: Home) -> None:
    full, free = home.node(most=0), home.node()
    with closing(Early(Caller(None), [full, free])) as early:
        copies = early.copies(SHA256, len(DATA))
    assert [copy.node.endpoint for copy in copies] == [free, full]


def test_one_that_is_gone_by_then(home: Home) -> None:
    with lending(home.lending()) as endpoint:
        early = Early(Caller(None), [endpoint])
        (copy,) = early.copies(SHA256, len(DATA))
    with closing(early):
        assert b"".join(copy.read(0, len(DATA))) == b""
        assert ports(early) == []
