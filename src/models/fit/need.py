"""How much memory a model takes, from its shape alone. Pure.

The formulas follow what llama.cpp allocates, and were held against what it really took (docs/fit.md).
"""

from dataclasses import dataclass
from typing import Literal

from ..geometry import Geometry, Layers

KvType = Literal["f16", "q8_0", "q4_0"]
# Bytes of one number; the quantised ones share a scale among 32.
KV_BYTES: dict[KvType, float] = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}

STEP_TOKENS = 512
CELL_STEP = 256
# Each further seat may hold this part of a context of its own; what it shares with others costs nothing.
SEAT_SHARE = 1 / 4
# Sequences beside the seats, that hold cached prefixes: where states cannot be shared each has memory of its own.
CACHED_STATES = 8
# Python, the libraries and the vocabulary in the engine's process. Measured: 55 to 75 MiB.
RUNTIME = 80 * 2**20
# For each token of the vocabulary, so that a grammar can be held against it. Measured: 400 to 430.
GRAMMAR_BYTES = 450
# Numbers beside the feed-forward layer that live at once while a step is computed, in widths of the model.
WIDTHS_ALIVE = 4.5
MASK_BYTES = 2
CELL_INDEX_BYTES = 16
# What the formulas leave out: rounding of buffers, tensors kept at a higher precision.
MARGIN = 1.03
# Sequences beside the seats, each of which may want a row of logits.
CACHED_SEQUENCES = 32
# Of one number of a step, as it is prepared for a product with quantised weights.
PREPARED_BYTES = 1.2


@dataclass(frozen=True, slots=True)
class Setup:
    """How a model is to be loaded."""

    context: int  # tokens of one request
    seats: int
    kv: KvType = "f16"

    @property
    def pool(self) -> int:
        """Tokens of the memory that all seats share: one whole context, and a part of one for each further seat."""
        tokens = self.context + int((self.seats - 1) * self.context * SEAT_SHARE)
        return -(-tokens // CELL_STEP) * CELL_STEP


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes."""

    weights: int
    kv: int
    compute: int
    runtime: int

    @property
    def total(self) -> int:
        return self.weights + self.kv + self.compute + self.runtime


def need(geometry: Geometry, weights: int, setup: Setup) -> Need:
    kv = kv_bytes(geometry, setup) + geometry.state * (setup.seats + CACHED_STATES)
    runtime = RUNTIME + GRAMMAR_BYTES * geometry.vocabulary
    return Need(round(weights * MARGIN), round(kv), round(compute_bytes(geometry, setup) * MARGIN), runtime)


def kv_bytes(geometry: Geometry, setup: Setup) -> float:
    """Windows are not taken into account: a cache that holds no more than the window cannot share prompts."""
    return sum(_of_layers(layers, setup) for layers in geometry.attention)


def compute_bytes(geometry: Geometry, setup: Setup) -> float:
    """The numbers of one step: the widest layer, the mask of who sees which cell, and the logits."""
    experts = geometry.experts * geometry.embedding
    alive = 3 * geometry.feed_forward + WIDTHS_ALIVE * geometry.embedding + experts
    mask = setup.pool * (STEP_TOKENS * MASK_BYTES + CELL_INDEX_BYTES) if geometry.attention else 0
    logits = (setup.seats + CACHED_SEQUENCES) * geometry.vocabulary * 4
    return STEP_TOKENS * (4 * alive + PREPARED_BYTES * geometry.feed_forward) + mask + logits


def _of_layers(layers: Layers, setup: Setup) -> float:
    return layers.count * (layers.keys + layers.values) * KV_BYTES[setup.kv] * setup.pool
