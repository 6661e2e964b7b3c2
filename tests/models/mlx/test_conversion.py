"""A GGUF file becomes a folder once, whole or not at all; what cannot be converted is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gguf import GGMLQuantizationType, GGUFWriter
from localswarm.errors import ModelUnusable
from localswarm.models import embedded, parts
from localswarm.models.mlx.convert.conversion import converted
from localswarm.models.mlx.convert.manifest import NAME

from . import gguf_files
from .gguf_files import add_factors, converted_now


def test_it_is_as_exact_and_as_large_as_before(smollm2: Path, smollm2_mlx: Path) -> None:
    config = json.loads((smollm2_mlx / "config.json").read_text())
    assert config["quantization"]["bits"] == 4
    assert config["quantization"]["model.embed_tokens"] == {"group_size": 32, "bits": 8}
    size = sum(file.stat().st_size for file in smollm2_mlx.iterdir())
    assert size == pytest.approx(smollm2.stat().st_size, rel=0.05)


def test_its_shape_is_read_as_that_of_the_source(smollm2: Path, smollm2_mlx: Path) -> None:
    ours, theirs = parts.body_of_file(smollm2_mlx, "smollm2"), parts.body_of_file(smollm2, "smollm2")
    assert ours.geometry == theirs.geometry
    assert ours.weights.total == pytest.approx(theirs.weights.total, rel=0.03)
    assert ours.weights.shared


def test_a_finished_folder_is_used_again(smollm2: Path, smollm2_mlx: Path) -> None:
    parts_done: list[float] = []
    assert converted(smollm2, embedded.SHA256, smollm2_mlx.parent, parts_done.append) == smollm2_mlx
    assert parts_done == []


@pytest.mark.parametrize("damage", ["no manifest", "a file too short", "another version"])
def test_a_folder_that_is_not_whole_is_made_again(damage: str, tmp_path: Path) -> None:
    source = gguf_files.make(tmp_path / "model.gguf")
    folder = converted_now(source, tmp_path)
    whole = (folder / "model.safetensors").read_bytes()
    if damage == "no manifest":
        (folder / NAME).unlink()
    elif damage == "a file too short":
        (folder / "model.safetensors").write_bytes(whole[:-1])
    else:
        (folder / NAME).write_text((folder / NAME).read_text().replace('"version": 1', '"version": 0'))
    assert converted_now(source, tmp_path) == folder
    assert (folder / "model.safetensors").read_bytes() == whole


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    seen: list[float] = []
    converted(gguf_files.make(tmp_path / "model.gguf"), "0" * 64, tmp_path, seen.append)
    assert seen == sorted(seen) and seen[-1] == 1.0


def rename(old: str, new: str) -> Callable[[GGUFWriter], None]:
    def change(writer: GGUFWriter) -> None:
        for tensors in writer.tensors:
            if old in tensors:
                tensors[new] = tensors.pop(old)

    return change


def say(name: str, value: Any) -> Callable[[GGUFWriter], None]:
    def change(writer: GGUFWriter) -> None:
        writer.kv_data[0][name].value = value

    return change


CANNOT: dict[str, tuple[dict[str, Any], str]] = {
    "another architecture": ({"architecture": "gemma3"}, "its architecture is gemma3, and what can be is llama and"),
    "experts": ({"change": lambda writer: writer.add_expert_count(8)}, "llama with experts"),
    "another tokenizer": ({"change": say("tokenizer.ggml.model", "llama")}, "of the kind 'llama'"),
    "unknown rules": ({"change": say("tokenizer.ggml.pre", "tekken")}, "'tekken', and known are gpt-2, smollm"),
    "an unknown tensor": ({"change": rename("blk.0.attn_q.weight", "blk.0.attn_qkv.weight")}, "blk.0.attn_qkv.weight"),
    "other positions": ({"rope__freq_base": 5e5, "change": add_factors(8.0, strange=True)}, "not those of Llama 3"),
    "no layers": ({"change": say("llama.block_count", 0)}, "does not say num_hidden_layers"),
    "a part of each head": ({"change": lambda writer: writer.add_rope_dimension_count(32)}, "only a part of each head"),
    "another quantisation": ({"kind": GGMLQuantizationType.TQ2_0}, "Take the model in Q4_K_M"),
}


@pytest.mark.parametrize("case", CANNOT)
def test_what_cannot_be_converted(case: str, tmp_path: Path) -> None:
    made, words = CANNOT[case]
    source = gguf_files.make(tmp_path / "model.gguf", **made)
    with pytest.raises(ModelUnusable, match=r"model\.gguf cannot be converted for MLX") as refused:
        converted_now(source, tmp_path / "mlx")
    assert words in refused.value.message
    assert not [path for path in (tmp_path / "mlx").iterdir() if path.is_dir()]


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    source = gguf_files.make(tmp_path / "model.gguf")
    with pytest.raises(ModelUnusable, match="GiB are free there"):
        converted(source, "0" * 64, tmp_path, lambda part: None, reserve=shutil.disk_usage(tmp_path).total)


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    source = gguf_files.make(tmp_path / "model.gguf")
    (tmp_path / "mlx").write_text("")
    with pytest.raises(ModelUnusable, match=r"model\.gguf could not be converted for MLX into"):
        converted_now(source, tmp_path / "mlx")
