"""Which addresses may be tried at all."""

from ipaddress import ip_network

import pytest
from localswarm.federation.discovery.belief import MOST_ENDPOINTS, endpoints
from localswarm.federation.nodes import Endpoint

LINKS = [ip_network("192.168.1.0/24"), ip_network("2001:db8:1::/64"), ip_network("203.0.113.0/24")]


@pytest.mark.parametrize(
    ("address", "believed"),
    [
        ("192.168.1.9", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("100.64.0.1", True),
        ("fd12::1", True),
        ("203.0.113.7", True),  # public, and in our own network
        ("2001:db8:1::7", True),
        ("fe80::1%2", True),
        ("fe80::1", False),
        ("169.254.1.1", True),
        ("8.8.8.8", False),
        ("2001:4860:4860::8888", False),
        ("2001:db8:2::7", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("0.0.0.0", False),
        ("::", False),
        ("224.0.0.251", False),
        ("ff02::fb", False),
        ("255.255.255.255", False),
        ("192.168.1.255", False),
        ("::ffff:192.168.1.9", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::1", False),
        ("240.0.0.1", False),
        ("no address", False),
    ],
)
def test_what_is_believed(address: str, believed: bool) -> None:
    assert bool(endpoints([address], 17617, LINKS)) == believed


def test_loopback_is_believed_where_there_is_nothing_else() -> None:
    assert endpoints(["127.0.0.1"], 1, [ip_network("127.0.0.0/8")]) == (Endpoint("127.0.0.1", 1),)


def test_the_nearest_come_first() -> None:
    told = ["10.0.0.1", "fd00::1", "2001:db8:1::7", "192.168.1.9", "192.168.1.9"]
    hosts = [endpoint.host for endpoint in endpoints(told, 1, LINKS)]
    assert hosts == ["192.168.1.9", "2001:db8:1::7", "10.0.0.1", "fd00::1"]


def test_no_more_than_a_node_tells() -> None:
    assert len(endpoints([f"10.0.0.{i}" for i in range(1, 200)], 1, LINKS)) == MOST_ENDPOINTS
