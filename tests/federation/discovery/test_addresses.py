"""Which addresses of a machine are told, and in which order."""

from ipaddress import ip_address

import pytest
from localswarm.federation.discovery.addresses import MOST, Local, chosen, of_this_machine, single, usable
from localswarm.federation.discovery.place import place

LO = Local("lo", ip_address("127.0.0.1"), 8)
LAN = Local("eth0", ip_address("192.168.1.5"), 24)
WIFI = Local("wlan0", ip_address("192.168.2.5"), 24)
LAN6 = Local("eth0", ip_address("fd00::5"), 64)
LINK6 = Local("eth0", ip_address("fe80::5%eth0"), 64)
LINK4 = Local("eth0", ip_address("169.254.3.4"), 16)
DOCKER = Local("docker0", ip_address("172.17.0.1"), 16)
VETH = Local("veth12ab", ip_address("fe80::6%veth12ab"), 64)
VPN = Local("tun0", ip_address("10.8.0.2"), 24)


@pytest.mark.parametrize(
    ("locals", "told"),
    [
        ([LO, LAN], ["192.168.1.5"]),
        ([LO, DOCKER, VPN, LINK6, LAN6, WIFI, LAN], ["192.168.2.5", "192.168.1.5", "fd00::5", "10.8.0.2"]),
        ([LO, LINK6, DOCKER], ["fe80::5%eth0"]),
        ([LO, LINK6, LINK4], ["169.254.3.4", "fe80::5%eth0"]),
        ([LO, DOCKER, VETH], ["172.17.0.1", "fe80::6%veth12ab"]),
        ([LO, VPN, LINK4], ["10.8.0.2"]),
        ([LO], ["127.0.0.1"]),
        ([], []),
        ([LAN, LAN], ["192.168.1.5"]),
    ],
)
def test_what_is_told(locals: list[Local], told: list[str]) -> None:
    assert list(chosen(None, locals)) == told


def test_not_more_than_a_few_are_told() -> None:
    many = [Local(f"eth{i}", ip_address(f"10.0.{i}.1"), 24) for i in range(30)]
    old = [Local("eth0", ip_address(f"fd00::{i}"), 64) for i in range(1, 9)]
    assert len(chosen(None, many)) == MOST
    assert chosen(None, [LAN, *old]) == ("192.168.1.5", "fd00::1", "fd00::2")


@pytest.mark.parametrize(
    ("host", "one"),
    [
        (None, None),
        ("", None),
        ("0.0.0.0", None),
        ("::", None),
        ("my-machine", None),
        ("192.168.1.5", "192.168.1.5"),
        ("FD00::5", "fd00::5"),
    ],
)
def test_the_one_that_was_chosen(host: str | None, one: str | None) -> None:
    assert single(host) == one
    assert chosen(host, [LO, DOCKER]) == ((one,) if one else ("172.17.0.1",))


def test_networks_of_a_place() -> None:
    assert {str(link) for link in place(None, (LO, LAN, LINK6)).links} == {"192.168.1.0/24", "fe80::/64"}
    assert {str(link) for link in place(None, (LO,)).links} == {"127.0.0.0/8"}
    assert place(None, (LO, LINK6)).has("fe80::5%2")
    assert not place(None, (LO, LAN)).has("192.168.1.6")
    assert place(None, (LO,)).alone and not place(None, (LO, LAN)).alone


def test_this_machine_has_addresses_that_can_be_told() -> None:
    assert of_this_machine()
    assert all(ip_address(address) for address in usable(None))
