"""Settings become a node. Everything that can fail at a start fails here, before anything runs."""

import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from .. import settings as setting
from ..api.guard import Access
from ..api.origins import Origins
from ..errors import PortTaken, SettingError, StartError
from ..federation.loans.asking import Offer
from ..hardware.machine import Hardware
from ..models.choose import Chooser, wish_of
from ..models.formats import formats
from ..models.forms import Forms
from ..models.hub.neighbours import Neighbours
from ..models.hub.progress import Progress
from ..models.mlx.installed import has_mlx
from ..settings import Settings
from ..state import State
from ..state.budget import AlreadyRunning
from . import key, machine, memory, sources, speech, strength, upstreams
from .company import belongs, company, lenders
from .config import config_folder
from .hands import check
from .listen import listen
from .node import ENGINE_LOG, Node
from .sharding.borrowing import asked, remark, together
from .tool_port import listen_for_tools, open_tool_port
from .tools import tool_notes, tool_server

MLX = "mlx"  # of the state directory: what was converted


@dataclass(frozen=True, slots=True)
class Tell:
    """Who listens while a node is built."""

    say: Callable[[str], None] = lambda _: None
    progress: Callable[[Progress], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Ground:
    """What every choice stands on: this machine, what it remembers, and where models come from."""

    state: State
    hardware: Hardware
    chooser: Chooser
    notes: tuple[str, ...]


def survey(
    settings: Settings,
    tell: Tell,
    without: frozenset[str] = frozenset(),
    state: State | None = None,
    neighbours: Neighbours | None = None,
    offers: Sequence[Offer] = (),
) -> Ground:
    """`neighbours`: who may have a model before it is downloaded. `offers`: memory of other machines for it."""
    variables = setting.foreign()
    state = state or State(settings.state_dir)
    seen, word = machine.usable(machine.see(variables, state))
    seen, engine = together(seen, offers), "llamacpp" if offers else settings.engine
    library = sources.library(settings, variables, state, config_folder(), tell.progress, tell.say, neighbours)
    wish, mlx = wish_of(settings), has_mlx()
    forms = Forms(engine, mlx, settings.state_dir / MLX, library.digests, tell.progress, tell.say)
    chooser = Chooser(
        library,
        seen,
        wish,
        settings.force,
        lambda path, plan: memory.grown(state, path, plan),
        tell.say,
        without,
        forms.of,
        formats(engine, seen, mlx, wish),
        engine == "mlx",
    )
    return Ground(state, seen, chooser, tuple(note for note in (state.notice, word) if note))


def build(settings: Settings, tell: Tell | None = None, without: frozenset[str] = frozenset()) -> Node:
    """`without`: models that were tried and could not be loaded."""
    tell = tell or Tell()
    speech.check(settings.dialect)
    log = settings.state_dir / ENGINE_LOG
    if log.is_dir():
        raise SettingError(f"{log} is a folder, and the engine's log goes there. Move it away.")
    name = secrets.token_hex(8)
    others = upstreams.servers(settings, name)
    state = State(settings.state_dir)
    check(settings)
    tools = tool_server(settings)
    # Looked at now, and opened only when somebody answers there: a download may lie in between.
    with ExitStack() as looked_at:
        open_sockets(state, settings, looked_at)
        listen_for_tools(settings, looked_at)
    to = belongs(settings, state)
    offers = asked(settings, state, to)
    with lenders(settings, state, to) as neighbours:
        ground = survey(settings, tell, without, state, neighbours, offers)
        choice = ground.chooser.choose(settings.model)
    library = ground.chooser.library
    with ExitStack() as opened:
        sockets = open_sockets(state, settings, opened)
        claim = memory.claim(state, settings, choice, ground.hardware, sockets[0].getsockname()[1])
        access = Access(key.needed(settings), origins=Origins(settings.allow_origin))
        open_tool_port(tools, settings, access, opened)
        grade = strength.grade(library.catalogue, choice, settings)
        beside = company(settings, state, ground.hardware, name, others, to, tell.say, library.caches.hub, tools)
        notes = (*ground.notes, *remark(ground.hardware, offers, choice.plan), *tool_notes(tools))
        node = Node(settings, choice, ground.hardware, sockets, access, claim, beside, notes, grade, offers, tools)
        opened.pop_all()
    return node


def open_sockets(state: State, settings: Settings, closing: ExitStack) -> list[socket.socket]:
    """PortTaken, or AlreadyRunning where it is a node of this machine."""
    try:
        return [closing.enter_context(each) for each in listen(settings.host, settings.port)]
    except PortTaken as error:
        raise _who(state, settings, error) from None


def _who(state: State, settings: Settings, error: PortTaken) -> StartError:
    """A node of our own says more than `another program`."""
    for server in state.servers.living():
        if server.port == settings.port:
            return AlreadyRunning(server)
    return error
