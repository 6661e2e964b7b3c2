"""The records of DNS as zeroconf has them: its package offers these names too, without saying so to a type checker."""

from zeroconf._dns import DNSAddress, DNSPointer, DNSQuestion, DNSRecord, DNSService, DNSText
from zeroconf._protocol.outgoing import DNSOutgoing

__all__ = ["DNSAddress", "DNSOutgoing", "DNSPointer", "DNSQuestion", "DNSRecord", "DNSService", "DNSText"]
