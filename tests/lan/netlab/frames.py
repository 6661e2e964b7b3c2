"""What the switch must know of an Ethernet frame (pure)."""

UDP, TCP = 17, 6
_ARP, _IPV4, _IPV6 = b"\x08\x06", b"\x08\x00", b"\x86\xdd"


def target(frame: bytes) -> bytes:
    return frame[:6]


def multicast(frame: bytes) -> bool:
    """Broadcast is one kind of it."""
    return bool(frame[0] & 1)


def arp(frame: bytes) -> bool:
    return frame[12:14] == _ARP


def destination(frame: bytes) -> tuple[int, int]:
    """The protocol and the port that a UDP or TCP frame goes to, else (0, 0)."""
    kind = frame[12:14]
    if kind == _IPV4 and len(frame) >= 38:
        if (frame[20] & 0x1F) or frame[21]:  # a later fragment carries no ports
            return 0, 0
        protocol, start = frame[23], 14 + 4 * (frame[14] & 15)
    elif kind == _IPV6 and len(frame) >= 58:
        protocol, start = frame[20], 54
    else:
        return 0, 0
    if protocol not in (UDP, TCP) or len(frame) < start + 4:
        return 0, 0
    return protocol, int.from_bytes(frame[start + 2 : start + 4], "big")
