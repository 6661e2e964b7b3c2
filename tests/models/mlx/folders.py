"""Small folders for MLX, to be spoilt."""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from localswarm.models.mlx import safetensors
from localswarm.models.mlx.safetensors import Entry

CONFIG = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "max_position_embeddings": 4096,
    "quantization": {"group_size": 32, "bits": 4},
}
WEIGHTS = (
    Entry("model.embed_tokens.weight", "U32", (100, 8)),
    Entry("model.embed_tokens.scales", "F16", (100, 2)),
    Entry("model.embed_tokens.biases", "F16", (100, 2)),
    Entry("model.norm.weight", "F16", (64,)),
)
MORE = (Entry("lm_head.weight", "BF16", (100, 64)),)
SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


def make(path: Path, config: Mapping[str, Any] = {}, weights: Iterable[Entry] = WEIGHTS) -> Path:
    """One file of weights."""
    path.mkdir()
    _texts(path, CONFIG | dict(config))
    write(path / "model.safetensors", weights)
    return path


def make_sharded(path: Path, index: bool) -> Path:
    path.mkdir()
    _texts(path, CONFIG)
    for name, entries in zip(SHARDS, (WEIGHTS, MORE), strict=True):
        write(path / name, entries)
    if index:
        named = {entry.name: name for name, entries in zip(SHARDS, (WEIGHTS, MORE), strict=True) for entry in entries}
        (path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": named}))
    return path


def write(path: Path, entries: Iterable[Entry]) -> None:
    listed = list(entries)
    safetensors.write(path, listed, (bytes(entry.bytes) for entry in listed))


def copy(source: Path, path: Path) -> Path:
    return Path(shutil.copytree(source, path))


def _texts(path: Path, config: Mapping[str, Any]) -> None:
    (path / "config.json").write_text(json.dumps(config))
    (path / "tokenizer.json").write_text(json.dumps({"model": {"type": "BPE", "vocab": {}}}))
