"""A swarm of stub nodes in a lab, what is done to it, and what must be true of it afterwards."""

import shutil
import signal
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from localswarm.federation.code import Code

from .asking import Asked
from .netlab import Host, Lab, kill
from .watched import Watched, until

# After a fault has ended: until every node believes what is true of every other.
CONVERGED_SECONDS = 15.0
# A machine with many other things to do starts programs slowly.
STARTED_SECONDS = 60.0
# Until nobody works any more for somebody who does not listen.
FREE_SECONDS = 20.0
# More than one node of a small swarm has when nothing is asked of it.
MOST_TASKS = 80
# In the output of a node: something went wrong that nobody foresaw.
NEVER = ("Traceback", "ResourceWarning", "never retrieved", "never awaited")


NOTHING: Mapping[str, str] = MappingProxyType({})


class Node(Watched):
    def __init__(
        self,
        host: Host,
        folder: Path,
        code: Code,
        words: Sequence[str],
        environment: Mapping[str, str],
        program: Sequence[str] = ("slow_node",),
    ) -> None:
        """`program`: in this folder, and what it is told first."""
        self.name = host.name
        self.host = host
        named = "--name", host.name, "--code", str(code)
        first, *more = program
        super().__init__(host, f"{__package__}.{first}", *more, str(folder), *named, *words, environment=environment)

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    @property
    def asked(self) -> list[str]:
        """The members of others that can be asked."""
        asked: list[str] = self.last("asked", [])
        return asked

    @property
    def peers(self) -> dict[str, str]:
        peers: dict[str, str] = self.last("peers", {})
        return peers

    @property
    def busy(self) -> int:
        """Answers that it writes, and those that wait for a seat."""
        return sum(self.last("running", [0, 0]))

    def ask(self, prompt: str, length: int = 100, model: str = "slow") -> Asked:
        return Asked(self.host, prompt, length, model)


class Stubs:
    """By the names of their hosts."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.code = Code.new()
        self.nodes: dict[str, Node] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        self._earlier: list[Node] = []
        self._count = 0

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def start(
        self,
        name: str,
        *words: str,
        environment: Mapping[str, str] = NOTHING,
        program: Sequence[str] = ("slow_node",),
    ) -> Node:
        """Also once more, with the same folder and, where none are given, the same words."""
        if name in self.nodes:
            self._earlier.append(self.nodes[name])
        self._words[name] = words = words or self._words.get(name, ())
        self.nodes[name] = Node(self.lab[name], self.folder / name, self.code, words, environment, program)
        return self.nodes[name]

    def stop(self, name: str) -> None:
        """In good order."""
        assert kill(self.nodes[name].process, signal.SIGTERM) == 0

    def copy(self, name: str, other: str) -> None:
        """As when a home folder is copied to another machine."""
        shutil.copytree(self.folder / name, self.folder / other)

    @property
    def living(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.lives]

    def working(self) -> list[Node]:
        return [node for node in self.living if node.busy]

    def helper(self, name: str) -> Node:
        """One that works for this one, where nobody else is asked anything."""
        found: list[Node] = []

        def look() -> list[Node]:
            found[:] = [node for node in self.working() if node.name != name]
            return found

        assert until(look), self.story()
        return found[0]

    def full(self) -> None:
        """Those that were killed or stopped are started again."""
        for node in list(self.nodes.values()):
            if not node.lives:
                self.start(node.name)
        self.together(seconds=STARTED_SECONDS)

    def prompt(self) -> str:
        """One that nobody has read before."""
        self._count += 1
        return f"Question {self._count}"

    def ask(self, name: str, count: int, length: int = 100) -> list[Asked]:
        return [self.nodes[name].ask(self.prompt(), length) for _ in range(count)]

    def together(self, names: Collection[str] = (), seconds: float = CONVERGED_SECONDS) -> float:
        """Every living node asks every other, and nobody else; how long that took."""
        begun = time.monotonic()
        nodes = [node for node in self.living if not names or node.name in names]
        assert until(lambda: all(_sees(node, nodes) for node in nodes), seconds), self.story()
        return time.monotonic() - begun

    def free(self) -> None:
        """No answer is written for nobody."""
        assert until(lambda: not self.working(), FREE_SECONDS), self.story()
        tasks = {node.name: node.last("tasks", 0) for node in self.living}
        assert max(tasks.values(), default=0) < MOST_TASKS, tasks
        for node in (*self._earlier, *self.nodes.values()):
            assert not [line for line in node.values("output") if any(word in line for word in NEVER)], self.story()

    def check(self, asked: Iterable[Asked], errors: bool = False) -> None:
        """What must be true after every fault. `errors`: some may have ended in one."""
        for one in asked:
            one.wait()
        assert not [one.wrong for one in asked if one.wrong], self.story()
        ends = [one.end for one in asked]
        assert errors or set(ends) <= {"whole"}, [one.heard.errors for one in asked]
        self.together()
        self.free()

    def story(self) -> str:
        """What each node believes, for whoever reads why a test failed."""
        return "\n".join(
            f"{node.name} lives={node.lives} asks={node.asked} peers={node.peers} busy={node.busy} "
            f"said={node.values('said')[-4:]} output={node.values('output')[-12:]}"
            for node in (*self._earlier, *self.nodes.values())
        )


def _sees(node: Node, nodes: Collection[Node]) -> bool:
    others = {other.name for other in nodes if other is not node}
    alive = {name for name, condition in node.peers.items() if condition == "alive"}
    return len(node.asked) == len(others) and alive == others


def all_at(asked: Sequence[Asked], words: int) -> bool:
    """Each has so much of its answer."""
    return until(lambda: all(one.written >= words for one in asked))
