"""A PIN brings the code from one machine to another; both are here."""

import queue
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from localswarm.errors import StartError
from localswarm.federation import identity
from localswarm.node import invitation
from localswarm.settings import Pin, Place, Settings

from ..lan.netlab import Host as Machine


@dataclass(frozen=True, slots=True)
class Host:
    folder: Path
    thread: threading.Thread
    said: "queue.Queue[str]"
    place: Place
    pin: str


@pytest.fixture
def host(tmp_path: Path, island: Machine) -> Iterator[Host]:
    settings, said = Settings(state_dir=tmp_path / "host"), queue.Queue[str]()

    def invite() -> None:
        try:
            said.put(invitation.invite(settings, said.put, 20))
        except StartError as error:
            said.put(error.message)

    thread = threading.Thread(target=island.call, args=(invite,), daemon=True)
    thread.start()
    found = re.search(r"--pair (\d{6})@(\S+):(\d+)", said.get(timeout=20))
    assert found
    yield Host(settings.state_dir, thread, said, Place("127.0.0.1", int(found[3])), found[1])
    thread.join(timeout=30)


def test_the_code_comes_to_who_knows_the_pin(host: Host, island: Machine) -> None:
    wrong = "000000" if host.pin != "000000" else "000001"
    with pytest.raises(StartError, match="shows another PIN; 2 tries are left"):
        island.call(invitation.fetched, Settings(pair=Pin(wrong, host.place)))
    right = island.call(invitation.fetched, Settings(pair=Pin(host.pin, host.place)))
    assert right == identity.code_of(host.folder)
    assert "wrong PIN" in host.said.get(timeout=10)
    assert host.said.get(timeout=10) == "The machine at 127.0.0.1 is of this swarm now."


def test_three_guesses_and_it_is_over(host: Host, island: Machine) -> None:
    wrong = "000000" if host.pin != "000000" else "000001"
    for _ in range(3):
        with pytest.raises(StartError):
            island.call(invitation.fetched, Settings(pair=Pin(wrong, host.place)))
    host.thread.join(timeout=10)
    assert "this one is void" in [host.said.get(timeout=5) for _ in range(4)][-1]
    with pytest.raises(StartError, match="still waits there"):
        island.call(invitation.fetched, Settings(pair=Pin(host.pin, host.place)))


def test_nothing_to_fetch() -> None:
    assert invitation.fetched(Settings()) is None


@pytest.mark.parametrize(
    ("host", "told"), [("localhost", None), ("127.0.0.1", None), ("192.168.1.7", "192.168.1.7"), ("0.0.0.0", "0.0.0.0")]
)
def test_an_address_for_this_machine_alone_is_not_told_to_others(host: str, told: str | None) -> None:
    assert invitation.announced(Settings(host=host)) == told
