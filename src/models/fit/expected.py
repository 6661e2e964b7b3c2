"""What is expected of each memory before a model is loaded, and by how much more or less it took before. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..layout import Weights
from .budget import CARD_RUNTIME, Budget
from .need import Need


@dataclass(frozen=True, slots=True)
class Expected:
    """Bytes."""

    ram: int  # of the process; where a GPU works in the RAM, its part included
    cards: Mapping[str, int] = field(default_factory=dict)  # by device, with what its driver takes


@dataclass(frozen=True, slots=True)
class Grown:
    """What a model took before, against what was expected of it."""

    ram: float = 1.0
    cards: float = 1.0


AS_RECKONED = Grown()


def grown(asked: Need, factor: float) -> Need:
    return replace(asked, weights=round(asked.weights * factor), kv=round(asked.kv * factor))


def on_cards(asked: Need, weights: Weights, cards: int) -> Need:
    """All of it. The table of tokens stays in memory; each card has its runtime left out of the budget already."""
    there = asked.weights - weights.input
    if weights.shared:
        there += weights.output  # one table for both ends: the card gets a copy
    return replace(asked, weights=there, compute=asked.compute * cards, runtime=0)


def expected(asked: Need, weights: Weights, room: Budget, part: float) -> Expected:
    """With this part of the layers on cards. llama.cpp gives each as many as it has of the free memory of all."""
    if part == 0.0 or room.unified:
        return Expected(asked.total)
    layers = asked.weights - weights.input + asked.kv
    whole = on_cards(asked, weights, 1)
    there = whole.weights + whole.kv if part == 1.0 else layers * part
    cards = {
        device: round(there * size / room.on_cards) + asked.compute + CARD_RUNTIME
        for device, size in zip(room.devices, room.cards, strict=True)
    }
    here = asked.runtime + weights.input + (layers * (1 - part) + asked.compute if part < 1.0 else 0)
    return Expected(round(here), cards)
