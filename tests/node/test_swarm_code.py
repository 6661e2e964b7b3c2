"""Which swarm a machine belongs to, through starts, codes of others, and damage."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.federation import identity
from localswarm.federation.code import OPEN, Code
from localswarm.node import swarm_code
from localswarm.node.swarm_code import belonging
from localswarm.settings import Pin, Settings
from localswarm.state import State
from localswarm.state.peers import KnownPeer

DESK = KnownPeer("deadbeef00000001", "desk", ())
TWIN = KnownPeer("deadbeef00000002", "Tower", ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def state(folder: Path) -> Iterator[State]:
    with State(folder) as opened:
        yield opened


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(state_dir=folder)


def test_the_first_start_makes_a_code_and_shows_it_and_the_next_only_where_it_is(
    settings: Settings, state: State
) -> None:
    first = belonging(settings, state)
    assert first.join == f"python main.py --auto --join {first.code}"
    assert belonging(settings, state) == replace(first, join="python main.py swarm code")
    assert swarm_code.shown(settings.state_dir) == first.join


def test_who_joins_belongs_there_for_good(settings: Settings, state: State) -> None:
    own = belonging(settings, state).code
    state.peers.remember([DESK])
    other = Code.new()
    asked = replace(settings, join=str(other).lower())
    joined = belonging(asked, state)
    assert joined.code == other != own and "left the swarm that it was of with desk" in joined.notes[0]
    assert state.peers.all() == [], "the nodes of the swarm before are none of ours"
    assert belonging(settings, state).code == other
    state.peers.remember([DESK])
    assert belonging(asked, state).notes == () and state.peers.all(), "the same again changes nothing"


def test_a_code_that_a_pin_has_brought(settings: Settings, state: State) -> None:
    code = Code.new()
    assert belonging(replace(settings, pair=Pin("123456")), state, code).code == code
    assert belonging(settings, state).code == code


def test_an_open_swarm_writes_nothing(settings: Settings, state: State, folder: Path) -> None:
    assert belonging(replace(settings, open=True), state).code == OPEN
    assert identity.code_of(folder) is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"open": True, "join": "x"}, "--open is a swarm without a code, and --join"),
        ({"open": True, "pair": Pin("123456")}, "--pair"),
        ({"join": "x", "pair": Pin("123456")}, "both say which swarm"),
        ({"join": "x"}, "has 21 letters and digits, and this one has 1"),
    ],
)
def test_what_cannot_be(settings: Settings, state: State, folder: Path, more: dict[str, object], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        belonging(replace(settings, **more), state)  # type: ignore[arg-type]
    assert identity.code_of(folder) is None


def test_a_damaged_code_is_mended_by_joining(settings: Settings, state: State, folder: Path) -> None:
    belonging(settings, state)
    (folder / "federation" / "code").write_text("nonsense")
    code = Code.new()
    assert belonging(replace(settings, join=str(code)), state).code == code


def test_a_new_code(folder: Path) -> None:
    before = swarm_code.shown(folder)
    assert swarm_code.renewed(folder) == swarm_code.shown(folder) != before


@pytest.mark.parametrize("said", ["desk", "DESK", DESK.id, " desk "])
def test_who_is_forgotten_and_taken_back(folder: Path, state: State, said: str) -> None:
    state.peers.remember([DESK, TWIN])
    assert swarm_code.forget(folder, said).id == DESK.id
    assert [one.id for one in state.peers.denied()] == [DESK.id] and [one.id for one in state.peers.all()] == [TWIN.id]
    assert swarm_code.allow(folder, "dead").id == DESK.id
    assert state.peers.denied() == []


def test_one_that_was_never_met_by_its_whole_id(folder: Path, state: State) -> None:
    assert swarm_code.forget(folder, "0" * 16).id == "0" * 16
    assert state.peers.denied()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("deadbeef", r"Several machines are called deadbeef: .*desk \(deadbeef00000001\)"),
        ("dea", "No machine called dea is known here. Known are: .*Tower"),
        ("box", "No machine called box"),
        ("x" * 16, "No machine called"),
    ],
)
def test_who_is_meant_must_be_clear(folder: Path, state: State, said: str, words: str) -> None:
    state.peers.remember([DESK, TWIN])
    with pytest.raises(SettingError, match=words):
        swarm_code.forget(folder, said)
    assert state.peers.denied() == []


def test_nobody_is_known(folder: Path) -> None:
    with pytest.raises(SettingError, match="None is known"):
        swarm_code.forget(folder, "desk")
    with pytest.raises(SettingError, match="nothing to take back"):
        swarm_code.allow(folder, DESK.id)
