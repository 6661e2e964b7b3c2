"""What the converted model says is what llama.cpp says of the file."""

import json
from pathlib import Path

import pytest
from gguf import GGMLQuantizationType

from . import gguf_files
from .gguf_files import add_factors, converted_now

pytest.importorskip("mlx_lm")

from .logits import agreement, divergence, of_llama_cpp, of_mlx

TOKENS = [504, 2365, 6354, 16438, 27003, 690, 260, 23790, 2767, 30, 284, 253, 1848, 105, 106, 2000, 41000, 11, 12, 13]


def test_the_embedded_model_says_the_same(smollm2: Path, smollm2_mlx: Path) -> None:
    ours, theirs = of_mlx(smollm2_mlx, TOKENS), of_llama_cpp(smollm2, TOKENS)
    # llama.cpp rounds what it multiplies weights with to 8 bits; without that it is 0.00003.
    assert divergence(ours, theirs) < 0.015
    assert agreement(ours, theirs) >= 0.8


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
@pytest.mark.parametrize("kind", [GGMLQuantizationType.Q8_0, GGMLQuantizationType.BF16])
def test_other_families_and_types(architecture: str, kind: GGMLQuantizationType, tmp_path: Path) -> None:
    source = gguf_files.make(tmp_path / "model.gguf", architecture, kind)
    assert divergence(of_mlx(converted_now(source, tmp_path), TOKENS), of_llama_cpp(source, TOKENS)) < 1e-3


def test_positions_that_are_stretched(tmp_path: Path) -> None:
    source = gguf_files.make(tmp_path / "model.gguf", rope__freq_base=500000.0, change=add_factors(8.0))
    folder = converted_now(source, tmp_path)
    assert json.loads((folder / "config.json").read_text())["rope_scaling"]["factor"] == 8.0
    assert divergence(of_mlx(folder, TOKENS), of_llama_cpp(source, TOKENS)) < 1e-3
