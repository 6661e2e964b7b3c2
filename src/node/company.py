"""Whom a node has beside its own model: servers that somebody runs, and the other nodes of its swarm."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
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
from ..swarm.upstream.server import UpstreamServer
from . import invitation
from .hands import Shared
from .invitation import announced
from .sharding.lending import Memory
from .swarm_code import Belonging, belonging
from .tools import ToolServer

IS_OPEN = "This swarm is open (--open): whoever is in this network can use it, and be used by it."
MEGABYTE = 1_000_000
LOAN_LOG = "loans.log"
Members = Callable[[], Mapping[str, Sheltered]]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Company:
    """`name`: of this node, among servers that may lead back to it. `enter`: takes its place among the nodes of its
    swarm with these members; None where it stays alone. `join`: how another machine comes to it."""

    name: str = ""
    upstreams: Sequence[UpstreamServer] = ()
    enter: Callable[[Members], Federation] | None = None
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
    settings: Settings,
    state: State,
    hardware: Hardware,
    name: str,
    upstreams: Sequence[UpstreamServer],
    to: Belonging | None,
    say: Say,
    caches: Sequence[Path] = (),
    tools: ToolServer | None = None,
) -> Company:
    """`caches`: of hubs, whose files other nodes may have. `tools`: that they may use."""
    if to is None:
        return Company(name, upstreams, say=say)
    shared = Shared(tools, settings.tool_members) if tools else None
    enter = partial(_entered, settings, state, hardware, say, caches, shared)
    notes = (*to.notes, *([IS_OPEN] if to.code == OPEN else []), *([shared.note] if shared else []))
    return Company(name, upstreams, enter, to.join, notes, say)


def upstream_members(upstreams: Sequence[UpstreamServer]) -> dict[str, Sheltered]:
    return {member.name: Sheltered(member) for one in upstreams for member in one.members()}


def _entered(
    settings: Settings,
    state: State,
    hardware: Hardware,
    say: Say,
    caches: Sequence[Path],
    tools: Shared | None,
    members: Members,
) -> Federation:
    own = Own(Machine(machine_name(), version("localswarm"), hardware.describe()), members, time.monotonic, tools)
    routes = _lending(settings, state, caches, members).routes() if settings.share_rate else []
    if settings.lend:
        routes += Loans(_memory(settings, hardware, members), say).routes()
    return Federation(_options(settings, say), own, state, routes)


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
