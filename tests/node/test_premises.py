"""What every node has before its model is chosen: its doors are looked at, opened as a whole or not at all."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.errors import PortTaken, SettingError
from localswarm.node.premises import Premises, check_log, premises_of
from localswarm.settings import Settings
from localswarm.state.budget import AlreadyRunning
from localswarm.state.server import Wanted


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "root").mkdir()
    return Settings(state_dir=tmp_path / "state", root=tmp_path / "root", host="127.0.0.1", port=0, tool_port=0)


@contextmanager
def premises(settings: Settings) -> Iterator[Premises]:
    found = premises_of(settings)
    with found.state:
        yield found


@contextmanager
def taken() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield other.getsockname()[1]


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_what_was_looked_at_is_not_held(settings: Settings) -> None:
    with premises(settings) as found, ExitStack() as opened:
        found.look()
        found.look()
        port = found.open(opened).port
        assert is_open(port)
        with pytest.raises(PortTaken), premises(replace(settings, port=port)) as second:
            second.look()
    assert not is_open(port)


def test_a_node_of_this_machine_is_said_to_be_one(settings: Settings) -> None:
    with taken() as port, premises(replace(settings, port=port)) as found:
        with pytest.raises(PortTaken, match="another program"):
            found.look()
        found.state.servers.claim(Wanted(Path("a.gguf"), "m", 1, 1, {}, "127.0.0.1", port), {})
        with pytest.raises(AlreadyRunning, match=f"127.0.0.1:{port}"):
            found.look()


def test_a_node_with_one_of_its_ports_opens_none(settings: Settings) -> None:
    with taken() as port, premises(settings) as alone, ExitStack() as opened:
        own = alone.open(opened).port
        opened.close()
        hosting = replace(settings, tool_server=True, yes_tools=True, port=own, tool_port=port)
        with premises(hosting) as found:
            for attempt in (found.look, lambda: found.open(opened)):
                with pytest.raises(PortTaken, match=f"--tool-port {port + 1}"):
                    attempt()
        opened.close()
        assert not is_open(own)


def test_the_port_of_the_tools_is_among_their_notes(settings: Settings) -> None:
    with premises(replace(settings, tool_server=True, yes_tools=True)) as found, ExitStack() as opened:
        found.open(opened)
        assert found.tools and "programs reach these tools at http://127.0.0.1:" in found.tools.notes[-1]


def test_a_log_is_no_folder(tmp_path: Path) -> None:
    check_log(tmp_path / "a.log", "the engine's")
    with pytest.raises(SettingError, match="the engine's log goes there"):
        check_log(tmp_path, "the engine's")
