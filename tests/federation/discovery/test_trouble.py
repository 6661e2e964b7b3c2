"""Every trouble is one sentence that says what is wrong, and what mends it."""

import errno
from ipaddress import ip_address

import pytest
from localswarm.federation.discovery.addresses import Local
from localswarm.federation.discovery.place import place
from localswarm.federation.discovery.trouble import of_place, of_sockets

LO = Local("lo", ip_address("127.0.0.1"), 8)
LAN = Local("eth0", ip_address("192.168.1.5"), 24)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "may not use multicast"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "holds UDP port 5353"),
        (OSError(errno.ENOBUFS, "No buffer space available"), "No buffer space available"),
        (OSError("odd"), "odd"),
    ],
)
def test_sockets(error: OSError, said: str) -> None:
    assert said in of_sockets(error)
    assert "--peer HOST" in of_sockets(error)


def test_places() -> None:
    assert of_place(place(None, (LO, LAN))) is None
    assert "in no network" in str(of_place(place(None, (LO,))))
    assert "no address 192.168.1.6" in str(of_place(place("192.168.1.6", (LO, LAN))))
    assert of_place(place("192.168.1.5", (LO, LAN))) is None
    assert of_place(place("127.0.0.1", (LO, LAN))) is None
