"""Packets become sightings."""

from ipaddress import ip_network

import pytest
from localswarm.federation.discovery.dns import DNSAddress, DNSPointer, DNSRecord, DNSService, DNSText
from localswarm.federation.discovery.packet import MOST_NODES, read
from localswarm.federation.discovery.record import SERVICE, Record, Sighting
from localswarm.federation.nodes import Endpoint

from .packets import records

LINKS = [ip_network("192.168.1.0/24")]
KITCHEN = Record("0123456789abcdef", "5afe", 1, "kitchen", 17617)
AT = ("192.168.1.9", "fd00::9")


def seen(packet: list[DNSRecord], known: list[DNSRecord] | None = None) -> list[Sighting]:
    return list(read(packet, lambda name: [one for one in known or [] if one.key == name], LINKS))


def test_an_announcement() -> None:
    endpoints = (Endpoint("192.168.1.9", 17617), Endpoint("fd00::9", 17617))
    assert seen(records(KITCHEN, AT)) == [Sighting(KITCHEN.id, "5afe", 1, "kitchen", endpoints)]


@pytest.mark.parametrize("kind", [DNSPointer, DNSService, DNSText])
def test_what_a_packet_leaves_out_is_taken_from_earlier_ones(kind: type[DNSRecord]) -> None:
    packet = [one for one in records(KITCHEN, AT) if isinstance(one, kind)]
    assert seen(packet, records(KITCHEN, AT)) == seen(records(KITCHEN, AT))
    assert seen(packet) == []


def test_forged_addresses_do_not_mix_with_those_of_an_earlier_packet() -> None:
    forged = records(KITCHEN, ["192.168.1.66"])
    (sighting,) = seen(records(KITCHEN, AT), known=forged)
    assert [endpoint.host for endpoint in sighting.endpoints] == list(AT)


@pytest.mark.parametrize(
    "packet",
    [
        records(KITCHEN, ["8.8.8.8"]),
        records(KITCHEN, ["::ffff:192.168.1.9"]),
        records(KITCHEN, []),
        records(KITCHEN, AT, text=b"\x05other"),
        records(KITCHEN, AT, text=b"\xff" + b"x" * 255 + b"\xff" + b"x" * 255 + b"\xff" + b"x" * 600),
        records(Record("0123456789abcdef", "5afe", 1, "", 0), AT),
        records(Record("not-an-id", "5afe", 1, "", 1), AT),
        records(KITCHEN, AT, service="_other._tcp.local."),
        [DNSPointer(SERVICE, 12, 1, 120, SERVICE)],
    ],
)
def test_what_is_no_announcement(packet: list[DNSRecord]) -> None:
    assert seen(packet) == []


def test_a_link_local_address_needs_its_scope() -> None:
    packet = records(KITCHEN, [])
    bare = DNSAddress(KITCHEN.server, 28, 1, 120, bytes.fromhex("fe80") + bytes(13) + b"\x09")
    scoped = DNSAddress(KITCHEN.server, 28, 1, 120, bare.address, scope_id=3)
    assert seen([*packet, bare]) == []
    assert [one.endpoints for one in seen([*packet, scoped])] == [(Endpoint("fe80::9%3", 17617),)]


def test_an_address_that_is_none() -> None:
    broken = DNSAddress(KITCHEN.server, 1, 1, 120, b"\x01\x02")
    assert seen([*records(KITCHEN, []), broken]) == []


def test_one_packet_tells_of_a_few_nodes_at_most() -> None:
    many = [one for i in range(100) for one in records(Record(f"{i:016x}", "", 1, "", 1), AT)]
    assert len(seen(many)) == MOST_NODES
