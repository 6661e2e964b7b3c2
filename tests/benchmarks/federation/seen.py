"""How soon a node that comes is asked by all others, and asks them."""

from collections.abc import Iterator

from ...lan.watched import until
from .figure import Figure
from .nodes import Nodes, latest, nodes

ASKED = 2.0
NEWCOMERS = 3


def measure() -> Iterator[Figure]:
    for count in (2, 15):
        yield of(count)


def of(count: int) -> Figure:
    with nodes(count) as swarm:
        newest = list(swarm.lab.hosts)[-NEWCOMERS:][-count + 1 :]
        for name in swarm.lab.hosts:
            if name not in newest:
                swarm.start(name)
        swarm.gather()
        took = [one(swarm, name) for name in newest]
    note = f"the slowest of {len(took)} that came one after the other; both ways; from when it is ready"
    return Figure(f"new node seen by all, {count} nodes", ASKED, max(took), "s", note)


def one(swarm: Nodes, name: str) -> float:
    new = swarm.start(name)
    before = swarm.others(name)
    until(new.is_ready, 60)
    until(lambda: all(other.asks(new) and new.asks(other) for other in before), 15)
    times = [other.asks(new) for other in before] + [new.asks(other) for other in before]
    return latest(times) - new.ready
