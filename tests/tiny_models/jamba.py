"""Hybrid: a recurrent layer, then an attention layer, each with its own kind of memory."""

import gguf

from .parts import (
    HEADS,
    STATE,
    TIME_STEP_RANK,
    WIDTH,
    attention,
    describe,
    describe_state_space,
    embedding,
    feed_forward,
    state_space,
)
from .tensors import Tensors

# llama.cpp takes a layer without key-value heads for a recurrent one.
KEY_VALUE_HEADS = [0, HEADS]


def build(writer: gguf.GGUFWriter, tensors: Tensors) -> None:
    describe(writer, len(KEY_VALUE_HEADS))
    describe_state_space(writer)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    embedding(tensors)
    for index, heads in enumerate(KEY_VALUE_HEADS):
        layer = f"blk.{index}"
        tensors.constant(f"{layer}.attn_norm.weight", WIDTH)
        if heads:
            attention(tensors, layer, gain=2.0)
        else:
            _recurrent(tensors, layer)
        feed_forward(tensors, layer)


def _recurrent(tensors: Tensors, layer: str) -> None:
    # A state sums up the whole history: were it not scaled down, the attention would go unheard beside it.
    state_space(tensors, layer, gain=0.1)
    tensors.constant(f"{layer}.ssm_dt_norm.weight", TIME_STEP_RANK)
    tensors.constant(f"{layer}.ssm_b_norm.weight", STATE)
    tensors.constant(f"{layer}.ssm_c_norm.weight", STATE)
