"""Discovery on networks as they are: several, late, changing, blocked, and with somebody hostile in them."""

import itertools
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from localswarm.federation.discovery.record import Record

from ..federation.discovery.packets import packet, records
from .netlab import Host, Lab, kill
from .netlab.lab import ROOT
from .watched import Announcer, announcers, until

# What an announcement takes at most, from when the later node is ready.
SECONDS = 2.0
GROUP = ("224.0.0.251", 5353)


def latest(nodes: list[Announcer]) -> float:
    """Until everybody saw everybody."""
    pairs = list(itertools.permutations(nodes, 2))
    assert until(lambda: all(one.sees(other) is not None for one, other in pairs)), [node.lines for node in nodes]
    return max(one.sees(other) or 0.0 for one, other in pairs)


def test_two_at_once_see_each_other() -> None:
    with Lab(2) as lab:
        assert latest(announcers(lab)) < SECONDS


def test_one_that_comes_later_is_seen_and_sees() -> None:
    with Lab(2) as lab:
        first = Announcer(lab["h1"], 1)
        assert until(lambda: first.of("ready"))
        time.sleep(2.5)
        second = Announcer(lab["h2"], 2)
        assert latest([first, second]) < SECONDS
        assert first.values(second.id)[0] == ["10.77.0.2:17617", "[fd77::2]:17617"]
        assert first.values("problem") == []


def test_fifteen_at_once_see_each_other() -> None:
    with Lab(15) as lab:
        assert latest(announcers(lab)) < SECONDS


def test_two_nodes_of_one_machine() -> None:
    with Lab(1) as lab:
        nodes = [Announcer(lab["h1"], 1), Announcer(lab["h1"], 2, "--port", "17618")]
        assert latest(nodes) < SECONDS
        assert nodes[0].values(nodes[1].id)[0][0] == "10.77.0.1:17618"


def test_half_of_the_packets_are_lost() -> None:
    with Lab(2) as lab:
        lab.link(loss=0.5)
        assert latest(announcers(lab)) < 3 * SECONDS


def test_ipv6_alone() -> None:
    with Lab(2) as lab:
        for host in lab.hosts.values():
            host.run(f"ip addr del {host.ip}/24 dev eth0")
        nodes = announcers(lab)
        assert latest(nodes) < SECONDS
        assert nodes[0].values(nodes[1].id)[0] == ["[fd77::2]:17617"]


def test_link_local_addresses_where_there_is_nothing_else() -> None:
    with Lab(2) as lab:
        for host in lab.hosts.values():
            host.run("ip addr flush dev eth0 scope global")
        nodes = announcers(lab)
        assert latest(nodes) < SECONDS
        ((endpoint,),) = nodes[0].values(nodes[1].id)[:1]
        index = lab["h1"].call(socket.if_nametoindex, "eth0")
        assert endpoint.startswith("[fe80::") and endpoint.endswith(f"%{index}]:17617")


def test_the_chosen_address_alone_is_announced() -> None:
    with Lab({"a": ["x"], "b": ["x", "y"]}) as lab:
        a, b = Announcer(lab["a"], 1), Announcer(lab["b"], 2, "--host", "10.77.0.2")
        assert latest([a, b]) < SECONDS
        assert a.values(b.id)[0] == ["10.77.0.2:17617"]


def test_two_lans() -> None:
    with Lab({"a": ["x"], "b": ["x", "y"], "c": ["y"]}) as lab:
        a, b, c = announcers(lab)
        assert latest([a, b]) < SECONDS and latest([b, c]) < SECONDS
        assert a.sees(c) is None and c.sees(a) is None
        assert c.values(b.id)[0][0] == "10.77.1.2:17617", "the address in the shared network comes first"


def test_an_address_that_comes_late_and_one_that_changes() -> None:
    with Lab(2) as lab:
        lab["h2"].run("ip link set eth0 down")
        first, second = announcers(lab)
        assert until(lambda: "in no network" in str(second.values("problem")))
        lab["h2"].run("ip link set eth0 up; ip addr add fd77::2/64 dev eth0 nodad 2>/dev/null; true")
        came = time.monotonic()
        assert until(lambda: first.of(second.id) and second.of(first.id))
        assert second.of(first.id)[0][0] - came < 2 * SECONDS
        assert until(lambda: second.values("problem")[-1] is None)
        lab["h2"].run("ip addr del 10.77.0.2/24 dev eth0; ip addr add 10.77.0.99/24 dev eth0")
        assert until(lambda: first.values(second.id)[-1][0] == "10.77.0.99:17617")


def test_blocked_multicast_is_survived_and_its_end_is_noticed() -> None:
    with Lab(2) as lab:
        lab.link(block_multicast=True)
        first, second = announcers(lab)
        assert until(lambda: first.of("ready") and second.of("ready"))
        time.sleep(1.5)
        assert first.sees(second) is None
        lab.clear()
        assert until(lambda: first.sees(second) and second.sees(first))


def test_goodbye_takes_no_time() -> None:
    with Lab(2) as lab:
        first, second = announcers(lab)
        latest([first, second])
        begun = time.monotonic()
        assert kill(first.process, signal.SIGINT) in (-signal.SIGINT, 1, 130)
        assert time.monotonic() - begun < 1.5, "goodbyes are half a second, the end of Python the rest"


FIND = """
import asyncio, sys
from localswarm.federation.discovery import find
for one in asyncio.run(find(None if sys.argv[1] == "all" else sys.argv[1], 1.0)): print(one.id, one.name)
"""


def test_commands_that_look_once() -> None:
    with Lab(3) as lab:
        ours, other = Announcer(lab["h1"], 1), Announcer(lab["h2"], 2, "--tag", "beef")
        latest([ours, other])
        found = [lab["h3"].run([sys.executable, "-c", FIND, tag]).stdout for tag in ("all", "5afe", "0000")]
        assert sorted(found[0].splitlines()) == [f"{ours.id} node 0000", f"{other.id} node 0000"]
        assert found[1:] == [f"{ours.id} node 0000\n", ""]


HOLD = """
import socket
held = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
held.bind(("::", 5353))
print("held", flush=True)
input()
"""


def test_a_held_port_is_told_and_tried_again() -> None:
    with Lab(2) as lab:
        holder = lab["h1"].popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert holder.stdout and holder.stdout.readline() == "held\n"
        first, second = announcers(lab)
        assert until(lambda: "holds UDP port 5353" in str(first.values("problem")))
        kill(holder)
        latest([first, second])
        assert until(lambda: first.values("problem")[-1] is None)


FLOOD = """
import socket, sys, time
from localswarm.federation.discovery.record import Record
from tests.federation.discovery.packets import packet, records
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
packets = [
    packet(*records(Record(f"{i:016x}", "5afe", 1, "x" * 40, 1), [f"10.9.{i // 250}.{i % 250 + 1}"]))
    for i in range(1000, 11000)
]
print("ready", flush=True)
begun = time.monotonic()
for i, data in enumerate(packets):
    out.sendto(data, ("224.0.0.251", 5353))
    time.sleep(max(0, begun + i / 5000 - time.monotonic()))
print(time.monotonic() - begun, flush=True)
"""


def test_ten_thousand_forged_records() -> None:
    """They are passed on slowly, take little memory, hold nothing up, and hide nobody who was there before."""
    with Lab(3) as lab:
        lab["h3"].run("ip route add 224.0.0.0/4 dev eth0")
        nodes = first, second = [Announcer(lab["h1"], 1), Announcer(lab["h2"], 2)]
        latest(nodes)
        before = memory(first)
        lab["h3"].run([sys.executable, "-c", FLOOD], cwd=ROOT)
        forged = {what for _, what, _ in list(first.lines) if len(what) == 16} - {second.id}
        assert 0 < len(forged) < 2000
        assert memory(first) - before < 60e6
        assert max((seconds for _, _, seconds in first.of("late")), default=0.0) < 1.0
        lab["h2"].run("ip addr add 10.77.0.99/24 dev eth0")
        assert until(lambda: "10.77.0.99:17617" in first.values(second.id)[-1])
        assert first.values("output") == []


def test_forged_goodbyes_and_forged_addresses() -> None:
    with Lab(3) as lab:
        lab["h3"].run("ip route add 224.0.0.0/4 dev eth0")
        nodes = first, second = [Announcer(lab["h1"], 1), Announcer(lab["h2"], 2)]
        latest(nodes)
        forge(lab["h3"], packet(*records(record(second), ["10.77.0.2"], ttl=0)))
        forge(lab["h3"], packet(*records(record(second), ["8.8.8.8", "127.0.0.1"])))
        forge(lab["h3"], packet(*records(record(second), ["10.77.0.3"])))
        assert until(lambda: ["10.77.0.3:17617"] in first.values(second.id)), "a hint, as any other"
        third = Announcer(lab["h3"], 3)
        assert latest([first, second, third]) < SECONDS
        assert ["10.77.0.2:17617", "[fd77::2]:17617"] in third.values(second.id), "what was forged does not stay"
        told = {host for value in first.values(second.id) for host in value}
        assert told == {"10.77.0.2:17617", "[fd77::2]:17617", "10.77.0.3:17617"}


def test_somebody_with_our_own_id_is_no_sighting() -> None:
    with Lab(3) as lab:
        lab["h3"].run("ip route add 224.0.0.0/4 dev eth0")
        nodes = first, _ = [Announcer(lab["h1"], 1), Announcer(lab["h2"], 2)]
        latest(nodes)
        for i in range(50):
            forge(lab["h3"], packet(*records(record(first), [f"10.77.0.{100 + i}"])))
        assert until(lambda: first.of("twins"))
        assert first.of(first.id) == []
        assert len(first.values("twins")[-1]) <= 4
        copy = Announcer(lab["h3"], 1)
        assert until(lambda: "10.77.0.3:17617" in str(first.values("twins")))
        assert until(lambda: "10.77.0.1:17617" in str(copy.values("twins")))


RUBBISH = [b"", bytes(12), b"\xff" * 500, packet()[:6], b"\x00\x00\x84\x00" + b"\x00\xff" * 40]


@pytest.mark.parametrize("rubbish", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish(rubbish: bytes, pair: tuple[Lab, Announcer, Announcer]) -> None:
    lab, first, _ = pair
    forge(lab["h3"], rubbish)
    good = Record("beef" * 4, "5afe", 1, "a\x1b[31m\nb", 17617)
    forge(lab["h3"], packet(*records(good, ["10.77.0.3"])))
    assert until(lambda: first.of(good.id))
    assert first.values("output") == []


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Lab, Announcer, Announcer]]:
    with Lab(3) as lab:
        lab["h3"].run("ip route add 224.0.0.0/4 dev eth0")
        nodes = [Announcer(lab["h1"], 1), Announcer(lab["h2"], 2)]
        latest(nodes)
        yield lab, nodes[0], nodes[1]


def record(node: Announcer) -> Record:
    return Record(node.id, "5afe", 1, "forged", 17617)


def forge(host: Host, data: bytes) -> None:
    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(data, GROUP)

    host.call(send)


def memory(node: Announcer) -> int:
    pages = int(Path(f"/proc/{node.process.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()
