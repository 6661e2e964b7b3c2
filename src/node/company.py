"""Whom a node has beside its own model: servers that somebody runs, and the other nodes of its swarm."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..engines.surroundings import surroundings
from ..federation.code import OPEN
from ..federation.federation import Federation, machine_name
from ..federation.loans.lending import Loans
from ..federation.options import Options
from ..federation.own import Machine, Own, Sheltered
from ..federation.weights.early import of_swarm
from ..federation.weights.lending import Lending
from ..federation.weights.shelf import Shelf
from ..hardware import cpu
from ..hardware.machine import Hardware
from ..models.hub import git_files
from ..models.hub.neighbours import Alone, Neighbours
from ..settings import SWARM_PORT, Settings, environment
from ..state import State
from ..swarm.routing import Source
from . import invitation, tool_members
from .hands import Shared
from .invitation import announced
from .premises import Premises
from .sharding.lending import Memory
from .swarm_code import Belonging, belonging
from .version import VERSION

IS_OPEN = "This swarm is open (--open): whoever is in this network can use it, and be used by it."
MEGABYTE = 1_000_000
LOAN_LOG = "loans.log"
Members = Callable[[], Mapping[str, Sheltered]]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Company:
    """`enter`: takes its place among the nodes of its swarm with these members, and those of servers beside it; None
    where it stays alone. `join`: how another machine comes to it."""

    enter: Callable[[Members], Federation | None] = lambda _: None
    join: str = ""
    notes: tuple[str, ...] = ()
    say: Say = lambda _: None


def belongs(settings: Settings, state: State) -> Belonging | None:
    """The swarm that this node is of; what was asked to be joined is joined now. None: it stays alone."""
    return belonging(settings, state, invitation.fetched(settings)) if settings.federation else None


@contextmanager
def lenders(settings: Settings, state: State, to: Belonging | None) -> Iterator[Neighbours]:
    """Nodes of its swarm that may have a model which this one is about to download."""
    if to is None:
        yield Alone()
        return
    with closing(of_swarm(to.code, _options(settings, lambda _: None), state.peers)) as early:
        yield early


def company(
    premises: Premises, hardware: Hardware, to: Belonging | None, say: Say, caches: Sequence[Path] = ()
) -> Company:
    """`caches`: of hubs, whose files other nodes may have."""
    if to is None:
        return Company(say=say)
    shared = _shared(premises)
    enter = partial(_entered, premises, hardware, say, caches, shared)
    notes = (*to.notes, *([IS_OPEN] if to.code == OPEN else []), *([shared.note] if shared else []))
    return Company(enter, to.join, notes, say)


def _shared(premises: Premises) -> Shared | None:
    if premises.tools is None:
        return None
    allowed = tool_members.members(premises.settings.tool_members, premises.state.peers.all())
    return Shared(premises.tools, allowed)


def _entered(
    premises: Premises, hardware: Hardware, say: Say, caches: Sequence[Path], tools: Shared | None, own: Members
) -> Federation:
    settings, state, members = premises.settings, premises.state, partial(offered, own, premises.upstreams)
    told = Own(Machine(machine_name(), VERSION, hardware.describe()), members, time.monotonic, tools)
    routes = _lending(settings, state, caches, members).routes() if settings.share_rate else []
    loans = Loans(_memory(settings, hardware, members), say) if settings.lend else None
    return Federation(_options(settings, say), told, state, routes, loans)


def offered(own: Members, beside: Sequence[Source]) -> dict[str, Sheltered]:
    """What other nodes may ask here, by a key that each keeps."""
    return {**own(), **{one.name: Sheltered(one) for source in beside for one in source.members()}}


def _memory(settings: Settings, hardware: Hardware, members: Members) -> Memory:
    def ready() -> None:
        for one in members().values():
            one.member.served()

    threads = settings.threads or cpu.cores()
    return Memory(machine_name(), hardware, settings.state_dir / LOAN_LOG, threads, surroundings(environment()), ready)


def _lending(settings: Settings, state: State, caches: Sequence[Path], members: Members) -> Lending:
    def answering() -> bool:
        return any(one.member.busy().running for one in members().values())

    shelf = Shelf(state.models, partial(git_files.find, caches))
    return Lending(shelf, settings.share_rate * MEGABYTE, machine_name(), answering)


def _options(settings: Settings, say: Say) -> Options:
    places = tuple((place.host, place.port) for place in settings.peer)
    only = settings.swarm_port != SWARM_PORT
    return Options(settings.state_dir, settings.swarm_port, only, announced(settings), places, settings.open, say)
