"""Somebody hostile in the LAN of a whole swarm, who does not know its code."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from localswarm.federation.authority import derived

from .netlab import Lab
from .netlab.lab import ROOT
from .slow_member import expected
from .stubs import Stubs
from .watched import until

CANARY = "the canary sings at midnight"
MODEL = "secret-model-7"
MOST_GROWN = 80e6  # bytes

# Nodes of this swarm, by its tag, strangers, and the second node at wrong addresses; names that a terminal would obey.
FLOOD = """
import random, socket, sys, time
from localswarm.federation.discovery.record import Record
from tests.federation.discovery.packets import packet, records
tag, known = sys.argv[1:]
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
name = "\\x1b[2J\\x1b]0;evil\\x07\\u202eevil"
for i in range(10_000):
    id, of = (known, tag) if i % 10 == 0 else (f"{i:016x}", tag if i % 2 else "bad0bad0bad0")
    forged = Record(id, of, 1 + i % 3, name, 1 + i % 60_000)
    ttl = 0 if i % 20 == 0 else 120
    out.sendto(packet(*records(forged, [f"10.77.0.{100 + i % 100}"], ttl=ttl)), ("224.0.0.251", 5353))
    time.sleep(0.0004)
"""


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    with Lab(4, seed=1) as lab:
        lab["h3"].run("ip route add 224.0.0.0/4 dev eth0")
        stubs = Stubs(lab, tmp_path_factory.mktemp("nodes"))
        stubs.start("h1", "--model", "near")
        stubs.start("h2", "--model", MODEL)
        stubs.together(seconds=60)
        yield stubs


def health(stubs: Stubs, name: str) -> str:
    """As it is, and as `status` shows it."""
    host = stubs.lab[name]
    told = host.run("curl -s http://127.0.0.1:17615/v1/federation/health").stdout
    words = [sys.executable, "-m", "localswarm.cli", "status", "--url", "http://127.0.0.1:17615"]
    return str(told) + str(host.run(words, cwd=ROOT, check=False).stdout)


def test_whoever_listens_learns_nothing_of_what_is_said(everybody: Stubs, tmp_path: Path) -> None:
    file = tmp_path / "lan.pcap"
    everybody.lab.capture(file)
    asked = everybody["h1"].ask(CANARY, 200, MODEL).wait()
    everybody.lab.capture(None)
    assert (asked.end, asked.wrong) == ("whole", "")
    heard = file.read_bytes()
    assert len(heard) > 5000
    code = str(everybody.code)
    secrets = [CANARY, "canary", MODEL, code, code.replace("-", ""), expected(f"<user>{CANARY}", 200)[:12], "/swarm/"]
    assert not [secret for secret in secrets if secret.encode() in heard]


def test_ten_thousand_forged_records_and_goodbyes(everybody: Stubs) -> None:
    first, second = everybody["h1"], everybody["h2"]
    before = memory(first.process.pid)
    words = [sys.executable, "-c", FLOOD, derived(everybody.code).tag, second.values("id")[0]]
    flooding = everybody.lab["h3"].popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    asked = first.ask(everybody.prompt(), 300, MODEL)
    late = everybody.start("h4", "--model", "late")
    output = flooding.communicate(timeout=60)[0]
    assert flooding.returncode == 0, output
    assert asked.wait().end == "whole", (asked.wrong, asked.heard.errors)
    everybody.together(seconds=30)
    assert memory(first.process.pid) - before < MOST_GROWN
    for name in ("h1", "h2"):
        shown = health(everybody, name)
        assert "\x1b" not in shown and "\u202e" not in shown and "\\u001b" not in shown
        assert "peers" in shown and "machine" in shown
    said = [line for node in (first, second, late) for line in node.values("said")]
    assert not [line for line in said if not line.isprintable()]
    assert len(said) < 300, "nobody fills the screen"
    everybody.free()


def test_a_swarm_of_which_strangers_see_a_port(everybody: Stubs) -> None:
    host, address = everybody.lab["h3"], everybody.lab["h1"].ip

    def call(data: bytes) -> bytes:
        with socket.create_connection((address, 17617), timeout=5) as connection:
            connection.sendall(data)
            try:
                return connection.recv(1000)
            except OSError:
                return b""

    for data in (b"GET /swarm/report HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\x00" * 100):
        assert b"HTTP" not in host.call(partial(call, data))


def test_a_thousand_half_open_connections(everybody: Stubs) -> None:
    host, address = everybody.lab["h3"], everybody.lab["h1"].ip
    hanging: list[socket.socket] = []
    attacked = psutil.Process(everybody["h1"].process.pid)
    before = attacked.num_fds()

    def hang() -> None:
        for at in range(1000):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex((address, 17617))
            if at % 2:
                hanging.append(one)
            else:
                one.close()

    host.call(hang)
    asked = everybody["h2"].ask(everybody.prompt(), 50, "near").wait()
    assert (asked.end, asked.wrong) == ("whole", "")
    everybody.stop("h4")
    time.sleep(0.5)
    everybody.start("h4")
    everybody.together(seconds=30)
    for one in hanging:
        one.close()
    # Not its connections: of those psutil sees the ones in its own network.
    assert until(lambda: attacked.num_fds() < before + 100, 15)


def memory(pid: int) -> int:
    found: int = psutil.Process(pid).memory_info().rss
    return found
