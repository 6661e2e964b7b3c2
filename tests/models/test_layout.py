"""What a header says of a model's shape."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from localswarm.models import gguf, layout
from localswarm.models.geometry import Layers
from localswarm.models.gguf import Header, Tensor


def header(architecture: str, *tensors: Tensor, **values: Any) -> Header:
    named = {f"{architecture}.{key.replace('__', '.')}": value for key, value in values.items()}
    return Header(3, {"general.architecture": architecture} | named, {"tokenizer.ggml.tokens": 1000}, tensors, 0)


def test_the_real_model(smollm2: Path) -> None:
    found = gguf.check(smollm2)
    shape, weights = layout.geometry(found), layout.weights(found)
    assert shape.attention == (Layers(30, 192, 192),)
    assert (shape.layers, shape.embedding, shape.feed_forward, shape.vocabulary) == (30, 576, 1536, 49152)
    assert (shape.trained_context, shape.state, shape.experts) == (8192, 0, 0)
    assert weights.shared and weights.active == weights.total and weights.total < smollm2.stat().st_size


@pytest.mark.parametrize(
    ("kind", "attention", "recurrent"),
    [
        ("llama", (Layers(2, 64, 64),), False),
        ("gemma3", (Layers(1, 64, 64, 32), Layers(1, 64, 64)), False),
        ("jamba", (Layers(1, 64, 64),), True),
        ("mamba", (), True),
    ],
)
def test_every_kind_of_memory(
    kind: str, attention: tuple[Layers, ...], recurrent: bool, tiny: Callable[[str], Path]
) -> None:
    shape = layout.geometry(gguf.check(tiny(kind)))
    assert set(shape.attention) == set(attention)
    assert bool(shape.state) is recurrent


def test_grouped_heads_of_their_own_width() -> None:
    said = {"block_count": 2, "embedding_length": 2048, "attention__head_count": 32, "attention__head_count_kv": 4}
    shape = layout.geometry(header("qwen3", **said, attention__key_length=128, attention__value_length=128))
    assert shape.attention == (Layers(2, 512, 512),)


def test_a_latent_cache_holds_keys_alone() -> None:
    said = {"block_count": 27, "attention__head_count": 16, "attention__head_count_kv": 1, "embedding_length": 2048}
    more = {"attention__key_length": 576, "attention__value_length": 512, "attention__key_length_mla": 192}
    assert layout.geometry(header("deepseek2", **said, **more)).attention == (Layers(27, 576, 0),)


def test_one_layer_in_four_attends() -> None:
    said = {"block_count": 48, "attention__head_count": 16, "attention__head_count_kv": 2, "embedding_length": 2048}
    more = {"full_attention_interval": 4, "attention__key_length": 256, "attention__value_length": 256}
    state = {"ssm__inner_size": 4096, "ssm__state_size": 128, "ssm__group_count": 16, "ssm__conv_kernel": 4}
    shape = layout.geometry(header("qwen3next", **said, **more, **state))
    assert shape.attention == (Layers(12, 512, 512),)
    assert shape.state == 4 * 36 * (3 * (4096 + 2 * 16 * 128) + 128 * 4096)


def test_layers_with_different_numbers_of_heads() -> None:
    said = {"block_count": 3, "embedding_length": 256, "attention__head_count": (4, 4, 4)}
    shape = layout.geometry(header("nemotron_h", **said, attention__head_count_kv=(2, 0, 2)))
    assert shape.attention == (Layers(2, 128, 128),)


def test_idle_experts_are_not_read() -> None:
    tensors = (
        Tensor("token_embd.weight", 1000, 1, 0),
        Tensor("output.weight", 1000, 1, 0),
        Tensor("blk.0.ffn_up_exps.weight", 8000, 1, 0),
    )
    weights = layout.weights(header("qwen3moe", *tensors, expert_count=8, expert_used_count=2))
    assert (weights.total, weights.active) == (20000, 2 * (1000 + 2000))
    assert not weights.shared


def test_a_header_that_says_little_is_understood_as_far_as_it_goes() -> None:
    shape = layout.geometry(header("strange"))
    assert (shape.layers, shape.attention) == (0, ())
