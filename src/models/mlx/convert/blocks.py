"""What lies in the blocks of GGUF's tensor types. Pure.

A block holds 32 weights, or 256 with scales that are quantised themselves. Every type here is affine, so that it can be
taken over as it is; see `affine.py`.
"""

from collections.abc import Callable, Mapping

import numpy as np

from .affine import Affine, Bytes, Floats

F32, F16, BF16 = 0, 1, 30
Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K = 2, 3, 6, 7, 8, 12, 13, 14


def floats(raw: Bytes, kind: int) -> Floats:
    """Rows of bytes of a type that is not quantised."""
    if kind == BF16:
        return (raw.view("<u2").astype(np.uint32) << 16).view(np.float32)
    return raw.view("<f2" if kind == F16 else "<f4").astype(np.float32)


def unpack(raw: Bytes, kind: int) -> Affine:
    """Blocks: rows x blocks of a row x bytes of a block."""
    rows = raw.shape[0]
    codes, scales, biases, bits = UNPACKED[kind](raw)
    return Affine(codes.reshape(rows, -1), scales.reshape(rows, -1), biases.reshape(rows, -1), bits)


# Places to shift; as a plain number mypy takes it for a signed one.
FOURTH = np.uint8(4)

Unpacked = tuple[Bytes, Floats, Floats, int]


def _q4_0(raw: Bytes) -> Unpacked:
    scales = _half(raw, 0)
    return _nibbles(raw[..., 2:]), scales, -8 * scales, 4


def _q4_1(raw: Bytes) -> Unpacked:
    return _nibbles(raw[..., 4:]), _half(raw, 0), _half(raw, 2), 4


def _q5_0(raw: Bytes) -> Unpacked:
    scales = _half(raw, 0)
    return _nibbles(raw[..., 6:]) | _fifth_bits(raw[..., 2:6]), scales, -16 * scales, 5


def _q5_1(raw: Bytes) -> Unpacked:
    return _nibbles(raw[..., 8:]) | _fifth_bits(raw[..., 4:8]), _half(raw, 0), _half(raw, 2), 5


def _q8_0(raw: Bytes) -> Unpacked:
    scales = _half(raw, 0)
    # Signed bytes; with the highest bit turned they count from 0.
    return raw[..., 2:] ^ np.uint8(0x80), scales, -128 * scales, 8


def _q4_k(raw: Bytes) -> Unpacked:
    scales, biases = _six_bit_scales(raw)
    return _nibbles(raw[..., 16:], run=32), scales, biases, 4


def _q5_k(raw: Bytes) -> Unpacked:
    scales, biases = _six_bit_scales(raw)
    high: Bytes = (raw[..., 16:48][..., None, :] >> np.arange(8, dtype=np.uint8)[:, None]) & np.uint8(1)
    return _nibbles(raw[..., 48:], run=32) | (high << FOURTH).reshape(*high.shape[:-2], 256), scales, biases, 5


def _q6_k(raw: Bytes) -> Unpacked:
    """Groups of 16, in two halves of 128 weights: four low bits of each in `low`, two high ones in `high`."""
    low = _nibbles(raw[..., :128], run=64)
    high: Bytes = raw[..., 128:192].reshape(*raw.shape[:-1], 2, 1, 32) >> np.array([[0], [2], [4], [6]], np.uint8)
    scales = _half(raw, 208) * raw[..., 192:208].view(np.int8)
    return low | ((high & np.uint8(3)) << FOURTH).reshape(low.shape), scales, -32 * scales, 6


UNPACKED: Mapping[int, Callable[[Bytes], Unpacked]] = {
    Q4_0: _q4_0, Q4_1: _q4_1, Q5_0: _q5_0, Q5_1: _q5_1, Q8_0: _q8_0, Q4_K: _q4_k, Q5_K: _q5_k, Q6_K: _q6_k,
}  # fmt: skip


def _half(raw: Bytes, place: int) -> Floats:
    """One number of each block, with the axis kept."""
    return np.ascontiguousarray(raw[..., place : place + 2]).view("<f2").astype(np.float32)


def _nibbles(raw: Bytes, run: int = 16) -> Bytes:
    """The low halves of so many bytes, then their high halves."""
    runs = raw.reshape(*raw.shape[:-1], -1, run)
    return np.stack((runs & 15, runs >> FOURTH), axis=-2).reshape(*raw.shape[:-1], 2 * raw.shape[-1])


def _fifth_bits(raw: Bytes) -> Bytes:
    return np.unpackbits(raw, axis=-1, bitorder="little") << FOURTH


def _six_bit_scales(raw: Bytes) -> tuple[Floats, Floats]:
    """Eight scales and eight biases of six bits in twelve bytes: the last four of each lie in the gaps."""
    first, second, third = raw[..., 4:8], raw[..., 8:12], raw[..., 12:16]
    scales = np.concatenate((first & 63, (third & 15) | (first >> 6 << 4)), axis=-1)
    biases = np.concatenate((second & 63, (third >> 4) | (second >> 6 << 4)), axis=-1)
    return _half(raw, 0) * scales, -_half(raw, 2) * biases
