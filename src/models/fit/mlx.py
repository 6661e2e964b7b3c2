"""How much memory a folder for MLX takes, and where it runs. Pure.

Keys and values are taken only as they are used: this is what all of them take. How they are copied was measured on a
processor; that Metal does the same in 16 bits is reckoned (docs/fit.md).
"""

from dataclasses import replace

from ...hardware.machine import Hardware
from ..geometry import Geometry
from .need import CACHED_STATES, GRAMMAR_BYTES, MARGIN, Need, Setup

# Bytes of one number: Metal computes in 16 bits, a processor in 32.
ON_METAL, ON_PROCESSOR = 2, 4
# Python, MLX and mlx-lm. Measured: 157 to 180 MiB.
RUNTIME = 190 * 2**20
# A row grows by an eighth of itself, but at least by so many tokens, and is as large once more while others leave.
GROWTH_PART, GROWTH = 1 / 4, 256
# What a processor's heap does not give back at once, beside all keys and values.
HEAP = 1.08
# Buffers that MLX keeps for reuse: this part of the memory, but no more than so much. On Metal the engine bounds these
# and all copies of keys and values together, beside weights and pool.
KEPT_PART, MOST_KEPT, MOST_BESIDE = 0.05, 2 * 2**30, 2**30
# Where everything is small so are they: that much, and so many times what a step and its keys and values take.
LEAST_KEPT, KEPT_TIMES = 64 * 2**20, 3
# Recurrent states: that of a seat, and as much once more while they are computed or others join; snapshots beside them.
STATES_PER_SEAT = 2
# Tokens that are read at once, and the numbers of each that live beside the feed-forward layer, in widths of the model.
STEP_TOKENS, WIDTHS_ALIVE = 512, 6
# A 4-bit weight has half a bit beside it: scale and offset of 64, in 16 bits each. They grow where MLX widens them.
SCALE_BITS = 0.5
WHOLE_FROM = 12.0  # bits of a weight that is not quantised


def ground(hardware: Hardware) -> Hardware:
    """As MLX sees it: other GPUs than Apple's do nothing for it."""
    return replace(hardware, devices=tuple(device for device in hardware.devices if device.kind == "metal"))


def widened(size: int, bits: float) -> int:
    """Bytes that weights of so many bits take more on a processor, by the catalogue alone."""
    return size if bits >= WHOLE_FROM else int(size * SCALE_BITS / bits)


def need(geometry: Geometry, weights: int, more: int, setup: Setup, hardware: Hardware) -> Need:
    """`more`: what the weights take beyond that on a processor."""
    metal = any(device.kind == "metal" for device in hardware.devices)
    number = ON_METAL if metal else ON_PROCESSOR * HEAP
    token = number * sum(layers.count * (layers.keys + layers.values) for layers in geometry.attention)
    copies = token * _copied(setup)
    states = geometry.state * (STATES_PER_SEAT * setup.seats + CACHED_STATES) * (1.0 if metal else HEAP)
    alive = number * STEP_TOKENS * (3 * geometry.feed_forward + WIDTHS_ALIVE * geometry.embedding)
    held = (weights if metal else weights + more) * MARGIN
    kept = LEAST_KEPT + KEPT_TIMES * (held + token * setup.pool + copies + states + alive)
    beside = copies + min(MOST_KEPT, KEPT_PART * hardware.ram, kept)
    if metal:
        beside = max(copies, min(beside, MOST_BESIDE))
    runtime = RUNTIME + GRAMMAR_BYTES * geometry.vocabulary
    return Need(round(held), round(token * setup.pool + copies + states), round(alive + beside - copies), runtime)


def _copied(setup: Setup) -> float:
    """Tokens: what the rows of all seats have grown by beyond what they hold, and one row that is kept for later."""
    grown = max(setup.seats * GROWTH, setup.pool * GROWTH_PART)
    return grown + setup.context
