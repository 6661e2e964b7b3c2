"""Does what this machine sends to everybody come back to itself? Where not, others do not hear it either."""

import os
import socket
import struct
import time
from contextlib import closing

GROUP, PORT = "224.0.0.251", 5353  # of multicast DNS
SECONDS = 1.0
TRIES = 3


def echoes(address: str) -> bool:
    """On the interface with this IPv4 address. OSError where the system does not let us try."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind(("", PORT))
        group = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(address))
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        return any(_heard(opened, _question()) for _ in range(TRIES))


def _heard(opened: socket.socket, question: bytes) -> bool:
    opened.sendto(question, (GROUP, PORT))
    end = time.monotonic() + SECONDS / TRIES
    while (left := end - time.monotonic()) > 0:
        opened.settimeout(left)
        try:
            if opened.recv(9000) == question:
                return True
        except TimeoutError:
            return False
    return False


def _question() -> bytes:
    """Of multicast DNS, for a name that nobody has, so that nobody answers."""
    name = os.urandom(8).hex().encode()
    labels = bytes([len(name)]) + name + b"\x05local\x00"
    return struct.pack("!6H", 0, 0, 1, 0, 0, 0) + labels + struct.pack("!2H", 1, 1)
