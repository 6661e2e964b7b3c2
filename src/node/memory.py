"""What a node asks of this machine's memory, promised beforehand and measured afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ..engines.base import Card
from ..hardware.machine import Hardware
from ..models.choose import Choice
from ..models.fit.budget import CARD_RUNTIME, budget
from ..models.fit.expected import Grown
from ..models.fit.fit import Plan
from ..models.mlx.folder import is_folder
from ..settings import Settings
from ..state import State
from ..state.budget import RAM, AlreadyRunning
from ..state.fits import Fit, Load, file_key
from ..state.server import ServerState, Wanted
from ..state.servers import Running
from .gauge import Taken

CARDS = "gpu"
# A measured fit corrects an estimate within these; anything else is a measurement gone wrong.
LEAST_GROWN, MOST_GROWN = 0.8, 1.5


@dataclass(frozen=True, slots=True)
class Claim:
    """This node's entry in the list of servers, for as long as it lives."""

    state: State
    id: int

    def ready(self, port: int) -> None:
        self.state.servers.update(self.id, ServerState.READY, port)

    def release(self) -> None:
        self.state.servers.release(self.id)


def claim(state: State, settings: Settings, choice: Choice, hardware: Hardware, port: int) -> Claim:
    """AlreadyRunning where a node of this machine serves the same; DoesNotFit where others hold the memory."""
    setup = choice.plan.setup
    needs = _needs(choice.plan, hardware)
    wanted = Wanted(choice.path, choice.name, setup.context, setup.seats, needs, settings.host, port)
    budgets = {
        name: max(size, needs.get(name, 0)) if settings.force else size for name, size in _all(state, hardware).items()
    }
    got = state.servers.claim(wanted, budgets)
    if isinstance(got, Running):
        raise AlreadyRunning(got.server)
    return Claim(state, got.id)


def remember(state: State, choice: Choice, card: Card, taken: Taken) -> None:
    """What was really taken, of main memory and of each card, beside what was reckoned."""
    plan = choice.plan
    if (card.context, card.seats, card.kv) != (plan.setup.context, plan.setup.seats, plan.setup.kv):
        return
    if taken.ram:
        fit = Fit(taken.ram, 0, plan.expected.ram, 0, engine_version(choice.path))
        state.fits.remember(_load(choice.path, plan), fit)
    for device, size in taken.cards.items():
        fit = Fit(0, size, 0, plan.expected.cards[device], engine_version(choice.path))
        state.fits.remember(_load(choice.path, plan, device), fit)


def grown(state: State, path: Path, plan: Plan) -> Grown:
    """What this file took the last time it was loaded so, against what was expected. Of several cards the one that
    took most counts: layers do not go elsewhere when it is full."""
    found = _known(state, path, _load(path, plan))
    ram = found.ram / found.estimated_ram if found and found.estimated_ram else 1.0
    cards = [
        (fit.device_memory - CARD_RUNTIME) / (fit.estimated_device_memory - CARD_RUNTIME)
        for device in plan.expected.cards
        if (fit := _known(state, path, _load(path, plan, device))) and fit.estimated_device_memory > CARD_RUNTIME
    ]
    # MLX takes keys and values only as they are used: that it took less says nothing.
    least = 1.0 if is_folder(path) else LEAST_GROWN
    return Grown(_credible(ram, least), _credible(max(cards, default=1.0), least))


def _known(state: State, path: Path, load: Load) -> Fit | None:
    found = state.fits.find(load)
    return found if found and found.engine == engine_version(path) else None


def _credible(ratio: float, least: float) -> float:
    return min(max(ratio, least), MOST_GROWN)


def engine_version(path: Path) -> str:
    """Of what serves this model."""
    packages = ("mlx", "mlx-lm") if is_folder(path) else ("llama-cpp-python",)
    return ", ".join(f"{package} {version(package)}" for package in packages)


def _load(path: Path, plan: Plan, device: str = "") -> Load:
    """Of main memory, or with a device of one card alone."""
    setup = plan.setup
    key = file_key(path.resolve(), path.stat().st_size, None)
    where = f"{plan.where}: {device}" if device else plan.where
    return Load(key, setup.context, setup.seats, setup.kv, plan.gpu_layers, where)


def _needs(plan: Plan, hardware: Hardware) -> dict[str, int]:
    if any(device.kind == "lent" for device in hardware.devices):
        own = {device.id for device in hardware.devices if device.kind != "lent"}
        return {RAM: plan.expected.ram, CARDS: sum(plan.expected.cards.get(id, 0) for id in own)}
    if plan.gpu_layers == 0 or any(device.unified for device in hardware.devices):
        return {RAM: plan.need.total}
    return {CARDS: min(plan.need.total, plan.room)}


def _all(state: State, hardware: Hardware) -> Mapping[str, int]:
    """What is free now, and what nodes that run have taken of it."""
    room = budget(hardware)
    held: dict[str, int] = {RAM: room.ram, CARDS: room.on_cards}
    for server in state.servers.living():
        if server.state is ServerState.READY:
            for name, size in server.promised.items():
                held[name] = held.get(name, 0) + size
    return held
