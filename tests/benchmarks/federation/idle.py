"""What nodes say to each other when nobody asks anything."""

import time
from collections.abc import Iterator

from .figure import Figure
from .nodes import nodes

NODES = 15
SETTLED_SECONDS, SECONDS = 20.0, 60.0


def measure() -> Iterator[Figure]:
    with nodes(NODES) as swarm:
        swarm.start_all()
        # The first announcements are over by then.
        time.sleep(SETTLED_SECONDS)
        before = swarm.lab.counts()["bytes"]
        time.sleep(SECONDS)
        sent = (swarm.lab.counts()["bytes"] - before) / SECONDS / NODES
    note = f"whole frames over {SECONDS:g} s, sent and received; half of it is sent"
    yield Figure(f"idle traffic of a node, {NODES} nodes", 5.0, 2 * sent / 1000, "kB/s", note)
