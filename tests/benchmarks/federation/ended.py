"""How soon all others give nothing more to a node that is gone, and say so."""

import time
from collections.abc import Callable, Iterator

from ...lan.netlab import freeze, kill
from ...lan.watched import until
from .figure import Figure
from .nodes import Node, Nodes, latest, nodes

Harm = Callable[[Nodes, Node], object]
VICTIMS = 3
NODES = 15


def killed(swarm: Nodes, node: Node) -> None:
    kill(node.process)


def unplugged(swarm: Nodes, node: Node) -> None:
    """As when its power goes: nobody refuses connections in its name."""
    swarm.lab.link(node.name, cut=True)


def frozen(swarm: Nodes, node: Node) -> None:
    freeze(node.process)


def measure() -> Iterator[Figure]:
    with nodes(NODES) as swarm:
        swarm.start_all()
        for harm in (killed, unplugged, frozen):
            yield from of(swarm, harm, VICTIMS)


def of(swarm: Nodes, harm: Harm, victims: int) -> Iterator[Figure]:
    size = len(swarm.running)
    ends = [end(swarm, list(swarm.running)[-1], harm) for _ in range(victims)]
    note = f"{size} nodes and one fewer each time, the slowest view of {victims} ends"
    # Those that are silent are told from slow ones before they are given up.
    asked = 3.0 if harm is killed else None
    yield Figure(f"{harm.__name__} node no longer routed to", asked, max(spared for spared, _ in ends), "s", note)
    yield Figure(f"{harm.__name__} node gone from the lists", 6.0, max(gone for _, gone in ends), "s", note)


def end(swarm: Nodes, name: str, harm: Harm) -> tuple[float, float]:
    """Seconds until the last of the others does not route to it, and holds it for gone."""
    victim, others = swarm[name], swarm.others(name)
    begun = time.monotonic()
    harm(swarm, victim)
    until(lambda: all(other.buries(victim) and other.spares(victim) for other in others), 15)
    spared, gone = (
        latest([other.spares(victim) for other in others]),
        latest([other.buries(victim) for other in others]),
    )
    kill(victim.process)
    del swarm.running[name]
    swarm.gather()
    return spared - begun, gone - begun
