"""The shape of a model: all that its need of memory and its speed follow from. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layers:
    """So many layers that keep the same amount for each token of a sequence."""

    count: int
    keys: int  # numbers that one such layer keeps of one token as keys, all heads together
    values: int  # and as values; 0 where keys serve as both (MLA)
    window: int = 0  # tokens that such a layer looks back at; 0: all of them


@dataclass(frozen=True, slots=True)
class Geometry:
    architecture: str  # as GGUF calls it: llama, qwen2, gemma3 ...
    layers: int
    embedding: int
    feed_forward: int  # the widest layer of it; with experts, those used together
    heads: int  # query heads
    vocabulary: int
    trained_context: int
    attention: tuple[Layers, ...]
    experts: int = 0  # used together for one token; 0: there are none
    state: int = 0  # bytes that all recurrent layers keep of one sequence, whatever its length
