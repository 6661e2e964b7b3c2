"""The records of one packet become sightings (pure).

Only what one packet says is put together, as far as it says enough: so that a forged record does not end up between the
addresses of a real one.
"""

import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from .addresses import Network
from .belief import endpoints
from .dns import DNSAddress, DNSPointer, DNSRecord, DNSService, DNSText
from .record import SERVICE, Sighting, decode, id_in, is_port

# A packet may hold hundreds of small records. Nodes send one each; a machine with several, a few.
MOST_NODES = 16

T = TypeVar("T", bound=DNSRecord)

# What is known of a name from earlier packets.
Known = Callable[[str], Iterable[DNSRecord]]


def read(records: Sequence[DNSRecord], known: Known, links: Collection[Network]) -> Iterator[Sighting]:
    for instance in list(dict.fromkeys(_instances(records)))[:MOST_NODES]:
        if sighting := _sighting(instance, records, known, links):
            yield sighting


def _instances(records: Iterable[DNSRecord]) -> Iterator[str]:
    for record in records:
        if isinstance(record, DNSPointer):
            name = record.alias.lower() if record.key == SERVICE else ""
        else:
            name = record.key if isinstance(record, DNSService | DNSText) else ""
        if id_in(name):
            yield name


def _sighting(instance: str, records: Sequence[DNSRecord], known: Known, links: Collection[Network]) -> Sighting | None:
    service = next((one for one in _of(instance, records, known, DNSService)), None)
    text = next((one for one in _of(instance, records, known, DNSText)), None)
    told = decode(text.text) if text else None
    id = id_in(instance)
    if service is None or told is None or id is None or not is_port(service.port):
        return None
    addresses = map(_address, _of(service.server_key, records, known, DNSAddress))
    found = endpoints(filter(None, addresses), service.port, links)
    return Sighting(id, told.tag, told.protocol, told.name, found, told.pairing) if found else None


def _of(name: str, records: Sequence[DNSRecord], known: Known, kind: type[T]) -> list[T]:
    here = [record for record in records if isinstance(record, kind) and record.key == name]
    return here or [record for record in known(name) if isinstance(record, kind)]


def _address(record: DNSAddress) -> str | None:
    family = {4: socket.AF_INET, 16: socket.AF_INET6}.get(len(record.address))
    if family is None:
        return None
    text = socket.inet_ntop(family, record.address)
    return text if record.scope_id is None else f"{text}%{record.scope_id}"
