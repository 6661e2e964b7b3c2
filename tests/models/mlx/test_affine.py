"""Packed codes are read by MLX as they were written."""

import numpy as np
import pytest
from localswarm.models.mlx.convert.affine import GROUP, quantise

mx = pytest.importorskip("mlx.core")


@pytest.mark.parametrize("bits", [4, 5, 6, 8])
def test_mlx_reads_what_was_packed(bits: int) -> None:
    values = np.random.default_rng(1).standard_normal((16, 256), dtype=np.float32)
    affine = quantise(values, bits)
    packed = mx.array(affine.packed().view("<u4"))
    read = mx.dequantize(packed, mx.array(affine.scales), mx.array(affine.biases), group_size=GROUP, bits=bits)
    assert np.array_equal(np.array(read), affine.values())


@pytest.mark.parametrize("bits", [4, 8])
def test_every_weight_is_within_half_a_step(bits: int) -> None:
    values = np.random.default_rng(2).standard_normal((4, 128), dtype=np.float32)
    affine = quantise(values, bits)
    step = np.repeat(affine.scales, GROUP, axis=-1)
    assert np.all(np.abs(affine.values() - values) <= step * 0.5001)


def test_a_group_of_equal_weights() -> None:
    values = np.full((1, GROUP), 0.25, np.float32)
    assert np.array_equal(quantise(values, 4).values(), values)
