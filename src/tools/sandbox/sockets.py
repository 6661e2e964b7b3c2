"""Sockets that a network of one's own does not keep in: those that are files, and those of the machine as a whole.

A program of the user's may listen at a file in the project: an editor, a database, a terminal that others share.
"""

import errno
from collections.abc import Iterator
from functools import cache

from .seccomp import INT, IO_URING, MASKED, Refused, made

INTERNET, NETLINK, INTERNET_6 = 2, 16, 10
# All that fit; the kernel has some 50.
FAMILIES = 64
SOCK_STREAM, SOCK_TYPES = 1, 0xF


def refused() -> Iterator[Refused]:
    """Pure."""
    for family in sorted(set(range(FAMILIES)) - {INTERNET, NETLINK, INTERNET_6}):
        yield Refused("socket", errno.EAFNOSUPPORT, at=0, how=MASKED, mask=INT, value=family)
    yield from pairs()
    yield from (Refused(number, errno.ENOSYS) for number in IO_URING)


def pairs() -> Iterator[Refused]:
    """Those of any other kind can be sent from to any address. Pure."""
    others = set(range(SOCK_TYPES + 1)) - {SOCK_STREAM}
    yield from (Refused("socketpair", at=1, how=MASKED, mask=SOCK_TYPES, value=kind) for kind in sorted(others))


@cache
def filter() -> bytes:
    """NoSandbox where there is no libseccomp."""
    return made(refused(), "bubblewrap")
