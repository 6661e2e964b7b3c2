"""The blocks of every type are read as the makers of the format read them."""

import numpy as np
import pytest
from gguf import GGMLQuantizationType, quants
from localswarm.models.gguf import BLOCKS
from localswarm.models.mlx.convert import blocks
from localswarm.models.mlx.convert.weights import encoded

# Where a block has its 16-bit scales.
SCALES = {blocks.Q6_K: (208,), **dict.fromkeys((blocks.Q4_1, blocks.Q5_1, blocks.Q4_K, blocks.Q5_K), (0, 2))}
ROWS, IN_ROW = 5, 3


@pytest.mark.parametrize("kind", blocks.UNPACKED)
def test_the_same_weights_as_in_the_reference(kind: int) -> None:
    numbers = np.random.default_rng(kind)
    raw = numbers.integers(0, 256, (ROWS, IN_ROW, BLOCKS[kind][1]), dtype=np.uint8)
    for place in SCALES.get(kind, (0,)):
        scales = numbers.standard_normal((ROWS, IN_ROW, 1)).astype("<f2")
        raw[..., place : place + 2] = scales.view(np.uint8)
    expected = quants.dequantize(raw.reshape(ROWS, -1), GGMLQuantizationType(kind))
    assert np.array_equal(blocks.unpack(raw, kind).values(), expected)


@pytest.mark.parametrize("kind", [blocks.F32, blocks.F16, blocks.BF16])
def test_numbers_that_are_not_quantised(kind: int) -> None:
    values = np.random.default_rng(0).standard_normal((2, 64), dtype=np.float32)
    raw = quants.quantize(values, GGMLQuantizationType(kind)).view(np.uint8).reshape(2, -1)
    expected = quants.dequantize(raw, GGMLQuantizationType(kind)).reshape(2, 64)
    assert np.array_equal(blocks.floats(raw, kind), expected)


def test_sixteen_bits_of_both_kinds() -> None:
    values = np.array([[1.0, -2.5, 3.14159, 1e-3, 65000.0]], np.float32)
    assert np.allclose(np.frombuffer(encoded(values, "F16"), "<f2"), values, rtol=1e-3)
    raw = np.frombuffer(encoded(values, "BF16"), np.uint8).reshape(1, -1)
    assert np.allclose(blocks.floats(raw, blocks.BF16), values, rtol=2**-8)
