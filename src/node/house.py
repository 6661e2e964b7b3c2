"""Everything of a node but what computes its answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..settings import Settings
from ..state import State
from ..swarm.answer import Swarm
from ..swarm.member import Member
from ..swarm.neighbours import HeldMemory
from ..swarm.routing import Router, Source
from .acting import acting
from .choosing import choosing
from .company import Company, Members
from .doors import Doors
from .front import Front
from .hands import arms
from .memory import Claim
from .premises import Premises
from .tools import tool_notes


@dataclass(frozen=True, slots=True)
class House:
    """`remarks`: on what it was built on, for the user."""

    premises: Premises
    doors: Doors
    claim: Claim
    company: Company
    remarks: tuple[str, ...] = ()

    @property
    def settings(self) -> Settings:
        return self.premises.settings

    @property
    def state(self) -> State:
        return self.premises.state

    @property
    def notes(self) -> tuple[str, ...]:
        """What its user is told at the start."""
        return (*self.company.notes, *self.remarks, *tool_notes(self.premises.tools))

    def front(
        self,
        offered: Members,
        router: Router,
        members: Sequence[Member] = (),
        sources: Sequence[Source] = (),
        borrowed: Callable[[], tuple[HeldMemory, ...]] = tuple,
    ) -> Front:
        """Behind it `members` and those of `sources` answer. `offered`: those of them that other nodes may ask.
        `borrowed`: what other machines lend to them."""
        premises, settings, say = self.premises, self.settings, self.company.say
        federation = self.company.enter(offered)
        used = arms(settings, premises.tools, federation, say)
        every: list[Source] = [*sources, *premises.upstreams, *([federation] if federation else [])]
        chosen, acts = choosing(settings, router, say), acting(settings, used.hands)
        swarm = Swarm(members, every, premises.name, router, chosen, acts)
        return Front(swarm, self.doors, premises.upstreams, self.claim, federation, used, borrowed)
