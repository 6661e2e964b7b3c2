"""Recurrent: the whole history is one state of fixed size, and the states before it are gone."""

import gguf

from .parts import WIDTH, describe, describe_state_space, embedding, state_space
from .tensors import Tensors

LAYERS = 2


def build(writer: gguf.GGUFWriter, tensors: Tensors) -> None:
    describe(writer, LAYERS)
    describe_state_space(writer)
    writer.add_head_count(0)
    embedding(tensors)
    for layer in (f"blk.{index}" for index in range(LAYERS)):
        tensors.constant(f"{layer}.attn_norm.weight", WIDTH)
        state_space(tensors, layer)
