"""Folders for MLX with random weights, of architectures whose layers keep a state beside keys and values or instead of
them: what mlx-lm's own code makes of these configurations. The tokenizer is that of a folder that is there.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.utils import _get_classes

SEED = 20
WEIGHTS = "model.safetensors"

# Of all that have them.
PLAIN = {
    "vocab_size": 49152,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "tie_word_embeddings": True,
    "rms_norm_eps": 1e-6,
}
LINEAR = {
    "num_hidden_layers": 4,
    "full_attention_interval": 2,
    "linear_num_value_heads": 4,
    "linear_num_key_heads": 2,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
    "linear_conv_kernel_dim": 4,
    "head_dim": 16,
}
EXPERTS = {
    "num_experts": 4,
    "num_experts_per_tok": 2,
    "decoder_sparse_step": 1,
    "moe_intermediate_size": 64,
    "shared_expert_intermediate_size": 64,
    "norm_topk_prob": True,
}
STATE_SPACE = {"mamba_d_conv": 4, "mamba_expand": 2, "mamba_d_state": 16, "mamba_conv_bias": True}
CONFIGS: Mapping[str, dict[str, Any]] = {
    "qwen3_5": {"text_config": PLAIN | LINEAR},
    "qwen3_5_moe": {"text_config": PLAIN | LINEAR | EXPERTS},
    "qwen3_next": PLAIN | LINEAR | EXPERTS | {"mlp_only_layers": [], "rope_theta": 1e4, "partial_rotary_factor": 0.25},
    "mamba2": PLAIN
    | {
        "num_hidden_layers": 2,
        "num_heads": 4,
        "head_dim": 32,
        "state_size": 16,
        "conv_kernel": 4,
        "n_groups": 1,
        "use_bias": False,
        "use_conv_bias": True,
        "layer_norm_epsilon": 1e-5,
        "time_step_limit": [0.001, 0.1],
        "time_step_rank": 4,
    },
    "lfm2": PLAIN
    | {
        "num_hidden_layers": 3,
        "norm_eps": 1e-5,
        "conv_bias": False,
        "conv_L_cache": 3,
        "block_dim": 64,
        "block_ff_dim": 128,
        "block_multiple_of": 32,
        "block_ffn_dim_multiplier": 1.0,
        "block_auto_adjust_ff_dim": False,
        "full_attn_idxs": [1],
        "rope_theta": 1e4,
    },
    "jamba": PLAIN
    | STATE_SPACE
    | {
        "num_hidden_layers": 3,
        "attn_layer_offset": 1,
        "attn_layer_period": 2,
        "expert_layer_offset": 1,
        "expert_layer_period": 2,
        "num_experts": 1,
        "num_experts_per_tok": 1,
        "mamba_proj_bias": False,
        "mamba_dt_rank": 4,
    },
}
KINDS = tuple(CONFIGS)


def make(kind: str, path: Path, tokenizer_from: Path) -> Path:
    """The same weights each time."""
    path.mkdir(parents=True)
    for file in tokenizer_from.iterdir():
        if file.suffix in (".json", ".jinja") and "safetensors" not in file.name and file.name != "config.json":
            shutil.copy(file, path)
    config = {"model_type": kind, **CONFIGS[kind]}
    (path / "config.json").write_text(json.dumps(config))
    model_class, arguments = _get_classes(config)
    mx.random.seed(SEED)
    weights = {name: _chosen(name, array) for name, array in _flat(model_class(arguments.from_dict(config)))}
    mx.save_safetensors(str(path / WEIGHTS), weights, {"format": "mlx"})
    return path


def _flat(model: Any) -> list[tuple[str, mx.array]]:
    found: Any = tree_flatten(model.parameters())
    return list(found)


def _chosen(name: str, array: mx.array) -> mx.array:
    """As mlx-lm initialises it, but states that remember for long, and layers that are heard beside the embedding."""
    if name.endswith("A_log"):
        return mx.log(mx.random.uniform(0.01, 0.3, array.shape))
    if "embed" in name:
        return mx.random.normal(array.shape) * 0.5
    return array * 2.0 if array.ndim > 1 else array
