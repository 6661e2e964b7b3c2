"""The memory that a text takes while it is embedded, and how long one may be. Pure but for what the model says."""

from dataclasses import dataclass

import llama_cpp as lib

from .model import Model

TOKENS_OF_STEP = 128
CELL_STEP = 256
KV_NUMBER = 2  # bytes of one number of keys and values
# Rows of numbers as wide as the feed-forward layer, and as the model, that live at once while a step is computed.
FEED_FORWARD_ALIVE, WIDTHS_ALIVE = 3, 8
MASK_BYTES = 2
# What a context takes in any case: its graph, its lists.
FIXED = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Room:
    bytes: int
    of_step: int  # bytes, however short the text
    of_token: int

    def need(self, tokens: int) -> int:
        return self.of_step + self.of_token * -(-tokens // CELL_STEP) * CELL_STEP

    def takes(self, tokens: int) -> bool:
        return self.need(tokens) <= self.bytes

    @property
    def tokens(self) -> int:
        """The longest text."""
        return max(0, self.bytes - self.of_step) // (self.of_token * CELL_STEP) * CELL_STEP


def room_of(model: Model, aside: int) -> Room:
    """`aside`: bytes that may be taken beside the model."""
    # The graph is laid out with a row of logits for every token of a step, although nobody asks for them.
    logits = 4 * (model.vocab_size + model.width)
    wide = _number(model, "feed_forward_length") or 4 * model.width
    alive = 4 * (FEED_FORWARD_ALIVE * wide + WIDTHS_ALIVE * model.width)
    return Room(aside, FIXED + TOKENS_OF_STEP * (logits + alive), _kv_bytes(model) + TOKENS_OF_STEP * MASK_BYTES)


def _kv_bytes(model: Model) -> int:
    """Of one token, as if every layer looked at all of them."""
    heads = max(1, int(lib.llama_model_n_head(model.handle)))
    usual = model.width // heads
    keys, values = (_number(model, f"attention.{name}_length") or usual for name in ("key", "value"))
    kv_heads = int(lib.llama_model_n_head_kv(model.handle)) or heads
    return KV_NUMBER * int(lib.llama_model_n_layer(model.handle)) * kv_heads * (keys + values)


def _number(model: Model, name: str) -> int:
    said = model.metadata(f"{model.architecture}.{name}") or ""
    return int(said) if said.isdecimal() else 0
