"""What a GGUF header says about a model: its shape, and where its bytes lie. Pure."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from .geometry import Geometry, Layers
from .gguf import Header

MOST = 2**31  # of anything that a header counts
MOST_LAYERS = 10_000
STATE_BYTES = 4  # of one number of a recurrent state
# One layer in so many sees everything, the others a window; where the header leaves it to the architecture.
FULL_EVERY = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "gpt-oss": 2, "cohere2": 4, "exaone4": 4, "olmo2": 4}
OF_EXPERTS = "_exps."
INPUT, OUTPUT = "token_embd.weight", "output.weight"


@dataclass(frozen=True, slots=True)
class Weights:
    """Bytes."""

    total: int
    input: int  # the table that turns tokens into numbers: it stays in main memory
    output: int  # what turns numbers into tokens
    active: int  # read for each token
    shared: bool  # one table serves for both ends


def weights(header: Header) -> Weights:
    fields = _Fields(header)
    total = sum(tensor.bytes for tensor in header.tensors)
    experts = sum(tensor.bytes for tensor in header.tensors if OF_EXPERTS in tensor.name)
    known, used = fields.number("expert_count"), fields.number("expert_used_count")
    idle = experts - experts * used // known if known else 0
    sizes = {tensor.name: tensor.bytes for tensor in header.tensors if tensor.name in (INPUT, OUTPUT)}
    table, output = sizes.get(INPUT, 0), sizes.get(OUTPUT, 0)
    # A table that serves for both ends is read whole for each token, otherwise only one row of it.
    return Weights(total, table, output or table, total - idle - (table if output else 0), shared=not output)


def geometry(header: Header) -> Geometry:
    fields = _Fields(header)
    layers = min(MOST_LAYERS, max(0, fields.number("block_count") - fields.number("nextn_predict_layers")))
    return Geometry(
        architecture=fields.architecture,
        layers=layers,
        embedding=fields.number("embedding_length"),
        feed_forward=_feed_forward(fields),
        heads=max(fields.per_layer("attention.head_count", layers), default=0),
        vocabulary=header.lengths.get("tokenizer.ggml.tokens") or fields.number("vocab_size"),
        trained_context=fields.number("context_length"),
        attention=_attention(fields, layers),
        experts=fields.number("expert_used_count"),
        state=_state(fields, layers),
    )


def _feed_forward(fields: "_Fields") -> int:
    dense = max(fields.per_layer("feed_forward_length", 1), default=0)
    expert = fields.number("expert_feed_forward_length")
    return max(dense, expert * max(1, fields.number("expert_used_count")))


def _attention(fields: "_Fields", layers: int) -> tuple[Layers, ...]:
    heads = max(fields.per_layer("attention.head_count", layers), default=1) or 1
    head = fields.number("embedding_length") // heads
    keys, values = fields.number("attention.key_length") or head, fields.number("attention.value_length") or head
    kinds: Counter[tuple[int, int, int]] = Counter()
    for layer, kv_heads in enumerate(fields.per_layer("attention.head_count_kv", layers) or [heads] * layers):
        if not kv_heads or not _attends(fields, layer):
            continue
        if fields.number("attention.key_length_mla"):
            kinds[keys, 0, 0] += 1
        else:
            kinds[kv_heads * keys, kv_heads * values, _window(fields, layer)] += 1
    return tuple(Layers(count, *kind) for kind, count in kinds.items())


def _attends(fields: "_Fields", layer: int) -> bool:
    """Or is it recurrent?"""
    if fields.architecture in ("mamba", "mamba2", "rwkv6", "rwkv7"):
        return False
    every = fields.number("full_attention_interval")
    return not every or (layer + 1) % every == 0


def _window(fields: "_Fields", layer: int) -> int:
    window = fields.number("attention.sliding_window")
    pattern = fields.value("attention.sliding_window_pattern")
    if isinstance(pattern, tuple):
        return window if layer < len(pattern) and pattern[layer] else 0
    every = pattern or FULL_EVERY.get(fields.architecture, 0)
    return window if every and (layer + 1) % every else 0


def _state(fields: "_Fields", layers: int) -> int:
    inner, depth = fields.number("ssm.inner_size"), fields.number("ssm.state_size")
    if inner:
        shift = max(0, fields.number("ssm.conv_kernel") - 1)
        one = shift * (inner + 2 * fields.number("ssm.group_count") * depth) + depth * inner
    else:
        one = fields.number("embedding_length") * max(0, fields.number("shortconv.l_cache") - 1)
    return STATE_BYTES * one * _recurrent(fields, layers) if one else 0


def _recurrent(fields: "_Fields", layers: int) -> int:
    kv_heads = fields.per_layer("attention.head_count_kv", layers)
    attending = [layer for layer in range(layers) if (not kv_heads or kv_heads[layer]) and _attends(fields, layer)]
    # Some run both kinds side by side in every layer.
    return layers if fields.architecture == "falcon-h1" else layers - len(attending)


class _Fields:
    """The header's values under the name of its architecture."""

    def __init__(self, header: Header) -> None:
        self._values = header.values
        self.architecture = str(header.values.get("general.architecture", ""))

    def value(self, name: str) -> Any:
        return self._values.get(f"{self.architecture}.{name}")

    def number(self, name: str) -> int:
        return _whole(self.value(name))

    def per_layer(self, name: str, layers: int) -> list[int]:
        """One number for each layer, whether it is written once or layer by layer; empty where it is missing."""
        value = self.value(name)
        if isinstance(value, tuple):
            return [_whole(one) for one in value][:layers]
        return [_whole(value)] * layers if isinstance(value, int | float) else []


def _whole(value: Any) -> int:
    """A damaged header may say anything; what no model has counts as not said."""
    return int(value) if isinstance(value, int | float) and 0 <= value <= MOST else 0
