"""Datagrams there and back, from one host of a lab to another."""

import subprocess
import sys

from .netlab import Host

# Sends numbered datagrams to a peer that echoes them; prints each round trip in seconds.
PING = """
import socket, sys, time
target, count, wait = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(wait)
for i in range(count):
    begun = time.monotonic()
    try:
        s.sendto(b"%d" % i, (target, 7777))
        while s.recvfrom(99)[0] != b"%d" % i: pass
        print(time.monotonic() - begun)
    except OSError:
        print("lost")
"""
ECHO = """
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 7777))
print("ready", flush=True)
while True:
    data, who = s.recvfrom(99)
    s.sendto(data, who)
"""


def echo(host: Host) -> subprocess.Popen[str]:
    process = host.popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == "ready\n"
    return process


def ping(host: Host, target: str, count: int = 3, wait: float = 0.3) -> list[float | None]:
    """The seconds of each, None where it was lost."""
    words = host.run([sys.executable, "-c", PING, target, str(count), str(wait)]).stdout.split()
    return [None if word == "lost" else float(word) for word in words]


def median(times: list[float | None]) -> float:
    """A busy machine may be late once."""
    return sorted(float("inf") if time is None else time for time in times)[len(times) // 2]
