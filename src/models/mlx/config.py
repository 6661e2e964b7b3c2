"""What config.json of a folder says about its model, as far as it can be believed. Pure."""

from dataclasses import dataclass
from typing import Any

from ...errors import ModelUnusable

MOST = 2**31  # of anything that is counted
MOST_LAYERS = 10_000
# The same under the names that makers gave it.
LAYERS = ("num_hidden_layers", "n_layers", "n_layer", "num_layers")
WIDTH = ("hidden_size", "d_model", "n_embd", "dim", "model_dim")
HEADS = ("num_attention_heads", "n_heads", "n_head", "num_heads")
CONTEXT = ("max_position_embeddings", "model_max_length", "n_positions", "max_seq_len", "seq_length", "n_ctx")
FEED_FORWARD = ("intermediate_size", "ffn_hidden_size", "n_inner", "d_ff")
EXPERTS_USED = ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "top_k_experts")
EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")
EXPERT_WIDTH = ("moe_intermediate_size", "expert_hidden_dim")
BITS = (2, 3, 4, 5, 6, 8)
MOST_GROUP = 2**10


@dataclass(frozen=True, slots=True)
class Quantisation:
    bits: int
    group: int


class Config:
    """The fields of the text model: those of models that also see images lie one level deeper."""

    def __init__(self, said: dict[str, Any], folder: str) -> None:
        inner = said.get("text_config")
        self._said = said | inner if isinstance(inner, dict) else said
        self._folder = folder
        self.architecture = str(said.get("model_type", ""))
        # Code of its own would be run with the rights of this user.
        if said.get("model_file"):
            raise ModelUnusable(f"{folder} wants to run code of its own ({said['model_file']}). Take another model.")

    def value(self, name: str) -> Any:
        return self._said.get(name)

    def number(self, *names: str) -> int:
        """0 where none of these is said; a list says it layer by layer."""
        for name in names:
            value = self._said.get(name)
            if isinstance(value, list):
                value = max((one for one in value if isinstance(one, int)), default=None)
            if value is not None:
                return self._whole(value, name)
        return 0

    def needed(self, *names: str) -> int:
        found = self.number(*names)
        if not found:
            raise ModelUnusable(f"{self._folder}/config.json does not say {names[0]}. Take another model.")
        return found

    @property
    def layers(self) -> int:
        found = self.needed(*LAYERS)
        if found > MOST_LAYERS:
            raise self._impossible(LAYERS[0], found)
        return found

    @property
    def quantisation(self) -> Quantisation | None:
        said = self._said.get("quantization") or self._said.get("quantization_config")
        if not isinstance(said, dict):
            return None
        bits, group = said.get("bits", 4), said.get("group_size", 64)
        if bits not in BITS:
            raise self._impossible("bits of its quantization", bits)
        if not isinstance(group, int) or not 0 < group <= MOST_GROUP:
            raise self._impossible("group_size of its quantization", group)
        return Quantisation(bits, group)

    def _whole(self, value: Any, name: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
            raise self._impossible(name, value)
        return int(value)

    def _impossible(self, name: str, value: Any) -> ModelUnusable:
        return ModelUnusable(f"{self._folder}/config.json says {name} = {value!r:.40}, which no model has.")
