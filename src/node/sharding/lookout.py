"""What `doctor` asks of loans: what lenders have, whether a model has room with it, and what could be lent here.

Nothing is borrowed, and nothing kept."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ... import settings as setting
from ...engines.surroundings import surroundings
from ...errors import StartError
from ...federation import identity
from ...federation.code import OPEN
from ...federation.federation import machine_name
from ...federation.loans.asking import NothingLent, Offer, Rung
from ...hardware import cpu
from ...hardware.machine import Hardware
from ...models.catalogue import catalogue, names
from ...models.choose import wish_of
from ...models.fit.fit import Body, Plan, fit, of_card
from ...models.parts import body_of_file
from ...settings import Settings
from ...state import State
from ...state.opening import FILE
from ...state.peers import KnownPeer
from .. import machine
from ..company import LOAN_LOG
from ..config import config_folder
from ..sources import CATALOGUE
from .borrowing import offered, together
from .lending import Memory

LEND_THERE = "Start it there with: python main.py --auto --lend"
MENDS: dict[Rung, str] = {
    "reached": f"Is it on, and of this swarm (python main.py status)? {LEND_THERE}",
    "lends": LEND_THERE,
    "memory": "Close other programs there, or wait until its own model is loaded: python main.py status",
    "version": "Update Local Swarm on the older one of the two",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """The first rung that does not hold."""

    rung: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Lendable:
    """`names`: of machines or devices. `room`: bytes of all together. `plan`: how the model is loaded with that, or the
    least of the ways that do not fit; None where it is not known here."""

    names: tuple[str, ...]
    room: int
    plan: Plan | None = None


NO_SWARM = Broken(
    "swarm", "this machine is of no swarm yet", "Join that of the lenders: python main.py --auto --join CODE"
)


def lenders(settings: Settings) -> Lendable | Broken:
    """Those whom --shard names."""
    code = OPEN if settings.open else identity.code_of(settings.state_dir)
    if code is None:
        return NO_SWARM
    try:
        found = offered(settings, _known(settings), code)
    except NothingLent as error:
        return Broken("lender", error.message.rstrip("."), MENDS[error.rung])
    except StartError as error:
        return _broken("build", error)
    names = tuple(str(offer.creditor) for offer in found)
    room = sum(part.room for offer in found for part in offer.terms.parts)
    try:
        return Lendable(names, room, _plan(settings, found))
    except StartError as error:
        return _broken("model", error)


def own(settings: Settings) -> Lendable | Broken:
    """What this machine would lend now."""
    threads = settings.threads or cpu.cores()
    around = surroundings(setting.environment())
    memory = Memory(machine_name(), _hardware(), settings.state_dir / LOAN_LOG, threads, around, lambda: None)
    terms = asyncio.run(memory.terms())
    if terms.parts:
        return Lendable(tuple(part.name for part in terms.parts), sum(part.room for part in terms.parts))
    why, _, mend = terms.why.partition(". ")
    return Broken("build", why, mend) if mend else Broken("memory", why.rstrip("."), "Close other programs")


def _broken(rung: str, error: StartError) -> Broken:
    why, _, mend = error.message.partition(". ")
    if not mend:
        why, _, mend = error.message.rpartition(": ")
    return Broken(rung, why, mend)


def _plan(settings: Settings, offers: Sequence[Offer]) -> Plan | None:
    hardware, wish = together(_hardware(), offers), wish_of(settings)
    plans = [fit(body, hardware, wish) for body in _bodies(settings)]
    fitting = [one for one in plans if one.fits]
    return min(fitting or plans, key=lambda one: one.need.total, default=None)


def _hardware() -> Hardware:
    return machine.usable(machine.glance(setting.foreign()))[0]


def _known(settings: Settings) -> list[KnownPeer]:
    if not (settings.state_dir / FILE).is_file():
        return []
    with State(settings.state_dir) as state:
        return state.peers.all()


def _bodies(settings: Settings) -> Iterator[Body]:
    match names.classify(settings.model) if settings.model else None:
        case names.LocalPath(path):
            yield body_of_file(path, path.stem)
        case names.Wanted() as wanted:
            user = settings.state_dir / CATALOGUE
            known = catalogue.load(config_folder() / CATALOGUE, user if user.exists() else None)
            yield from map(of_card, names.find(known, wanted, "gguf"))
