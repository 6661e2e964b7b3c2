"""Quantised weights as MLX keeps them: small whole numbers, and a scale and a bias for each group of a row. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

# What MLX's kernels are made for, and GGUF's formats have too: nothing is lost on the way.
GROUP = 32
WORD = 4  # bytes: codes are kept in whole words


@dataclass(frozen=True, slots=True)
class Affine:
    """weight = code * scale + bias"""

    codes: Bytes  # rows x columns
    scales: Floats  # rows x groups
    biases: Floats  # rows x groups
    bits: int

    def values(self) -> Floats:
        rows, columns = self.codes.shape
        groups = self.scales.shape[1]
        grouped = self.codes.reshape(rows, groups, columns // groups).astype(np.float32)
        return (grouped * self.scales[..., None] + self.biases[..., None]).reshape(rows, columns)

    def packed(self) -> Bytes:
        """The codes without gaps, the first in the lowest bits: eight of them are as many bytes as each has bits."""
        rows, columns = self.codes.shape
        eights = self.codes.reshape(rows, columns // 8, 8).astype("<u8")
        together = np.bitwise_or.reduce(eights << (np.arange(8, dtype="<u8") * np.uint64(self.bits)), axis=-1)
        packed: Bytes = together.view(np.uint8).reshape(rows, columns // 8, 8)[..., : self.bits]
        return packed.reshape(rows, -1)


def quantise(values: Floats, bits: int) -> Affine:
    """The nearest codes between the least and the greatest weight of each group."""
    rows, columns = values.shape
    grouped = values.reshape(rows, columns // GROUP, GROUP)
    least = grouped.min(axis=-1)
    scales = (grouped.max(axis=-1) - least) / (2**bits - 1)
    steps = (grouped - least[..., None]) / np.where(scales > 0, scales, 1)[..., None]
    return Affine(np.rint(steps).astype(np.uint8).reshape(rows, columns), scales, least, bits)
