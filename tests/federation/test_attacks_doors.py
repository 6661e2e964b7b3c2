"""What a whole node listens on, and what of it anybody can reach."""

import json
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from ..lan.netlab import Host
from ..running import RunningNode

# Of multicast DNS; it is no door: what comes there is a hint, see federation/discovery.
MDNS = 5353
# A program of the island's own: psutil sees the sockets of the network that the asking process is in.
SOCKETS = """
import json, psutil, sys
node = psutil.Process(int(sys.argv[1]))
every = [one for each in (node, *node.children(recursive=True)) for one in each.net_connections("inet") if one.laddr]
print(json.dumps([(*one.laddr, one.type == 2, one.status == "LISTEN") for one in every]))
"""
CALL = b"GET /swarm/report HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Socket(NamedTuple):
    host: str
    port: int
    datagrams: bool
    listens: bool


@pytest.fixture(scope="module")
def opened(island: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """As openly as it can be started without an API key."""
    node = RunningNode(tmp_path_factory.mktemp("node"), "--open", "--federation")
    island.call(node.__enter__)
    with ExitStack() as stack:
        stack.push(node.__exit__)
        yield node


def sockets(island: Host, node: RunningNode) -> list[Socket]:
    """Of the node and of every program that it has started."""
    said = island.run([sys.executable, "-c", SOCKETS, str(node.process.pid)]).stdout
    return [Socket(*one) for one in json.loads(said)]


def test_beyond_this_machine_only_members_are_heard(opened: RunningNode, island: Host) -> None:
    health = island.call(opened.http.get, "/v1/federation/health").json()
    assert "node" in health
    listening = [one for one in sockets(island, opened) if one.listens]
    outside = {one.port for one in listening if one.host.removeprefix("::ffff:") not in ("127.0.0.1", "::1")}
    assert len(outside) == 1, "the port of the swarm, and no other"
    (port,) = outside
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    assert b"HTTP" not in island.call(said, port, None) and b"HTTP" not in island.call(said, port, careless)


def test_the_rest_that_is_heard_is_multicast(opened: RunningNode, island: Host) -> None:
    assert {one.port for one in sockets(island, opened) if one.datagrams} == {MDNS}


@pytest.mark.parametrize("path", ["probe", "report", "probe-for", "bye", "generate", "count", "embed", "weights", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_between_nodes_is_at_the_port_of_the_api(
    opened: RunningNode, island: Host, path: str, method: str
) -> None:
    assert island.call(opened.http.request, method, f"/swarm/{path}", json={}).status_code == 404


def test_an_open_swarm_says_that_it_is_one(opened: RunningNode) -> None:
    assert "This swarm is open (--open): whoever is in this network can use it" in opened.output
    assert "--join" not in opened.output


def said(port: int, context: ssl.SSLContext | None) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            if context is None:
                return exchanged(connection)
            with context.wrap_socket(connection) as talk:
                return exchanged(talk)
        except OSError:
            return b""


def exchanged(connection: socket.socket) -> bytes:
    connection.sendall(CALL)
    return connection.recv(1000)
