"""How much of this machine a model may take. Pure."""

from dataclasses import dataclass

from ...hardware.machine import Device, Hardware

# Kept free for everything else that runs: this part of the memory, but no less and no more than these.
RAM_PART, RAM_LEAST, RAM_MOST = 0.1, 512 * 2**20, 8 * 2**30
# Of a card's memory, for the desktop and what other programs put there meanwhile.
CARD_PART, CARD_LEAST = 0.04, 300 * 2**20
# What the driver and its libraries take on each card as soon as it is used.
CARD_RUNTIME = 450 * 2**20


@dataclass(frozen=True, slots=True)
class Budget:
    """Bytes that may be taken now."""

    ram: int
    cards: tuple[int, ...] = ()  # for each device that has memory of its own, its runtime already left out
    unified: bool = False  # the device works in `ram`
    devices: tuple[str, ...] = ()  # the identifiers of those that have `cards`

    @property
    def on_cards(self) -> int:
        return sum(self.cards)


def budget(hardware: Hardware) -> Budget:
    ram = max(0, hardware.ram_free - _kept_of_ram(hardware))
    cards = {device.id or str(at): _room(device) for at, device in enumerate(hardware.devices) if not device.unified}
    shared = [device for device in hardware.devices if device.unified]
    if shared and not cards:
        return Budget(min(shared[0].free, ram), unified=True)
    usable = {device: room for device, room in cards.items() if room > 0}
    return Budget(ram, tuple(usable.values()), devices=tuple(usable))


def reserve(hardware: Hardware, cards: bool, ram: bool) -> int:
    """The least that is kept free of those: work beside the answers may take so much for a while."""
    kept = [_kept_of(device) for device in hardware.devices if cards and not device.unified and device.kind != "lent"]
    return min([*kept, *([_kept_of_ram(hardware)] if ram or not kept else [])])


def _room(device: Device) -> int:
    """Whoever lends has kept back what it keeps."""
    return device.free if device.kind == "lent" else device.free - _kept_of(device) - CARD_RUNTIME


def _kept_of(card: Device) -> int:
    return max(int(CARD_PART * card.total), CARD_LEAST)


def _kept_of_ram(hardware: Hardware) -> int:
    return min(max(int(RAM_PART * hardware.ram), RAM_LEAST), RAM_MOST)
