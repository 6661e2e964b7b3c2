"""What the engine takes of this machine's memory, told from what others take meanwhile.

Where a driver tells what each process has, that is it. Where it does not, it is what has gone since before the model
was loaded: others come and go, so the least that was ever seen counts, and a difference that no engine could make is
not believed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..hardware import recording, usage
from ..hardware.device import Device
from ..hardware.machine import Hardware
from ..hardware.readings import Readings
from ..hardware.usage import Moment
from ..models.fit.expected import Expected

# A difference outside these parts of what was expected is the work of somebody else.
LEAST_LIKELY, MOST_LIKELY = 0.5, 1.6


@dataclass(frozen=True, slots=True)
class Taken:
    """Bytes. What could not be told is left out."""

    ram: int | None = None
    cards: Mapping[str, int] = field(default_factory=dict)


class Gauge:
    def __init__(
        self, expected: Expected, hardware: Hardware, record: Callable[[int], Readings] = recording.usage
    ) -> None:
        self._expected = expected
        shared = [device for device in hardware.devices if device.unified]
        self._shared: Device | None = shared[0] if shared and len(shared) == len(hardware.devices) else None
        self._record = record
        self._before: Moment | None = None
        self._least: dict[str, int] = {}

    @property
    def _needed(self) -> bool:
        return bool(self._expected.cards or self._shared)

    def begin(self) -> None:
        """Before the engine is started."""
        if self._needed:
            self._before = usage.understand(self._record(0), 0)

    def look(self, pid: int, ram: int) -> Taken:
        """`ram`: what the engine's process has of main memory, without what it could give back."""
        if self._before is None:
            return Taken(ram)
        now = usage.understand(self._record(pid), pid)
        if self._shared:
            return Taken(self._together(self._shared, self._before, now, ram))
        found = {card: self._on_card(card, self._before, now) for card in self._expected.cards}
        return Taken(ram, {card: size for card, size in found.items() if size is not None})

    def _on_card(self, card: str, before: Moment, now: Moment) -> int | None:
        if card not in now.cards:
            return None
        if (own := now.cards[card].own) is not None:
            return own
        return self._gone(card, before.cards[card].used if card in before.cards else None, now.cards[card].used)

    def _together(self, device: Device, before: Moment, now: Moment, ram: int) -> int | None:
        """The process and its part of a GPU that works in main memory."""
        if device.kind == "metal":
            # What lies on the engine's shelf is in it too, and only grows.
            return None if now.footprint is None else self._least_of(device.id, now.footprint)
        card = now.cards.get(device.id)
        if card and card.own is not None:
            return ram + card.own
        if card and card.used is not None and device.id in before.cards:
            # The driver's pages are nobody's: they are not in the process's own memory.
            there = before.cards[device.id].used
            return self._likely(device.id, self._least_of(device.id, card.used - (there or 0)) + ram)
        return self._likely(device.id, self._least_of(device.id, before.free - now.free))

    def _gone(self, card: str, before: int | None, now: int | None) -> int | None:
        if before is None or now is None:
            return None
        return self._likely(card, self._least_of(card, now - before))

    def _least_of(self, name: str, size: int) -> int:
        self._least[name] = min(size, self._least.get(name, size))
        return self._least[name]

    def _likely(self, name: str, size: int) -> int | None:
        expected = self._expected.cards.get(name, self._expected.ram)
        return size if LEAST_LIKELY * expected <= size <= MOST_LIKELY * expected else None
