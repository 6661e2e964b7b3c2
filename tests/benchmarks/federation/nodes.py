"""Nodes in a lab, and since when each of them believes what."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localswarm.federation.code import Code

from ...lan.netlab import Host, Lab
from ...lan.watched import Line, Watched, until

# Fifteen Pythons start on few cores.
START_SECONDS = 120.0
GATHER_SECONDS = 30.0


class Node(Watched):
    """Its time begins when it is ready, and not when Python is started."""

    def __init__(self, host: Host, *words: str) -> None:
        self.host, self.name = host, host.name
        super().__init__(host, "tests.lan.slow_node", *words, "--name", host.name)

    @property
    def ready(self) -> float:
        return min((time for time, _, _ in self.of("asked")), default=float("inf"))

    def is_ready(self) -> bool:
        return self.ready < float("inf")

    @property
    def member(self) -> str:
        """What the others call the one that answers there."""
        return f"local@{self.values('id')[0]}"

    def asks(self, other: "Node") -> float | None:
        """Since when."""
        return held(self.of("asked"), lambda asked: other.member in asked)

    def spares(self, other: "Node") -> float | None:
        """Since when it does not ask it."""
        return held(self.of("asked"), lambda asked: other.member not in asked)

    def buries(self, other: "Node") -> float | None:
        return held(self.of("peers"), lambda peers: peers.get(other.name, "gone") == "gone")

    def asks_all(self, others: "Sequence[Node]") -> bool:
        return any(set(asked) == {other.member for other in others} for asked in self.values("asked")[-1:])

    @property
    def read(self) -> tuple[int, int]:
        """Tokens that its member had to read, and those of all prompts."""
        read, prompts = self.values("read")[-1]
        return read, prompts


class Nodes:
    def __init__(self, lab: Lab, folder: Path, options: Sequence[str]) -> None:
        self.lab = lab
        self._folder = folder
        self._options = options
        self._code = str(Code.new())
        self.running: dict[str, Node] = {}

    def __getitem__(self, name: str) -> Node:
        return self.running[name]

    def start(self, name: str, *options: str) -> Node:
        words = (str(self._folder / name), "--code", self._code, *self._options, *options)
        self.running[name] = Node(self.lab[name], *words)
        return self.running[name]

    def start_all(self) -> None:
        for name in self.lab.hosts:
            self.start(name)
        self.gather()

    def gather(self) -> None:
        """Until all would ask all."""
        running = list(self.running.values())
        until(lambda: all(node.is_ready() for node in running), START_SECONDS)
        if not until(lambda: all(node.asks_all(self.others(node.name)) for node in running), GATHER_SECONDS):
            raise RuntimeError(f"They do not find each other: {[node.values('peers')[-1:] for node in running]}")

    def others(self, name: str) -> list[Node]:
        return [node for node in self.running.values() if node.name != name]


@contextmanager
def nodes(count: int, *options: str, seed: int = 1) -> Iterator[Nodes]:
    """So many hosts; nothing runs on them yet. `options`: of every node."""
    with tempfile.TemporaryDirectory() as folder, Lab(count, seed=seed) as lab:
        yield Nodes(lab, Path(folder), options)


def held(lines: Sequence[Line], true: Callable[[Any], bool]) -> float | None:
    """Since when it has been true without a break."""
    since = None
    for time, _, value in lines:
        since = None if not true(value) else time if since is None else since
    return since


def latest(times: Sequence[float | None]) -> float:
    return max(float("inf") if time is None else time for time in times)
