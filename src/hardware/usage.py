"""What is taken of a machine's memory at one moment, and what of it by one process. Parsing is pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import amd, memory, nvidia
from .device import Usage
from .readings import Readings


@dataclass(frozen=True, slots=True)
class Moment:
    free: int  # bytes of the RAM that are available
    footprint: int | None = None  # of the process, its part of a GPU in the RAM included: as macOS tells it
    cards: Mapping[str, Usage] = field(default_factory=dict)  # by the identifier of the device


def understand(readings: Readings, pid: int) -> Moment:
    ram = memory.understand(readings)
    cards = (*nvidia.usages(readings, pid), *amd.usages(readings, ram, pid))
    told = re.search(r"^phys_footprint: (\d+)$", readings.commands.get("footprint", ""), re.MULTILINE)
    return Moment(ram.free, int(told[1]) if told else None, {card.id: card for card in cards})
