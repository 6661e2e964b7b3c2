"""What a sandbox is tried with: a program that goes wherever it must not, and says where it came to. Pure, but for the
number of our own process."""

import os
from collections.abc import Iterator, Sequence


def program(port: int, apart: bool) -> Sequence[str]:
    """`port`: one on this machine that answers. Ends with 0 where all of it was refused."""
    checks = (
        f"if ({attempt}) > /dev/null 2>&1; then echo {fault}; exit 1; fi" for attempt, fault in _tried(port, apart)
    )
    return ["bash", "-c", "\n".join(checks)]


def _tried(port: int, apart: bool) -> Iterator[tuple[str, str]]:
    yield "cat /etc/passwd", "files of the system can be read"
    yield "ls /var", "folders of the system can be listed"
    yield ": > /usr/probe || : > /dev/probe || : > /etc/probe", "the system can be written to"
    yield f"exec 3<> /dev/tcp/127.0.0.1/{port}", "the network can be reached"
    if not apart:
        node = os.getpid()
        yield f"cat /proc/{node}/environ", "the environment of this node can be read"
        yield f"cat /proc/{node}/cmdline", "other processes can be seen"
        yield f"kill -0 {node}", "other processes can be ended"
