"""Random tensors, drawn from one seed in the order in which they are asked for."""

import math

import gguf
import numpy as np


class Tensors:
    """Shapes are written as numpy has them: rows (outputs) first, the reverse of llama.cpp's order."""

    def __init__(self, writer: gguf.GGUFWriter, seed: int) -> None:
        self._writer = writer
        self._random = np.random.default_rng(seed)

    def matrix(self, name: str, rows: int, columns: int, gain: float = 1.0) -> None:
        """With gain 1, inputs of unit variance become outputs of unit variance."""
        weights = self._random.standard_normal((rows, columns), dtype=np.float32)
        self._writer.add_tensor(name, weights * np.float32(gain / math.sqrt(columns)))

    def uniform(self, name: str, *shape: int, low: float, high: float) -> None:
        self._writer.add_tensor(name, self._random.uniform(low, high, shape).astype(np.float32))

    def constant(self, name: str, *shape: int, value: float = 1.0) -> None:
        self._writer.add_tensor(name, np.full(shape, value, dtype=np.float32))
