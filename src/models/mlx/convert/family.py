"""What is called how in both worlds, in the families that can be converted: fields and names of tensors. Pure.

llama.cpp turns pairs of neighbours, MLX pairs half a head apart: the files of the llama family have the rows of queries
and keys in llama.cpp's order, and those of qwen2 in the original one, which llama.cpp treats apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ....errors import ModelUnusable
from ...gguf import Header, Tensor
from . import rope

Float = Literal["F16", "BF16"]

ENDS = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
IN_LAYER = re.compile(r"blk\.(\d+)\.(\w+)\.(weight|bias)")
# Not a weight: it becomes a part of the configuration.
FREQUENCIES = "rope_freqs.weight"


@dataclass(frozen=True, slots=True)
class Family:
    biased: tuple[str, ...] = ()  # parts of a layer that have a bias
    turned: tuple[str, ...] = ()  # whose rows are in llama.cpp's order
    # Queries and keys of Qwen2 are too large for the range of F16.
    float: Float = "F16"


FAMILIES: Mapping[str, Family] = {
    "llama": Family(turned=("attn_q", "attn_k")),
    "qwen2": Family(biased=("attn_q", "attn_k", "attn_v"), float="BF16"),
}


def of(header: Header, model: str) -> Family:
    name = str(header.values.get("general.architecture", ""))
    if name not in FAMILIES or header.values.get(f"{name}.expert_count"):
        what = f"{name} with experts" if name in FAMILIES else name or "unknown"
        raise ModelUnusable(
            f"{model} cannot be converted for MLX: its architecture is {what}, and what can be is "
            f"{' and '.join(FAMILIES)}. Take an MLX folder of this model, or --engine llamacpp."
        )
    return FAMILIES[name]


def mlx_name(tensor: str, family: Family) -> str | None:
    """None: MLX's model of this family has nothing of the kind."""
    if found := IN_LAYER.fullmatch(tensor):
        layer, part, kind = found.groups()
        known = part in LAYER and (kind == "weight" or part in family.biased)
        return f"model.layers.{layer}.{LAYER[part]}.{kind}" if known else None
    part, _, kind = tensor.partition(".")
    return f"{ENDS[part]}.weight" if part in ENDS and kind == "weight" else None


def heads_turned(tensor: str, header: Header, family: Family) -> int:
    """Heads whose rows are to be put back in order; 0: they are in order."""
    found = IN_LAYER.fullmatch(tensor)
    if not found or found[2] not in family.turned:
        return 0
    heads = _number(header, "attention.head_count")
    return heads if found[2] == "attn_q" else _number(header, "attention.head_count_kv") or heads


def config(header: Header, ends: tuple[int, ...], factors: tuple[float, ...], model: str) -> dict[str, Any]:
    """config.json, but for how weights are quantised. `factors`: of the rotary frequencies, where the file has some."""
    tensors = {tensor.name: tensor for tensor in header.tensors}
    heads, width = _number(header, "attention.head_count"), _number(header, "embedding_length")
    head = _number(header, "attention.key_length") or (width // heads if heads else 0)
    found = {
        "model_type": header.values["general.architecture"],
        "hidden_size": width,
        "num_hidden_layers": _number(header, "block_count"),
        "intermediate_size": _number(header, "feed_forward_length"),
        "num_attention_heads": heads,
        "num_key_value_heads": _number(header, "attention.head_count_kv") or heads,
        "head_dim": head,
        "rms_norm_eps": _value(header, "attention.layer_norm_rms_epsilon"),
        "vocab_size": _rows(tensors.get("token_embd.weight")),
        "max_position_embeddings": _number(header, "context_length"),
        "rope_theta": _value(header, "rope.freq_base") or rope.BASE,
        "tie_word_embeddings": "output.weight" not in tensors,
        "eos_token_id": list(ends),
    }
    if missing := [name for name, value in found.items() if value in (None, 0) and name != "tie_word_embeddings"]:
        raise ModelUnusable(f"{model} cannot be converted for MLX: its header does not say {missing[0]}.")
    if _number(header, "rope.dimension_count") not in (0, head):
        raise ModelUnusable(f"{model} cannot be converted for MLX: only a part of each head turns with the position.")
    scaling = rope.scaling(_value(header, "rope.scaling.type"), _value(header, "rope.scaling.factor"), model)
    scaling = scaling or rope.llama3(factors, found["rope_theta"], head, model)
    return found | ({"rope_scaling": scaling} if scaling else {})


def _value(header: Header, name: str) -> Any:
    return header.values.get(f"{header.values.get('general.architecture')}.{name}")


def _number(header: Header, name: str) -> int:
    value = _value(header, name)
    return value if isinstance(value, int) and value > 0 else 0


def _rows(tensor: Tensor | None) -> int:
    return tensor.sizes[1] if tensor and len(tensor.sizes) == 2 else 0
