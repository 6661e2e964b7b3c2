"""Records as they come in a packet, true ones and forged ones."""

from collections.abc import Sequence

from localswarm.federation.discovery.dns import DNSOutgoing, DNSRecord
from localswarm.federation.discovery.record import SERVICE, Record, encode
from zeroconf import ServiceInfo

RESPONSE = 0x8400


def records(
    record: Record, addresses: Sequence[str], *, text: bytes | None = None, ttl: int = 120, service: str = SERVICE
) -> list[DNSRecord]:
    info = ServiceInfo(
        service,
        f"{record.id}.{service}",
        port=record.port,
        properties=encode(record) if text is None else text,
        server=record.server,
        parsed_addresses=list(addresses),
        host_ttl=ttl,
        other_ttl=ttl,
    )
    return [info.dns_pointer(), info.dns_service(), info.dns_text(), *info.dns_addresses()]


def packet(*records: DNSRecord) -> bytes:
    outgoing = DNSOutgoing(RESPONSE)
    for record in records:
        outgoing.add_answer_at_time(record, 0)
    (data,) = outgoing.packets()
    return data
