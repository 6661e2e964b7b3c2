"""Several nodes of one swarm in one process, on loopback, each with a member that says what it was told to say."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
from localswarm.federation import identity
from localswarm.federation.code import Code
from localswarm.federation.federation import Federation
from localswarm.federation.loans.lending import Loans
from localswarm.federation.options import Options
from localswarm.federation.own import Machine, Own, Sheltered
from localswarm.federation.tools import Tools
from localswarm.state import State
from localswarm.swarm.neighbours import Neighbour

from ..swarm.scripted import ScriptedMember, says

HERE = "127.0.0.1"


@dataclass(slots=True)
class Running:
    """`said`: what its user was told."""

    federation: Federation
    member: ScriptedMember
    folder: Path
    said: list[str]
    task: asyncio.Task[None]

    @property
    def id(self) -> str:
        return self.federation.identity.id

    def peers(self, condition: str = "alive") -> dict[str, Neighbour]:
        return {one.name: one for one in self.federation.look().peers if one.condition == condition}


class Swarm:
    """`async with`: nodes that are still there at the end take their leave."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.code = Code.new()
        self._tasks: list[asyncio.Task[None]] = []
        self._states: list[State] = []

    async def __aenter__(self) -> "Swarm":
        return self

    async def __aexit__(self, *failure: object) -> None:
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for state in self._states:
            state.close()
        for one in ended:
            if isinstance(one, BaseException) and not isinstance(one, asyncio.CancelledError):
                raise one

    def start(
        self,
        name: str,
        beside: Sequence[Running] = (),
        code: Code | None = None,
        text: str = "",
        tools: Tools | None = None,
        loans: Loans | None = None,
    ) -> Running:
        """`beside`: those whom it is told of by --peer. `tools`, `loans`: for the others."""
        folder = self._folder / name
        if not folder.exists():
            folder.mkdir(mode=0o700)
            identity.keep_code(folder, code or self.code)
        said: list[str] = []
        member = ScriptedMember(says(text or f"I am {name}."))
        places = tuple((HERE, one.federation.port) for one in beside)
        options = Options(folder, 0, True, HERE, places, say=said.append)
        own = Own(Machine(name, "1.2", "a box"), lambda: {"local": Sheltered(member)}, time.monotonic, tools)
        federation = Federation(options, own, self.state_of(folder), (), loans)
        task = asyncio.create_task(federation.run())
        self._tasks.append(task)
        return Running(federation, member, folder, said, task)

    def state_of(self, folder: Path) -> State:
        self._states.append(State(folder))
        return self._states[-1]


async def until(true: Callable[[], bool], seconds: float = 10.0) -> float:
    """How long it took."""
    begun = time.monotonic()
    with anyio.fail_after(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await anyio.sleep(0.02)
    return time.monotonic() - begun
