"""GGUF files with random weights, for what the embedded model is not: other families, types of tensors, positions."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, quants
from localswarm.models.mlx.convert.conversion import converted

from ...tiny_models.tokenizer import copy_tokenizer, find_smollm2

WIDTH, HEADS, KV_HEADS, HEAD, FEED_FORWARD, VOCABULARY, LAYERS = 256, 4, 2, 64, 512, 49152, 1
SHAPES = {
    "attn_q": (WIDTH, WIDTH),
    "attn_k": (KV_HEADS * HEAD, WIDTH),
    "attn_v": (KV_HEADS * HEAD, WIDTH),
    "attn_output": (WIDTH, WIDTH),
    "ffn_gate": (FEED_FORWARD, WIDTH),
    "ffn_up": (FEED_FORWARD, WIDTH),
    "ffn_down": (WIDTH, FEED_FORWARD),
}
Q8_0, Q4_0 = GGMLQuantizationType.Q8_0, GGMLQuantizationType.Q4_0


def make(
    path: Path,
    architecture: str = "llama",
    kind: GGMLQuantizationType = Q8_0,
    change: Callable[[GGUFWriter], None] = lambda writer: None,
    **said: Any,
) -> Path:
    writer = gguf.GGUFWriter(path, arch=architecture)
    copy_tokenizer(find_smollm2(), writer)
    numbers = np.random.default_rng(7)
    writer.add_block_count(LAYERS)
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    for name, value in said.items():
        writer.add_float32(f"{architecture}.{name.replace('__', '.')}", value)
    _matrix(writer, numbers, "token_embd.weight", (VOCABULARY, WIDTH), Q4_0)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{norm}.weight", np.ones(WIDTH, np.float32))
        for name, shape in SHAPES.items():
            _matrix(writer, numbers, f"blk.{layer}.{name}.weight", shape, kind)
        if architecture == "qwen2":
            for name in ("attn_q", "attn_k", "attn_v"):
                bias = numbers.standard_normal(SHAPES[name][0], dtype=np.float32)
                writer.add_tensor(f"blk.{layer}.{name}.bias", bias)
    change(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _matrix(
    writer: GGUFWriter, numbers: np.random.Generator, name: str, shape: tuple[int, int], kind: GGMLQuantizationType
) -> None:
    weights = numbers.standard_normal(shape, dtype=np.float32) * np.float32(2 / shape[1] ** 0.5)
    writer.add_tensor(name, quants.quantize(weights, kind), raw_dtype=kind)


def converted_now(source: Path, folders: Path) -> Path:
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return converted(source, digest, folders, lambda part: None)


def add_factors(most: float, strange: bool = False) -> Callable[[GGUFWriter], None]:
    """What Llama 3.1 has for heads of 64 numbers."""

    def add(writer: GGUFWriter) -> None:
        length = 2 * np.pi * 500000.0 ** (np.arange(32) / 32)
        smooth = np.clip((8192 / length - 1) / 3, 0, 1)
        factors = 1 / ((1 - smooth) / most + smooth) + strange
        writer.add_tensor("rope_freqs.weight", factors.astype(np.float32))

    return add
