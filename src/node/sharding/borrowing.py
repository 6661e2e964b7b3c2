"""What other machines lend to this node's engine: asked before a model is chosen, and carried while it runs."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import anyio

from ...engines.base import Loan
from ...errors import SettingError
from ...federation import identity
from ...federation.channel import client_context
from ...federation.code import Code
from ...federation.discovery import Sighting
from ...federation.discovery.find import find
from ...federation.federation import Federation
from ...federation.loans.asking import Offer, Places, ask
from ...federation.loans.tunnel import Tunnel
from ...federation.nodes import Endpoint
from ...federation.race import Trust
from ...federation.weights.caller import Caller
from ...hardware.machine import Device, Hardware
from ...models.fit.budget import budget
from ...models.fit.fit import Plan
from ...settings import Settings
from ...settings.machines import places
from ...state import State
from ...state.peers import KnownPeer
from ...swarm.neighbours import HeldMemory
from ..invitation import announced
from ..swarm_code import Belonging
from . import built

LOOKING = 2.0
# The lender may have to ask its drivers.
ANSWER_SECONDS = 40.0


def asked(settings: Settings, state: State, to: Belonging | None) -> tuple[Offer, ...]:
    """By those whom --shard names, in this order; a StartError says who lends nothing and why."""
    if not settings.shard:
        return ()
    if to is None:
        raise SettingError("--shard needs other machines of the swarm: start without --no-federation.")
    return offered(settings, state.peers.all(), to.code)


def offered(settings: Settings, known: Sequence[KnownPeer], code: Code) -> tuple[Offer, ...]:
    if settings.engine not in ("auto", "llamacpp"):
        raise SettingError(f"--shard works with llama.cpp alone: start without --engine {settings.engine}.")
    built.lendable("--shard")
    who = identity.visiting(settings.state_dir, code)
    caller = Caller(client_context(who), short=ANSWER_SECONDS, silence=ANSWER_SECONDS)
    nearby = partial(_nearby, who.authority.tag, announced(settings))
    where = Places(known, nearby, _address)
    offers = [ask(caller, said, where, built.engine()) for said in settings.shard]
    return tuple({offer.creditor.id: offer for offer in offers}.values())


def together(hardware: Hardware, offers: Sequence[Offer]) -> Hardware:
    """This machine with what others lend it. A GPU that works in main memory then counts as one with memory of its
    own, beside the others."""
    if not offers:
        return hardware
    lent = [device for offer in offers for device in _devices(offer)]
    shared = sum(device.free for device in hardware.devices if device.unified)
    own = [replace(device, unified=False) for device in hardware.devices]
    return replace(hardware, devices=(*lent, *own), ram_free=max(0, hardware.ram_free - shared))


def remark(hardware: Hardware, offers: Sequence[Offer], plan: Plan) -> tuple[str, ...]:
    """What whoever shards should know. `hardware`: of all together."""
    if not offers:
        return ()
    own = budget(replace(hardware, devices=tuple(device for device in hardware.devices if device.kind != "lent")))
    if plan.need.total <= max(own.ram, own.on_cards):
        return ("This machine alone has room for this model: without --shard it writes faster.",)
    names = " and ".join(str(offer.creditor) for offer in offers)
    return (f"{names} may hold a part of this model: it is slower than on one machine, and needs all of them.",)


def _devices(offer: Offer) -> list[Device]:
    creditor = offer.creditor
    return [
        Device(
            "lent",
            f"{part.name} of {creditor}",
            part.room,
            part.room,
            part.bandwidth,
            id=f"{creditor.id}/{number}",
        )
        for number, part in enumerate(offer.terms.parts)
    ]


class Borrowing:
    """`ways`: how the lenders are reached. `engine`: the process that may use what they lend."""

    def __init__(
        self, offers: Sequence[Offer], ways: Callable[[], Federation], engine: Callable[[], int | None]
    ) -> None:
        self._offers = offers
        self._tunnels = [Tunnel(offer.creditor, Ways(ways), engine) for offer in offers]

    @property
    def loans(self) -> tuple[Loan, ...]:
        return tuple(
            Loan(tunnel.endpoint, tuple(part.room for part in offer.terms.parts))
            for tunnel, offer in zip(self._tunnels, self._offers, strict=True)
        )

    async def run(self) -> None:
        async with anyio.create_task_group() as group:
            for tunnel in self._tunnels:
                group.start_soon(tunnel.run)

    async def ready(self) -> None:
        """Wait until all lend again."""
        for tunnel in self._tunnels:
            await tunnel.lent()

    def told(self) -> tuple[HeldMemory, ...]:
        return tuple(map(_held, self._tunnels, self._offers))

    def trouble(self) -> str:
        return next((tunnel.trouble for tunnel in self._tunnels if tunnel.trouble), "")


def _held(tunnel: Tunnel, offer: Offer) -> HeldMemory:
    creditor, room = offer.creditor, sum(part.room for part in offer.terms.parts)
    seconds = time.monotonic() - tunnel.since
    return HeldMemory(creditor.id, creditor.name, room, tunnel.condition, seconds, tunnel.trouble)


class Ways:
    """What the swarm knows of the way to a node, whichever key and code this one has by now."""

    def __init__(self, federation: Callable[[], Federation]) -> None:
        self._federation = federation

    def trust(self) -> Trust:
        return self._federation().life.trust

    def endpoints(self, id: str) -> tuple[Endpoint, ...]:
        standing = self._federation().life.membership.standing(id)
        return standing.endpoints if standing else ()

    def gone(self, id: str) -> bool:
        standing = self._federation().life.membership.standing(id)
        return standing is not None and standing.condition == "gone"


def _nearby(tag: str, host: str | None) -> list[Sighting]:
    return asyncio.run(find(tag, LOOKING, host))


def _address(said: str) -> Endpoint:
    (found,) = places(said)
    return Endpoint(found.host, found.port)
