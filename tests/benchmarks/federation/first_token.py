"""What it adds to the first token that another node answers."""

from collections.abc import Iterator
from statistics import median

from .client import ask
from .figure import Figure
from .nodes import Nodes, nodes

TURNS = 100
# There and back.
ROUND_TRIP = 0.001
PROMPT = "What has been said before. " * 100


def measure() -> Iterator[Figure]:
    with nodes(2, "--writes", "10000") as swarm:
        start(swarm)
        added = medians(swarm, TURNS)
    note = f"median of {TURNS} by turns, {ROUND_TRIP * 1000:g} ms there and back, a prompt of {len(PROMPT)} characters"
    yield Figure("added to the first token through a peer", 10.0, 1000 * added, "ms", note)


def start(swarm: Nodes) -> None:
    swarm.start("h1", "--model", "here")
    swarm.start("h2", "--model", "there")
    swarm.gather()
    swarm.lab.link(delay=ROUND_TRIP / 2)


def medians(swarm: Nodes, turns: int) -> float:
    """Seconds more than an answer of the node that is asked itself."""
    here, there = [], []
    for _ in range(turns):
        here.append(_first(swarm, "here"))
        there.append(_first(swarm, "there"))
    return median(there) - median(here)


def _first(swarm: Nodes, model: str) -> float:
    answer = ask(swarm["h1"].host, [("user", PROMPT)], 1, model)
    if answer.fault:
        raise RuntimeError(answer.fault)
    return answer.times[0]
