"""Nodes are killed and start again, at random, while clients ask a node that stays."""

import threading
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from random import Random

from ...lan.netlab import kill
from ...lan.watched import until
from .client import Answer, all_of, ask
from .figure import Figure
from .nodes import Nodes, nodes

NODES, REQUESTS, AT_ONCE = 4, 200, 8
SEEDS = (1, 2)
LEAST, MOST = 30, 300
# Between two of them, and before one comes back.
PAUSE_LEAST, PAUSE_MOST = 0.5, 2.0
MODELS = ("swarm:vote", *["swarm"] * 4)


def measure() -> Iterator[Figure]:
    faults: list[str] = []
    kills, seams = 0, 0
    for seed in SEEDS:
        with nodes(NODES, seed=seed) as swarm:
            swarm.start_all()
            answers, kills_now = stormy(swarm, REQUESTS, seed)
            faults += [answer.fault for answer in answers if answer.fault]
            kills += kills_now
            seams += sum(answer.went_on for answer in answers)
    note = f"{len(SEEDS)} runs of {REQUESTS}, {NODES} nodes of which 3 die: {kills} kills, {seams} answers that went on"
    yield Figure("errors that clients saw under churn", 0, len(faults), "errors", "; ".join([note, *set(faults)]))


def stormy(swarm: Nodes, requests: int, seed: int) -> tuple[list[Answer], int]:
    """The answers, and how often a node was killed."""
    over, rng, kills = threading.Event(), Random(seed), [0]
    storm = threading.Thread(target=_storm, args=(swarm, over, Random(seed), kills))
    storm.start()
    try:
        jobs = [
            partial(ask, swarm["h1"].host, [("user", f"{number} of {seed}")], rng.randint(LEAST, MOST), model)
            for number, model in zip(range(requests), cycle(MODELS), strict=False)
        ]
        return all_of(jobs, AT_ONCE), kills[0]
    finally:
        over.set()
        storm.join()


def _storm(swarm: Nodes, over: threading.Event, rng: Random, kills: list[int]) -> None:
    names = [name for name in swarm.lab.hosts if name != "h1"]
    while not over.wait(rng.uniform(PAUSE_LEAST, PAUSE_MOST)):
        name = rng.choice(names)
        kill(swarm[name].process)
        kills[0] += 1
        over.wait(rng.uniform(PAUSE_LEAST, PAUSE_MOST))
        # One that is not ready yet has nothing to lose.
        until(swarm.start(name).is_ready, 30)
