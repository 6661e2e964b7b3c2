"""Requests that have nothing to do with each other: how much more three nodes do than one."""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from random import Random

from .client import all_of, ask
from .figure import Figure
from .nodes import Nodes, nodes

NODES, SEATS = 3, 4
# Short ones, so that the last of them, beside which seats are idle, are a small part of the time.
REQUESTS, LEAST, MOST = 400, 8, 32
# Twice as many as there are seats in all, for one node and for three.
AT_ONCE = 2 * NODES * SEATS


def measure() -> Iterator[Figure]:
    with nodes(NODES, "--seats", str(SEATS), "--writes", "25") as swarm:
        swarm.start("h1")
        swarm.gather()
        alone = seconds(swarm, ["h1"], REQUESTS)
        for name in list(swarm.lab.hosts)[1:]:
            swarm.start(name)
        swarm.gather()
        for asked, how in ((["h1"], "all at one of them"), (list(swarm.running), "as many at each")):
            gain = alone / seconds(swarm, asked, REQUESTS)
            note = f"{REQUESTS} requests of {LEAST} to {MOST} tokens, {AT_ONCE} at once, {SEATS} seats a node; {how}"
            yield Figure("independent requests, 3 nodes against 1", 2.8, gain, "x", note, more=True)


def seconds(swarm: Nodes, asked: Sequence[str], requests: int) -> float:
    rng = Random(1)
    jobs = [
        partial(ask, swarm[asked[number % len(asked)]].host, [("user", f"Question {number}")], rng.randint(LEAST, MOST))
        for number in range(requests)
    ]
    begun = time.monotonic()
    faults = [answer.fault for answer in all_of(jobs, AT_ONCE) if answer.fault]
    if faults:
        raise RuntimeError(faults[0])
    return time.monotonic() - begun
