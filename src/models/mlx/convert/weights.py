"""One tensor of a GGUF file becomes one of MLX, or three: codes, scales and biases.

A matrix stays as exact as it was: its blocks are taken over as groups of MLX. Only Q6_K has none that fits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....errors import ModelUnusable
from ...gguf import BLOCKS, Header, Tensor
from ..safetensors import Entry
from . import blocks, family
from .affine import GROUP, WORD, Bytes, Floats, quantise
from .family import Family, Float

PLAIN = (blocks.F32, blocks.F16, blocks.BF16)
BITS: Mapping[int, int] = {
    blocks.Q4_0: 4, blocks.Q4_1: 4, blocks.Q4_K: 4, blocks.Q5_0: 5, blocks.Q5_1: 5, blocks.Q5_K: 5, blocks.Q8_0: 8,
    # Its groups of 16 are smaller than any of MLX.
    blocks.Q6_K: 8,
}  # fmt: skip
# Weights that are worked on at once: a vocabulary's table at once would take gigabytes.
CHUNK = 2**22


@dataclass(frozen=True, slots=True)
class Matrix:
    """Or a vector, which is one row of numbers."""

    source: Tensor
    name: str  # with .weight or .bias
    heads: int  # whose rows are to be put back in order
    float: Float

    @property
    def bits(self) -> int:
        return BITS.get(self.source.kind, 0)

    @property
    def path(self) -> str:
        return self.name.removesuffix(".weight")

    def entries(self) -> list[Entry]:
        if not self.bits:
            return [Entry(self.name, self.float, tuple(reversed(self.source.sizes)))]
        columns, rows = self.source.sizes
        groups = (rows, columns // GROUP)
        packed = (rows, columns * self.bits // (8 * WORD))
        return [
            Entry(self.name, "U32", packed),
            Entry(f"{self.path}.scales", self.float, groups),
            Entry(f"{self.path}.biases", self.float, groups),
        ]

    def data(self, raw: Bytes) -> Iterator[bytes]:
        """The bytes of all entries; `raw`: those of the source."""
        rows = self.source.sizes[1] if len(self.source.sizes) == 2 else 1
        by_row = raw.reshape(rows, -1)
        if self.heads:
            by_row = by_row[original_rows(rows, self.heads)]
        step = max(1, CHUNK * rows // self.source.weights)
        chunks = [by_row[start : start + step] for start in range(0, rows, step)]
        if not self.bits:
            yield from (encoded(blocks.floats(chunk, self.source.kind), self.float) for chunk in chunks)
            return
        parts = [self._parts(chunk) for chunk in chunks]
        for part in range(3):
            yield from (each[part] for each in parts)

    def _parts(self, chunk: Bytes) -> tuple[bytes, bytes, bytes]:
        affine = blocks.unpack(chunk.reshape(len(chunk), -1, BLOCKS[self.source.kind][1]), self.source.kind)
        if affine.bits != self.bits:
            affine = quantise(affine.values(), self.bits)
        return affine.packed().tobytes(), encoded(affine.scales, self.float), encoded(affine.biases, self.float)


def matrices(header: Header, of: Family, model: str) -> list[Matrix]:
    """ModelUnusable where one of them cannot be taken over."""
    tensors = [tensor for tensor in header.tensors if tensor.name != family.FREQUENCIES]
    return [_matrix(tensor, header, of, model) for tensor in tensors]


def _matrix(tensor: Tensor, header: Header, of: Family, model: str) -> Matrix:
    name = family.mlx_name(tensor.name, of)
    heads = family.heads_turned(tensor.name, header, of)
    quantised = tensor.kind in BITS and len(tensor.sizes) == 2
    fits = tensor.sizes and not (quantised and tensor.sizes[0] % GROUP) and not (heads and tensor.sizes[-1] % heads)
    if not name or not fits or len(tensor.sizes) > 2:
        raise ModelUnusable(
            f"{model} cannot be converted for MLX: its tensor {tensor.name} is none of this architecture."
        )
    if not quantised and tensor.kind not in PLAIN:
        raise ModelUnusable(
            f"{model} cannot be converted for MLX: {tensor.name} is quantised in a way that MLX does not have. Take "
            "the model in Q4_K_M, Q5_K_M, Q6_K or Q8_0, or --engine llamacpp."
        )
    return Matrix(tensor, name, heads, of.float)


def original_rows(rows: int, heads: int) -> NDArray[np.intp]:
    """llama.cpp's files have the two halves of each head shuffled into each other."""
    return np.arange(rows).reshape(heads, -1, 2).swapaxes(1, 2).reshape(-1)


def encoded(values: Floats, float: Float) -> bytes:
    if float == "F16":
        return values.astype("<f2").tobytes()
    # The upper half of a 32-bit number, rounded to the nearest even one.
    bits = np.ascontiguousarray(values, "<f4").view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2").tobytes()
