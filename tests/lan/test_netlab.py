"""The lab itself: each fault does what it says, and nothing outlives a lab."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .echo import echo, median, ping
from .netlab import Lab, freeze, kill, namespaces, thaw
from .netlab.lab import ROOT


@pytest.fixture(scope="module")
def shared() -> Iterator[Lab]:
    """h1, and h2 and h3 that echo."""
    with Lab(3) as lab:
        echo(lab["h2"])
        echo(lab["h3"])
        yield lab


@pytest.fixture
def lab(shared: Lab) -> Iterator[Lab]:
    yield shared
    shared.clear()


def test_hosts_reach_each_other_by_both_families_and_have_their_own_names(lab: Lab) -> None:
    assert all(ping(lab["h1"], lab["h2"].ip))
    assert all(ping(lab["h1"], lab["h2"].ip6["lan0"]))
    assert lab["h3"].run("hostname").stdout == "h3\n"
    assert socket.gethostname() != "h3"


def test_delay_is_what_was_asked_and_only_there(lab: Lab) -> None:
    ping(lab["h1"], lab["h2"].ip), ping(lab["h1"], lab["h3"].ip)  # the hardware addresses are known now
    lab.link("h1", "h2", delay=0.05)
    assert 0.1 <= median(ping(lab["h1"], lab["h2"].ip)) < 0.13
    assert median(ping(lab["h1"], lab["h3"].ip)) < 0.03
    lab.clear("h1", "h2")
    assert median(ping(lab["h1"], lab["h2"].ip)) < 0.03


def test_partition_one_way_cut_and_heal(lab: Lab) -> None:
    ping(lab["h1"], lab["h2"].ip)
    lab.partition(["h1"])
    assert ping(lab["h1"], lab["h2"].ip, count=2) == [None, None]
    assert all(ping(lab["h2"], lab["h3"].ip))
    lab.heal()
    assert all(ping(lab["h1"], lab["h2"].ip))
    lab.link("h2", "h1", both=False, cut=True)
    assert ping(lab["h1"], lab["h2"].ip, count=2) == [None, None]


def test_blocked_port_and_multicast(lab: Lab) -> None:
    lab.link(block_udp=[7777])
    assert ping(lab["h1"], lab["h2"].ip, count=2) == [None, None]
    lab.clear()
    lab["h1"].run("ip neigh flush all")
    lab.link(block_multicast=True)
    assert all(ping(lab["h1"], lab["h2"].ip)), "ARP is let through"


def test_capture_holds_the_frames(lab: Lab, tmp_path: Path) -> None:
    lab.capture(tmp_path / "frames.pcap")
    ping(lab["h1"], lab["h2"].ip, count=1)
    lab.capture(None)
    data = (tmp_path / "frames.pcap").read_bytes()
    assert data[:4] == b"\xd4\xc3\xb2\xa1" and len(data) > 100


def test_a_socket_that_is_made_in_a_host_stays_there(lab: Lab) -> None:
    server = "import socket; s = socket.create_server(('', 80)); print('ready', flush=True); print(s.accept()[1][0])"
    process = lab["h2"].popen([sys.executable, "-c", server], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == "ready\n"
    with lab["h1"].call(socket.create_connection, (lab["h2"].ip, 80), timeout=2):
        assert process.stdout.readline() == f"{lab['h1'].ip}\n"


def test_a_wrong_name_or_fault_is_an_error(lab: Lab) -> None:
    with pytest.raises(KeyError):
        lab.link("h1", "nobody", cut=True)
    with pytest.raises(ValueError, match="lossy"):
        lab.link("h1", "h2", lossy=1)  # type: ignore[call-arg]
    assert lab.counts()["sent"] >= 0, "the switch lives on"


def test_two_lans_do_not_mix() -> None:
    with Lab({"a": ["x"], "b": ["x", "y"], "c": ["y"]}) as lab:
        echo(lab["b"]), echo(lab["c"])
        assert all(ping(lab["a"], lab["b"].ip4["x"]))
        assert all(ping(lab["b"], lab["c"].ip))
        assert lab["a"].run(f"ip route get {lab['c'].ip}", check=False).returncode != 0


def test_default_route_is_a_choice() -> None:
    for wanted in (True, False):
        with Lab(1, default_route=wanted) as lab:
            assert (lab["h1"].run("ip route get 192.0.2.9", check=False).returncode == 0) == wanted


def test_freeze_thaw_kill() -> None:
    with Lab(2) as lab:
        process = echo(lab["h2"])
        freeze(process)
        assert ping(lab["h1"], lab["h2"].ip, count=1) == [None]
        thaw(process)
        assert all(ping(lab["h1"], lab["h2"].ip))
        assert kill(process) == -signal.SIGKILL


def test_close_ends_even_processes_that_left_their_group() -> None:
    with Lab(1) as lab:
        inode = lab["h1"].namespace
        lab["h1"].run("setsid sleep 1000 >/dev/null 2>&1 & sleep 0.2")
        assert namespaces.inside({inode})
    assert until(lambda: not namespaces.inside({inode}))


KILLED = """
import time
from tests.lan.netlab import Lab
lab = Lab(2)
lab["h1"].popen("sleep 1000 & setsid sleep 1000")
time.sleep(0.3)
print(lab["h1"].namespace, lab._switch.pid, flush=True)
time.sleep(1000)
"""


def test_a_killed_lab_leaves_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        inode, switch = map(int, process.stdout.readline().split())
        assert namespaces.inside({inode})
        process.kill()
    assert until(lambda: not namespaces.inside({inode}) and ended(switch))


def test_command_line() -> None:
    steps = ["--at", "0.1", "partition h1 / h2", "--at", "0.2", "link h1 h2 delay=0.1", "--at", "0.3", "heal"]
    command = ["--hosts", "2", "--for", "9", *steps, "--", "sh", "-c", "echo I am {host} {ip}; sleep 0.6"]
    words = [sys.executable, "-m", "tests.lan.netlab", *command]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "h2] I am h2 10.77.0.2" in done.stdout
    assert "lab] heal" in done.stdout


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def ended(pid: int) -> bool:
    """A zombie has ended too: nobody may be there to reap it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True
