"""A folder for MLX is whole, or the error says in one sentence what is wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from localswarm.errors import ModelUnusable
from localswarm.models.mlx import folder
from localswarm.models.mlx.safetensors import Entry

from . import folders
from .folders import SHARDS, WEIGHTS


def test_what_it_weighs(tmp_path: Path) -> None:
    weights = folder.body(folders.make(tmp_path / "model"), "tiny").weights
    table = 100 * (8 * 4 + 2 * 2 * 2)
    assert (weights.input, weights.output, weights.total, weights.active) == (table, table, table + 128, table + 128)
    assert weights.shared


@pytest.mark.parametrize("index", [True, False])
def test_several_files_count_together(index: bool, tmp_path: Path) -> None:
    weights = folder.body(folders.make_sharded(tmp_path / "model", index), "tiny").weights
    assert weights.output == 100 * 64 * 2 and not weights.shared
    assert weights.active == weights.total - weights.input


def test_idle_experts_are_not_read(tmp_path: Path) -> None:
    experts = Entry("model.layers.0.mlp.switch_mlp.up_proj.weight", "BF16", (8, 64, 64))
    path = folders.make(tmp_path / "model", {"num_experts": 8, "num_experts_per_tok": 2}, (*WEIGHTS, experts))
    weights = folder.body(path, "tiny").weights
    assert weights.total - weights.active == experts.bytes * 6 // 8


@pytest.mark.parametrize("index", [True, False])
def test_a_missing_shard_is_named(index: bool, tmp_path: Path) -> None:
    path = folders.make_sharded(tmp_path / "model", index)
    (path / SHARDS[0]).unlink()
    with pytest.raises(ModelUnusable, match=SHARDS[0]):
        folder.body(path, "tiny")


def no(name: str) -> Callable[[Path], None]:
    return lambda path: (path / name).unlink()


def text(name: str, content: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        (path / name).write_text(content)

    return spoil


def said(**changes: Any) -> Callable[[Path], None]:
    return text("config.json", json.dumps(folders.CONFIG | changes))


def cut(size: int) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        file = path / "model.safetensors"
        file.write_bytes(file.read_bytes()[:size])

    return spoil


def weights(*entries: Entry) -> Callable[[Path], None]:
    return lambda path: folders.write(path / "model.safetensors", entries)


def deep_header(path: Path) -> None:
    (path / "model.safetensors").write_bytes((100_000).to_bytes(8, "little") + b"[" * 100_000)


SPOILT: dict[str, tuple[Callable[[Path], None], str]] = {
    "no config": (no("config.json"), "There is no config.json"),
    "a config of text": (text("config.json", "hello"), "config.json is not JSON"),
    "a config that is a list": (text("config.json", "[]"), "not an object"),
    "a deep config": (text("config.json", '{"a":' + "[" * 100_000), "config.json is not JSON"),
    "no weights": (no("model.safetensors"), "the weights are missing"),
    "no tokenizer": (no("tokenizer.json"), "There is no tokenizer.json"),
    "a tokenizer of another kind": (text("tokenizer.json", "{}"), "describes no tokenizer"),
    "empty weights": (cut(0), "not a safetensors file"),
    "half a header": (cut(100), "cut off in the middle of its header"),
    "a deep header": (deep_header, "has a damaged header"),
    "half the weights": (cut(1500), "is cut off"),
    "one byte less": (cut(-1), "model.norm.weight ends beyond it"),
    "weights that are text": (text("model.safetensors", "<html>404</html>" * 9), "not a safetensors file"),
    "an index of nothing": (text("model.safetensors.index.json", "{}"), "names no files"),
    "an index of elsewhere": (
        text("model.safetensors.index.json", '{"weight_map": {"a": "../../model.safetensors"}}'),
        "names no files",
    ),
    "another architecture": (said(model_type="lama"), "'lama', which MLX cannot load. Nearest that it can: llama"),
    "marks that a terminal obeys": (said(model_type="\x1b[31m" * 99), r"architecture '\\x1b\[31m.{,60}, which MLX"),
    "no architecture": (said(model_type=""), "Nearest that it can: llama, qwen2, qwen3"),
    "code of its own": (said(model_file="model.py"), "wants to run code of its own"),
    "negative layers": (said(num_hidden_layers=-3), "num_hidden_layers = -3, which no model has"),
    "endless layers": (said(num_hidden_layers=10**8), "num_hidden_layers = 100000000, which no model has"),
    "a huge width": (said(hidden_size=10**30), "which no model has"),
    "a width of text": (said(hidden_size="wide"), "hidden_size = 'wide'"),
    "no vocabulary": (said(vocab_size=0), "does not say vocab_size"),
    "strange bits": (said(quantization={"bits": 7, "group_size": 32}), "bits of its quantization = 7"),
    "a strange group": (said(quantization={"bits": 4, "group_size": -1}), "group_size of its quantization = -1"),
    "no quantisation said": (said(quantization=None), "does not say how its weights are quantised"),
    "no weights inside": (weights(), "There are no weights"),
    "the wrong type": (weights(Entry("a.weight", "I64", (4, 4))), "a.weight in .* is kept as I64"),
    "eight-bit floats": (weights(Entry("a.weight", "F8_E4M3", (4, 4))), "kept as F8_E4M3, which MLX cannot compute"),
    "codes without scales": (weights(Entry("a.weight", "U32", (4, 4))), "a.weight in .* is kept as U32"),
    "scales of the wrong type": (
        weights(Entry("a.weight", "U32", (4, 4)), Entry("a.scales", "I32", (4, 1))),
        "a.scales in .* is kept as I32",
    ),
    "scales of another shape": (
        weights(Entry("a.weight", "U32", (4, 4)), Entry("a.scales", "F16", (4, 3))),
        "does not have the shape of its scales",
    ),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_folder(kind: str, tmp_path: Path) -> None:
    spoil, words = SPOILT[kind]
    path = folders.make(tmp_path / "model")
    spoil(path)
    with pytest.raises(ModelUnusable, match=words):
        folder.body(path, "tiny")


@given(place=st.integers(0, 700), value=st.integers(0, 255), end=st.integers(0, 700))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_header_never_does_more_than_raise(place: int, value: int, end: int, tmp_path: Path) -> None:
    path = tmp_path / "model"
    if not path.exists():
        folders.make(path)
        (path / "whole").write_bytes((path / "model.safetensors").read_bytes())
    data = bytearray((path / "whole").read_bytes())
    data[place] = value
    (path / "model.safetensors").write_bytes(data[:end])
    with pytest.raises(ModelUnusable):
        folder.body(path, "tiny")
