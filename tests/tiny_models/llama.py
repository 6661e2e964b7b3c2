"""Plain full attention: every position stays in the memory and can be cut off again."""

import gguf

from .parts import HEAD, HEADS, WIDTH, attention, describe, embedding, feed_forward
from .tensors import Tensors

LAYERS = 2


def build(writer: gguf.GGUFWriter, tensors: Tensors) -> None:
    describe(writer, LAYERS)
    writer.add_head_count(HEADS)
    writer.add_rope_dimension_count(HEAD)
    embedding(tensors)
    for layer in (f"blk.{index}" for index in range(LAYERS)):
        tensors.constant(f"{layer}.attn_norm.weight", WIDTH)
        attention(tensors, layer)
        feed_forward(tensors, layer)
