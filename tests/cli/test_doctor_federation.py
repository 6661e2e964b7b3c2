"""What `doctor` finds about the swarm: judged from what was seen, and one look at this machine."""

import argparse
import socket
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from localswarm.cli.checks import enclosed, federation, multicast
from localswarm.cli.checks.finding import Situation
from localswarm.federation import identity
from localswarm.federation.discovery.addresses import Local
from localswarm.node.lookout import Seen, Where, placed, seen
from localswarm.settings import Settings
from localswarm.state import State
from localswarm.state.peers import KnownPeer

from ..lan.netlab import Host

WELL = Where(("192.168.1.5", "fd00::5"), (("eth0", "192.168.1.5"),))
DESK = Seen("d" * 16, "desk", True, "192.168.1.7:17617", announces=True, connects=True)
BOX = Seen("b" * 16, "box", False, "192.168.1.9:17617", announces=True, connects=False)


@pytest.fixture
def situation(tmp_path: Path) -> Situation:
    return Situation(Settings(state_dir=tmp_path / "state", swarm_port=0), argparse.Namespace(config=None))


@pytest.mark.parametrize(
    ("found", "container", "wsl2", "verdict", "words"),
    [
        (WELL, False, False, "ok", "192.168.1.5, then fd00::5"),
        (WELL, True, True, "ok", "192.168.1.5"),
        (replace(WELL, missing="10.0.0.1"), False, False, "fail", "no address 10.0.0.1"),
        (Where((), (), alone=True), False, False, "warn", "in no network"),
        (Where(("172.17.0.2",), ()), True, False, "warn", "docker run --network host"),
        (Where(("172.20.1.2",), ()), False, True, "warn", "networkingMode=mirrored"),
        (Where(("172.20.1.2",), ()), False, False, "ok", "172.20.1.2"),
        (replace(WELL, tunnels=True), False, False, "warn", "a VPN"),
        (replace(WELL, virtual=True), False, False, "warn", "virtual machines"),
    ],
)
def test_the_place_in_the_network(found: Where, container: bool, wsl2: bool, verdict: str, words: str) -> None:
    finding = federation.network(found, container, wsl2)
    assert finding.verdict == verdict and words in finding.cause + finding.mend
    assert bool(finding.mend) == (verdict != "ok")


def test_where_this_machine_is() -> None:
    lan = Local("eth0", ip_address("192.168.1.5"), 24)
    vpn, docker, loop = (
        Local(name, ip_address(address), 24)
        for name, address in (("wg0", "10.9.0.2"), ("docker0", "172.17.0.1"), ("lo", "127.0.0.1"))
    )
    assert placed(None, [loop, docker, lan]) == Where(("192.168.1.5",), (("eth0", "192.168.1.5"),))
    assert placed(None, [loop, vpn]).tunnels and placed(None, [loop, docker]).virtual and placed(None, [loop]).alone
    assert placed("192.168.1.6", [lan]).missing == "192.168.1.6" and placed("192.168.1.5", [lan, vpn]).missing == ""


def test_containers_and_wsl(tmp_path: Path) -> None:
    assert not enclosed.in_container(tmp_path) and not enclosed.in_wsl2(tmp_path)
    (tmp_path / ".dockerenv").touch()
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/version").write_text("Linux version 5.15 (Microsoft@Microsoft.com) microsoft-standard-WSL2")
    assert enclosed.in_container(tmp_path) and enclosed.in_wsl2(tmp_path)
    assert not enclosed.behind(("192.168.1.5", "172.17.0.2")) and not enclosed.behind(("fd00::1",))


@pytest.mark.parametrize(
    ("interfaces", "deaf", "verdict", "words"),
    [
        (["eth0"], {}, "ok", "eth0"),
        (["eth0", "wlan0"], {"wlan0": "nothing comes back"}, "warn", "nothing comes back on wlan0"),
        ([], {}, "warn", "--peer HOST"),
    ],
)
def test_multicast(interfaces: list[str], deaf: dict[str, str], verdict: str, words: str) -> None:
    finding = federation.hearing(interfaces, deaf)
    assert finding.verdict == verdict and words in finding.cause + finding.mend


@pytest.mark.parametrize(
    ("answers", "verdict", "words"),
    [
        ({}, "ok", "no other machine"),
        ({"desk": True}, "ok", "desk can reach"),
        ({"desk": False}, "fail", "desk cannot reach this machine"),
        ({"desk": True, "tower": False}, "warn", "tower cannot"),
    ],
)
def test_who_reaches_this_machine(answers: dict[str, bool], verdict: str, words: str) -> None:
    finding = federation.reached(answers, 17617)
    assert finding.verdict == verdict and words in finding.cause
    assert verdict != "fail" or "17617" in finding.mend or "Allow Python" in finding.mend


@pytest.mark.parametrize(
    ("platform", "words"), [("linux", "ufw allow 5/tcp"), ("darwin", "System Settings"), ("win32", "Windows")]
)
def test_firewalls(platform: str, words: str) -> None:
    assert words in federation.through_firewall(5, platform)


@pytest.mark.parametrize(
    ("found", "verdict", "words"),
    [
        ([], "ok", "no other machine of the swarm is seen"),
        ([DESK], "ok", "desk can be talked with"),
        ([BOX], "ok", "not of it: box (to join: python main.py swarm pair"),
        ([DESK, replace(DESK, connects=False)], "fail", "client isolation"),
        ([replace(DESK, trouble="It speaks version 9: update Local Swarm on desk.")], "fail", "speaks version 9"),
        ([replace(DESK, announces=False, connects=False)], "warn", "not there now: desk (192.168.1.7:17617)"),
        ([replace(DESK, announces=False)], "warn", "multicast does not tell"),
        ([replace(DESK, name="a\x1b[2Jb", connects=False)], "fail", "a[2Jb (192"),
    ],
)
def test_other_machines(found: list[Seen], verdict: str, words: str) -> None:
    finding = federation.machines(found)
    assert finding.verdict == verdict and words in finding.cause + finding.mend and "\x1b" not in finding.cause


def test_alone_by_choice(situation: Situation) -> None:
    alone = replace(situation, settings=replace(situation.settings, federation=False))
    for check in (
        federation.check_swarm, federation.check_network, federation.check_multicast,
        federation.check_swarm_port, federation.check_machines,
    ):  # fmt: skip
        assert check(alone).cause == "not used, because of --no-federation"


def test_the_code(situation: Situation) -> None:
    folder = situation.settings.state_dir
    assert "no code yet" in federation.check_swarm(situation).cause and not folder.exists(), "a check changes nothing"
    identity.first_code(folder)
    with State(folder) as state:
        state.peers.remember([KnownPeer("d" * 16, "desk", ())])
    assert federation.check_swarm(situation).cause == "this machine has a code, and knows desk"
    (folder / "federation" / "code").write_text("nonsense")
    found = federation.check_swarm(situation)
    assert found.verdict == "fail" and "is damaged" in found.cause and "--join CODE" in found.mend
    opened = replace(situation, settings=replace(situation.settings, open=True))
    assert federation.check_swarm(opened).verdict == "warn"


def test_the_swarm_port_without_a_node(situation: Situation) -> None:
    assert federation.check_swarm_port(situation).cause == "any free port"
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        found = federation.check_swarm_port(replace(situation, settings=replace(situation.settings, swarm_port=port)))
    assert found.verdict == "fail" and f"--swarm-port {port + 1}" in found.mend


def test_a_machine_that_was_here_once_and_takes_no_connection(situation: Situation, island: Host) -> None:
    identity.first_code(situation.settings.state_dir)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with State(situation.settings.state_dir) as state:
        state.peers.remember([KnownPeer("d" * 16, "desk", (("127.0.0.1", port),))])
    (found,) = island.call(seen, situation.settings, "")
    assert (found.ours, found.announces, found.connects) == (True, False, False)


def test_something_else_where_a_machine_was(situation: Situation, island: Host) -> None:
    identity.first_code(situation.settings.state_dir)
    with island.call(socket.create_server, ("127.0.0.1", 0)) as other, State(situation.settings.state_dir) as state:
        state.peers.remember([KnownPeer("d" * 16, "desk", (("127.0.0.1", other.getsockname()[1]),))])
        (found,) = island.call(seen, situation.settings, "")
    assert found.connects and "cannot be reached" in found.trouble


def test_an_address_that_this_machine_does_not_have_hears_nothing() -> None:
    with pytest.raises(OSError):
        multicast.echoes("203.0.113.9")
