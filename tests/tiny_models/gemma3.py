"""Sliding window: a layer that sees the last tokens only, then a layer that sees them all."""

import math

import gguf

from .parts import EMBEDDING_GAIN, HEAD, HEADS, WIDTH, attention, describe, embedding, feed_forward
from .tensors import Tensors

# Tokens; small, so that short tests leave it behind.
WINDOW = 32
HAS_WINDOW = [True, False]


def build(writer: gguf.GGUFWriter, tensors: Tensors) -> None:
    describe(writer, len(HAS_WINDOW))
    writer.add_head_count(HEADS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_rope_dimension_count(HEAD)
    writer.add_sliding_window(WINDOW)
    writer.add_sliding_window_pattern(HAS_WINDOW)
    # llama.cpp multiplies Gemma's embeddings by the root of their width.
    embedding(tensors, gain=EMBEDDING_GAIN / math.sqrt(WIDTH))
    for layer in (f"blk.{index}" for index in range(len(HAS_WINDOW))):
        _norms(tensors, layer)
        attention(tensors, layer)
        feed_forward(tensors, layer)


def _norms(tensors: Tensors, layer: str) -> None:
    tensors.constant(f"{layer}.attn_norm.weight", WIDTH)
    # Queries and keys are normalised, so that these two decide how sharp the attention is.
    tensors.constant(f"{layer}.attn_q_norm.weight", HEAD, value=2.0)
    tensors.constant(f"{layer}.attn_k_norm.weight", HEAD, value=2.0)
    tensors.constant(f"{layer}.post_attention_norm.weight", WIDTH)
    tensors.constant(f"{layer}.post_ffw_norm.weight", WIDTH, value=4.0)
