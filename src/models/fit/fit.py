"""Whether a model fits, how it is loaded then, and how fast it will be. Pure, and explained."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log2

from ...hardware.machine import Hardware
from ..card import Format, ModelCard, Use
from ..geometry import Geometry
from ..layout import Weights
from . import mlx
from .budget import Budget, budget, reserve
from .expected import AS_RECKONED, Expected, Grown, expected, grown, on_cards
from .need import KvType, Need, Setup, need
from .speed import Speed, speed

# A coding agent's own instructions and tools take 10,000 tokens and more before it has read a line of code.
FLOOR: dict[Use, int] = {"coding": 32768, "chat": 8192}
# Larger contexts are taken when memory is left over; beyond this, reading them takes longer than anybody waits.
GROWN = (131072, 65536)
BELOW_FLOOR = (16384, 8192, 4096, 2048)
SEATS = (8, 4, 2, 1)
KV_TYPES: tuple[KvType, ...] = ("f16", "q8_0")
ALL_LAYERS = -1
# Points of rank that a smaller setup costs, on the scale of the catalogue.
SEATS_LOSS = ((8, 0.0), (4, 0.3), (2, 0.8), (0, 1.5))
CACHE_LOSS: dict[KvType, float] = {"f16": 0.0, "q8_0": 0.3, "q4_0": 2.0}
CONTEXT_GAIN = 0.5  # for each doubling over the floor, as far as anybody waits for it to be read
PATIENCE_SECONDS = 600
# In memory that the user's own programs live in too, more than half of what is free is taken unwillingly.
GREEDY_FROM, GREED_LOSS = 0.5, 12.0


@dataclass(frozen=True, slots=True)
class Body:
    """What a model weighs and how it is built: out of its header, or out of the catalogue."""

    name: str
    geometry: Geometry
    weights: Weights
    format: Format = "gguf"
    widened: int = 0  # bytes that the weights take more where MLX runs on a processor


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; None leaves it to us."""

    use: Use = "coding"
    context: int | None = None
    seats: int | None = None
    kv: KvType | None = None
    gpu_layers: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    setup: Setup
    gpu_layers: int  # 0: none; -1: all
    need: Need
    room: int  # bytes that may be taken, where it goes
    where: str
    speed: Speed
    floor: int  # the context that is wanted, whatever this model was trained for
    shared: bool  # it goes where the user's own programs live
    expected: Expected  # as reckoned, whatever it took before

    @property
    def fits(self) -> bool:
        return self.need.total <= self.room

    @property
    def below_floor(self) -> bool:
        """The context is smaller than its use wants."""
        return self.setup.context < self.floor

    @property
    def loss(self) -> float:
        """Points of rank against the same model with everything at its best."""
        seats = next(loss for seats, loss in SEATS_LOSS if self.setup.seats >= seats)
        readable = min(self.setup.context, max(self.floor, PATIENCE_SECONDS * self.speed.reading))
        greed = GREED_LOSS * max(0.0, self.need.total / max(1, self.room) - GREEDY_FROM) if self.shared else 0.0
        return self.speed.loss + greed + seats + CACHE_LOSS[self.setup.kv] - CONTEXT_GAIN * log2(readable / self.floor)


def of_card(card: ModelCard) -> Body:
    table = int(card.geometry.vocabulary * card.geometry.embedding * card.bits / 8)
    active = card.bytes * card.active // card.parameters
    weights = Weights(card.bytes, table, table, active, shared=False)
    return Body(card.id, card.geometry, weights, card.format, mlx.widened(card.bytes, card.bits))


def fit(body: Body, hardware: Hardware, wish: Wish, extra: Grown = AS_RECKONED) -> Plan:
    """The best way to load it that fits; where none does, the smallest, which says by how much it does not.

    `extra` is what this very model took before, against what was expected of it.
    """
    if body.format == "mlx":
        hardware, wish = mlx.ground(hardware), replace(wish, kv=wish.kv or "f16")
    room = budget(hardware)
    plans = [
        plan for setup in setups(body.geometry, wish) for plan in _placed(body, setup, hardware, room, wish, extra)
    ]
    fitting = [plan for plan in plans if plan.fits]
    if fitting:
        least = _floor(body.geometry, wish)
        return min(
            fitting,
            key=lambda plan: (plan.setup.context < least, not plan.speed.usable, plan.loss, plan.need.total),
        )
    return min(plans, key=lambda plan: plan.need.total - plan.room)


def aside(hardware: Hardware, plan: Plan) -> int:
    """Bytes that work beside the answers may take where this model lies."""
    return reserve(hardware, bool(plan.expected.cards), plan.shared or plan.gpu_layers == 0)


def asked_for(body: Body, setup: Setup, hardware: Hardware) -> Need:
    if body.format == "mlx":
        return mlx.need(body.geometry, body.weights.total, body.widened, setup, hardware)
    return need(body.geometry, body.weights.total, setup)


def setups(geometry: Geometry, wish: Wish) -> Iterator[Setup]:
    """From the best to the least: a grown context only with everything else at its best; then a smaller cache, then
    fewer seats, then less than the context that the use wants."""
    trained = geometry.trained_context or 2**31
    floor = _floor(geometry, wish)
    seats = (wish.seats,) if wish.seats else SEATS
    kvs = (wish.kv,) if wish.kv else KV_TYPES
    if wish.context is None:
        yield from (Setup(min(grown, trained), seats[0], kvs[0]) for grown in GROWN if min(grown, trained) > floor)
    contexts = (wish.context,) if wish.context else (floor, *(c for c in BELOW_FLOOR if c < floor))
    for context in contexts:
        yield Setup(context, seats[0], kvs[0])
        yield from (Setup(context, count, kvs[-1]) for count in seats if (count, kvs[-1]) != (seats[0], kvs[0]))


def steps_down(plan: Plan, geometry: Geometry, wish: Wish) -> Iterator[Setup]:
    """What to try when loading failed although it should have fitted: a smaller cache, then fewer seats, then less
    context; each with what was given up before."""
    setup = plan.setup
    if wish.kv is None and setup.kv != KV_TYPES[-1]:
        setup = replace(setup, kv=KV_TYPES[-1])
        yield setup
    for seats in SEATS if wish.seats is None else ():
        if seats < setup.seats:
            setup = replace(setup, seats=seats)
            yield setup
    for context in (*GROWN, FLOOR[wish.use], *BELOW_FLOOR) if wish.context is None else ():
        if context < min(setup.context, geometry.trained_context or context + 1):
            setup = replace(setup, context=context)
            yield setup


def _wanted(wish: Wish) -> int:
    """What the use wants, or less where that was asked for."""
    return min(FLOOR[wish.use], wish.context or FLOOR[wish.use])


def _floor(geometry: Geometry, wish: Wish) -> int:
    """What is wanted, but no more than the model was trained for."""
    wanted = _wanted(wish)
    return min(wanted, geometry.trained_context or wanted)


def _placed(body: Body, setup: Setup, hardware: Hardware, room: Budget, wish: Wish, extra: Grown) -> Iterator[Plan]:
    """Where it can go: a card before both, both before memory alone."""
    asked = asked_for(body, setup, hardware)
    floor = _wanted(wish)
    for layers, part in _splits(body, grown(asked, extra.cards), room, wish):
        factor = extra.ram if room.unified else part * extra.cards + (1 - part) * extra.ram
        where, taken, free = _there(body, grown(asked, factor), hardware, room, part)
        quick = speed(body.weights, hardware, part)
        shared = part < 1.0 or room.unified
        before = expected(asked, body.weights, room, part)
        yield Plan(setup, layers, taken, free, where, quick, floor, shared, before)


def _splits(body: Body, asked: Need, room: Budget, wish: Wish) -> list[tuple[int, float]]:
    """Layers on the cards, and which part of the model that is."""
    count = body.geometry.layers
    if wish.gpu_layers == 0 or not (room.cards or room.unified):
        return [(0, 0.0)]
    if room.unified or wish.gpu_layers == ALL_LAYERS:
        return [(ALL_LAYERS, 1.0)]
    if wish.gpu_layers is not None:
        return [(min(wish.gpu_layers, count), min(1.0, wish.gpu_layers / count))]
    each = (asked.weights - body.weights.input + asked.kv) / max(1, count)
    # Layers are whole: on each card but one a part of one may be lost.
    lost = (len(room.cards) - 1) * each
    if on_cards(asked, body.weights, len(room.cards)).total + lost <= room.on_cards:
        return [(ALL_LAYERS, 1.0)]
    most = min(count - 1, int((room.on_cards - lost - asked.compute * len(room.cards)) / each))
    return [(most, most / count), (0, 0.0)] if most > 0 else [(0, 0.0)]


def _there(body: Body, asked: Need, hardware: Hardware, room: Budget, part: float) -> tuple[str, Need, int]:
    if room.unified:
        return hardware.devices[0].name, asked, room.ram
    if part == 1.0:
        return _names(hardware), on_cards(asked, body.weights, len(room.cards)), room.on_cards
    if part:
        return f"{_names(hardware)} and memory", asked, room.on_cards + room.ram
    return "memory", asked, room.ram


def _names(hardware: Hardware) -> str:
    names = [device.name for device in hardware.devices if not device.unified]
    return names[0] if len(names) == 1 else f"{len(names)} GPUs"
