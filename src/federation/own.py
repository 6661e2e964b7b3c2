"""What this node tells the others of itself."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ..errors import Unavailable
from ..swarm.member import Busy, Member
from .nodes import About, Endpoint, Load, Offer, Report
from .tools import Tools

IDLE = Busy(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Sheltered:
    """A member of this node. `progress`: another number whenever it is at work; the clock where nobody can tell."""

    member: Member
    progress: Callable[[], int] = lambda: int(time.monotonic())


@dataclass(frozen=True, slots=True)
class Machine:
    """What is told of a node beside its models."""

    name: str
    version: str
    hardware: str


class Own:
    """`members`: those of this node alone, by a key that they keep. `tools`: None where it has none for others."""

    def __init__(
        self,
        machine: Machine,
        members: Callable[[], Mapping[str, Sheltered]],
        clock: Callable[[], float],
        tools: Tools | None = None,
    ) -> None:
        self._machine = machine
        self._members = members
        self._clock = clock
        self.tools = tools
        self._begun = clock()
        self._offers: dict[str, Offer] = {}
        self._told: tuple[About, tuple[Offer, ...]] | None = None
        self._revision = 0

    @property
    def machine(self) -> Machine:
        return self._machine

    def members(self) -> Mapping[str, Member]:
        return {key: one.member for key, one in self._members().items()}

    def progress(self, key: str) -> int:
        one = self._members().get(key)
        return one.progress() if one else 0

    def report(self, id: str, instance: str, endpoints: tuple[Endpoint, ...]) -> Report:
        machine = self._machine
        names = tuple(self.tools.names()) if self.tools else ()
        about = About(id, instance, machine.name, machine.version, machine.hardware, 0.0, endpoints, names)
        loads = tuple(self._load(key, one.member) for key, one in self._members().items())
        offers = tuple(self._offers[load.key] for load in loads if load.key in self._offers)
        if (about, offers) != self._told:
            self._told = about, offers
            self._revision += 1
        return Report(replace(about, age=self._clock() - self._begun), self._revision, offers, loads)

    def _load(self, key: str, member: Member) -> Load:
        """One that was offered stays so while it is away: it has a name by which it is missed."""
        try:
            self._offers[key] = Offer(key, member.served())
        except Unavailable as error:
            return Load(key, IDLE, error.message)
        return Load(key, member.busy())
