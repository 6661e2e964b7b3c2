"""What config.json says of a model's shape, as its makers wrote it."""

from typing import Any

import pytest
from localswarm.models.geometry import Layers
from localswarm.models.mlx.config import Config, Quantisation
from localswarm.models.mlx.geometry import geometry

from .folders import CONFIG

PLAIN: dict[str, Any] = {"hidden_size": 2048, "num_attention_heads": 16, "vocab_size": 1000}


def config(**said: Any) -> Config:
    return Config(PLAIN | {"num_hidden_layers": 12} | said, "folder")


def test_a_plain_model() -> None:
    shape = geometry(Config(CONFIG, "folder"))
    assert shape.attention == (Layers(2, 32, 32),)
    assert (shape.layers, shape.embedding, shape.feed_forward, shape.heads) == (2, 64, 128, 4)
    assert (shape.vocabulary, shape.trained_context, shape.experts, shape.state) == (100, 4096, 0, 0)


ATTENTION: dict[str, tuple[dict[str, Any], tuple[Layers, ...]]] = {
    "heads of their own width": (
        {"model_type": "qwen3", "num_key_value_heads": 4, "head_dim": 128},
        (Layers(12, 512, 512),),
    ),
    "a window in each but every sixth": (
        {"model_type": "gemma3_text", "num_key_value_heads": 4, "head_dim": 128, "sliding_window": 512},
        (Layers(10, 512, 512, 512), Layers(2, 512, 512)),
    ),
    "a window where the layers say so": (
        {"model_type": "gpt_oss", "layer_types": ["sliding_attention", "full_attention"] * 6, "sliding_window": 128},
        (Layers(6, 2048, 2048, 128), Layers(6, 2048, 2048)),
    ),
    "a window that is not used": (
        {"model_type": "qwen2", "sliding_window": 4096, "use_sliding_window": False},
        (Layers(12, 2048, 2048),),
    ),
    "a latent cache": (
        {"model_type": "deepseek_v3", "kv_lora_rank": 512, "qk_rope_head_dim": 64},
        (Layers(12, 576, 0),),
    ),
    "a latent one that is kept unpacked": (
        {
            **{"model_type": "deepseek_v2", "kv_lora_rank": 512, "qk_rope_head_dim": 64},
            **{"qk_nope_head_dim": 128, "v_head_dim": 128},
        },
        (Layers(12, 3072, 2048),),
    ),
    "wide heads where everything is seen, and layers that keep nothing of their own": (
        {
            **{"model_type": "gemma4_text", "layer_types": ["sliding_attention", "full_attention"] * 6},
            **{"head_dim": 256, "num_key_value_heads": 1, "sliding_window": 512, "num_kv_shared_layers": 4},
            "global_head_dim": 512,
        },
        (Layers(4, 256, 256, 512), Layers(4, 512, 512)),
    ),
    "every fourth layer attends": (
        {"model_type": "qwen3_next", "full_attention_interval": 4, "num_key_value_heads": 2, "head_dim": 256},
        (Layers(3, 512, 512),),
    ),
    "none does": ({"model_type": "mamba", "state_size": 16, "conv_kernel": 4}, ()),
}


@pytest.mark.parametrize("case", ATTENTION)
def test_every_kind_of_memory(case: str) -> None:
    said, expected = ATTENTION[case]
    assert geometry(config(**said)).attention == expected


def test_the_state_of_recurrent_layers() -> None:
    linear = {"linear_num_value_heads": 32, "linear_num_key_heads": 16, "linear_conv_kernel_dim": 4}
    heads = {"linear_key_head_dim": 128, "linear_value_head_dim": 128}
    shape = geometry(config(model_type="qwen3_next", full_attention_interval=4, **linear, **heads))
    assert shape.state == 9 * 4 * (3 * (4096 + 2 * 16 * 128) + 32 * 128 * 128)


def test_the_text_model_of_one_that_sees() -> None:
    inner = {"hidden_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 8}
    shape = geometry(Config({"model_type": "gemma3", "vocab_size": 1000, "text_config": inner}, "folder"))
    assert (shape.architecture, shape.layers, shape.embedding) == ("gemma3", 6, 1024)


def test_experts() -> None:
    said = {"num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768, "intermediate_size": 6144}
    shape = geometry(config(model_type="qwen3_moe", **said))
    assert (shape.architecture, shape.experts, shape.feed_forward) == ("qwen3moe", 8, 6144)


def test_the_bits() -> None:
    assert config(quantization={"bits": 8, "group_size": 64, "mode": "affine"}).quantisation == Quantisation(8, 64)
    assert config().quantisation is None
