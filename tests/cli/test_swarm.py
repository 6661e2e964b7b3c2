"""`swarm`: the words as users have them."""

from pathlib import Path

import pytest
from localswarm.state import State
from localswarm.state.peers import KnownPeer

from .command import run, sentence

DESK = KnownPeer("deadbeef00000001", "desk", ())


def test_the_code_stays_until_a_new_one_is_made(tmp_path: Path) -> None:
    folder = ("--state-dir", str(tmp_path / "state"))
    first = run("swarm", "code", *folder)
    assert first.returncode == 0 and first.stdout.startswith("python main.py --auto --join ")
    assert first.stdout.count("\n") == 1 and first.stdout == run("swarm", "code", *folder).stdout
    renewed = run("swarm", "new-code", *folder).stdout
    assert renewed.splitlines()[0] == run("swarm", "code", *folder).stdout.strip() != first.stdout.strip()
    assert "has to join again" in renewed


def test_who_is_forgotten_and_allowed_again(tmp_path: Path) -> None:
    folder = ("--state-dir", str(tmp_path))
    with State(tmp_path) as state:
        state.peers.remember([DESK])
    said = run("swarm", "forget", "desk", *folder)
    assert said.returncode == 0 and "desk is forgotten" in said.stdout and "swarm new-code" in said.stdout
    assert "No machine called desk is known here" in sentence(run("swarm", "forget", "desk", *folder))
    assert "desk may come back" in run("swarm", "allow", DESK.id, *folder).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("swarm",), "action"),
        (("swarm", "cod"), "invalid choice: 'cod'"),
        (("swarm", "forget"), "forget needs NODE, a machine. See: python main.py swarm --help"),
        (("swarm", "code", "desk"), "code takes no other word. See"),
    ],
)
def test_what_is_not_understood(words: tuple[str, ...], said: str) -> None:
    assert said in sentence(run(*words), 2)


def test_an_open_swarm_has_no_code(tmp_path: Path) -> None:
    said = sentence(run("swarm", "code", "--open", "--state-dir", str(tmp_path / "state")))
    assert "An open swarm has no code" in said and "--auto --open" in said
    assert not (tmp_path / "state").exists()
