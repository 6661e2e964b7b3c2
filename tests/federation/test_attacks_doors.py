"""What a whole node listens on, and what of it anybody can reach."""

import socket
import ssl
from collections.abc import Iterator

import psutil
import pytest

from ..running import RunningNode

# Of multicast DNS; it is no door: what comes there is a hint, see federation/discovery.
MDNS = 5353
CALL = b"GET /swarm/report HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """As openly as it can be started without an API key."""
    with RunningNode(tmp_path_factory.mktemp("node"), "--open", "--federation") as node:
        yield node


def listening(node: RunningNode) -> list[tuple[str, int]]:
    """Of the node and of every program that it has started."""
    process = psutil.Process(node.process.pid)
    every = [process, *process.children(recursive=True)]
    sockets = [one for each in every for one in each.net_connections("tcp")]
    return [(one.laddr.ip, one.laddr.port) for one in sockets if one.status == psutil.CONN_LISTEN]


def test_beyond_this_machine_only_members_are_heard(opened: RunningNode) -> None:
    health = opened.http.get("/v1/federation/health").json()
    assert "node" in health
    outside = {port for host, port in listening(opened) if host.removeprefix("::ffff:") not in ("127.0.0.1", "::1")}
    assert len(outside) == 1, "the port of the swarm, and no other"
    (port,) = outside
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    assert b"HTTP" not in said(port, None) and b"HTTP" not in said(port, careless)


def test_the_rest_that_is_heard_is_multicast(opened: RunningNode) -> None:
    process = psutil.Process(opened.process.pid)
    ports = {one.laddr.port for one in process.net_connections("udp") if one.laddr}
    assert ports <= {MDNS}, ports


@pytest.mark.parametrize("path", ["probe", "report", "probe-for", "bye", "generate", "count", "embed", "weights", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_between_nodes_is_at_the_port_of_the_api(opened: RunningNode, path: str, method: str) -> None:
    assert opened.http.request(method, f"/swarm/{path}", json={}).status_code == 404


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
