"""How fast a model will be on a machine: what is read for each token, over how fast it can be read. Pure.

Writing waits for memory, reading a prompt for arithmetic.
"""

from dataclasses import dataclass
from math import log2

from ...hardware.machine import Hardware
from ..layout import Weights

# Of the bandwidth that the maker states, this part is reached; of what we measured ourselves, nearly all of it.
CARD_PART = 0.65
CPU_PART = 0.8
# Nobody measured it and no table knows it: two channels of DDR4, an older card.
CPU_BANDWIDTH = 25e9
CARD_BANDWIDTH = 200e9
# Multiplications and additions that one core does in a second with 4-bit weights: measured 40e9 with AVX-512,
# about half of it without.
CORE_WORK = {"avx512f": 40e9, "avx2": 22e9, "dotprod": 22e9}
PLAIN_CORE_WORK = 8e9
# A card's arithmetic goes with its bandwidth closely enough for this.
CARD_WORK_PER_BYTE = 60.0
# Below these nobody works with it: an answer of 300 tokens in a minute, a prompt of 10,000 tokens in ten.
LEAST_WRITING = 5.0
LEAST_READING = 18.0
# Faster than this is not noticed. Each halving below costs as many points of rank.
PLENTY_WRITING, WRITING_LOSS = 40.0, 4.0
PLENTY_READING, READING_LOSS = 400.0, 2.0
BITS = 4.8  # of a weight, to get from bytes to weights


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second of one request."""

    writing: float
    reading: float

    @property
    def usable(self) -> bool:
        return self.writing >= LEAST_WRITING and self.reading >= LEAST_READING

    @property
    def loss(self) -> float:
        """Points of rank: a better answer that takes long is worth less."""
        writing = max(0.0, log2(PLENTY_WRITING / self.writing))
        return WRITING_LOSS * writing + READING_LOSS * max(0.0, log2(PLENTY_READING / self.reading))


def speed(weights: Weights, hardware: Hardware, part: float) -> Speed:
    """With this part of the model on the accelerators, the rest on the processor."""
    active = max(1, weights.active)
    on_card, on_cpu = active * part, active * (1 - part)
    seconds = on_card / card_bandwidth(hardware) + on_cpu / cpu_bandwidth(hardware)
    work = 2 * active / (BITS / 8)
    card_work = card_bandwidth(hardware) * CARD_WORK_PER_BYTE
    reading = 1 / (work * part / card_work + work * (1 - part) / cpu_work(hardware))
    return Speed(1 / max(seconds, 1e-6), reading)


def cpu_bandwidth(hardware: Hardware) -> float:
    return CPU_PART * (hardware.cpu.bandwidth or CPU_BANDWIDTH)


def card_bandwidth(hardware: Hardware) -> float:
    """Layers are computed card after card: the slowest one counts."""
    known = [device.bandwidth or CARD_BANDWIDTH for device in hardware.devices]
    return CARD_PART * min(known, default=CARD_BANDWIDTH)


def cpu_work(hardware: Hardware) -> float:
    features = hardware.cpu.features
    each = next((work for name, work in CORE_WORK.items() if name in features), PLAIN_CORE_WORK)
    return each * hardware.cpu.cores
