"""Agents of a kind, whose prompts begin alike: what is read although some node has read it already."""

from collections.abc import Iterator, Sequence
from functools import partial

from .client import Said, all_of, ask
from .figure import Figure
from .nodes import Nodes, nodes

NODES = 3
AGENTS, TURNS, ANSWER = 12, 6, 40
PREFIX = "You are an agent, and these are your tools. " * 200
STEP = "The next file of the project says this. " * 25


def measure() -> Iterator[Figure]:
    for one, how in ((True, "all at one node"), (False, "as many at each node")):
        with nodes(NODES) as swarm:
            swarm.start_all()
            share = again(swarm, ["h1"] if one else list(swarm.running), AGENTS, TURNS)
        alike = f"{len(PREFIX)} of the first {len(PREFIX) + len(STEP)} tokens alike"
        note = f"{AGENTS} agents at once, {TURNS} turns each, {alike}; {how}"
        yield Figure("shared agent prefix: prompt tokens read again", 15.0, 100 * share, "%", note)


def again(swarm: Nodes, asked: Sequence[str], agents: int, turns: int) -> float:
    """Of all tokens of prompts, those that some node had read before."""
    before = _read(swarm)
    jobs = [partial(_converse, swarm, asked[agent % len(asked)], agent, turns) for agent in range(agents)]
    lengths = all_of(jobs, agents)
    least = len(_prompt(_beginning())) + sum(length - len(_prompt(_beginning())) for length in lengths)
    read, prompts = (after - was for after, was in zip(_read(swarm), before, strict=True))
    return (read - least) / prompts


def _read(swarm: Nodes) -> tuple[int, int]:
    """By all nodes, and what there was to read."""
    figures = [node.read for node in swarm.running.values()]
    return sum(read for read, _ in figures), sum(prompts for _, prompts in figures)


def _converse(swarm: Nodes, name: str, agent: int, turns: int) -> int:
    """The length of its last prompt."""
    said = _beginning()
    for turn in range(turns):
        said.append(("user", f"{agent}.{turn} {STEP}"))
        length = len(_prompt(said))
        answer = ask(swarm[name].host, said, ANSWER)
        if answer.fault:
            raise RuntimeError(answer.fault)
        said.append(("assistant", answer.text))
    return length


def _beginning() -> list[Said]:
    return [("system", PREFIX)]


def _prompt(said: Sequence[Said]) -> str:
    return "".join(f"<{role}>{text}" for role, text in said)
