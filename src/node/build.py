"""Settings become a node. Everything that can fail at a start fails here, before anything runs."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from .. import settings as setting
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
from . import machine, memory, sources, speech, strength
from .company import belongs, company, lenders
from .config import config_folder
from .house import House
from .node import ENGINE_LOG, Node
from .premises import check_log, premises_of
from .sharding.borrowing import asked, remark, together

MLX = "mlx"  # of the state directory: what was converted


@dataclass(frozen=True, slots=True)
class Tell:
    """Who listens while a node is built."""

    say: Callable[[str], None] = lambda _: None
    progress: Callable[[Progress], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Ground:
    """What every choice stands on: this machine, and where models come from."""

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
    return Ground(seen, chooser, tuple(note for note in (state.notice, word) if note))


def build(settings: Settings, tell: Tell | None = None, without: frozenset[str] = frozenset()) -> Node:
    """`without`: models that were tried and could not be loaded."""
    tell = tell or Tell()
    speech.check(settings.dialect)
    check_log(settings.state_dir / ENGINE_LOG, "the engine's")
    premises = premises_of(settings)
    premises.look()
    state = premises.state
    to = belongs(settings, state)
    offers = asked(settings, state, to)
    with lenders(settings, state, to) as neighbours:
        ground = survey(settings, tell, without, state, neighbours, offers)
        choice = ground.chooser.choose(settings.model)
    hardware, library = ground.hardware, ground.chooser.library
    with ExitStack() as opened:
        doors = premises.open(opened)
        claim = memory.claim(state, settings, choice, hardware, doors.port)
        grade = strength.grade(library.catalogue, choice, settings)
        beside = company(premises, hardware, to, tell.say, library.caches.hub)
        remarks = (*ground.notes, *remark(hardware, offers, choice.plan))
        node = Node(House(premises, doors, claim, beside, remarks), choice, hardware, grade, offers)
        opened.pop_all()
    return node
