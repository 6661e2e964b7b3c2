"""A node that freezes while it answers: how long its client waits for the next word."""

import threading
import time
from collections.abc import Iterator

from ...lan.netlab import freeze, kill
from ...lan.watched import until
from .client import Answer, ask
from .figure import Figure
from .nodes import Nodes, nodes

TIMES = 3
TOKENS = 150


def measure() -> Iterator[Figure]:
    waits = []
    for number in range(TIMES):
        # The client's own node serves something else.
        with nodes(3, seed=number + 1) as swarm:
            start(swarm)
            waits.append(wait(swarm))
    note = f"3 nodes, the longest pause of {TIMES} answers, each whole in the end"
    yield Figure("frozen node found in mid-stream", 8.0, max(waits), "s", note)


def start(swarm: Nodes) -> None:
    swarm.start("h1", "--model", "another")
    swarm.start("h2")
    swarm.start("h3")
    swarm.gather()


def wait(swarm: Nodes) -> float:
    """The pause in an answer whose node is frozen after some words."""
    answer = Answer("")
    client = threading.Thread(target=ask, args=(swarm["h1"].host, [("user", "Go on.")], TOKENS, "slow", answer))
    client.start()
    until(lambda: len(answer.text) > TOKENS // 5)
    victim = max((swarm["h2"], swarm["h3"]), key=lambda node: node.read)
    freeze(victim.process)
    begun = time.monotonic()
    client.join()
    kill(victim.process)
    if answer.fault:
        raise RuntimeError(f"After {time.monotonic() - begun:.1f} s: {answer.fault}")
    return answer.gap
