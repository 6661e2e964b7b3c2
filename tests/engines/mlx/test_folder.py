"""Folders in which something is missing or wrong: each says what."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from localswarm.engines.base import EngineOptions
from localswarm.engines.mlx.engine import MlxEngine
from localswarm.errors import ModelUnusable

WEIGHTS = "model.safetensors"


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "model"))


def why(path: Path, **options: Any) -> str:
    with pytest.raises(ModelUnusable) as refused:
        MlxEngine(EngineOptions(path, **options), lambda _: None)
    return refused.value.message


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def indexed(copy: Path) -> None:
    (copy / WEIGHTS).rename(copy / "model-00001-of-00002.safetensors")
    weight_map = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (copy / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))


def cut(copy: Path) -> None:
    data = (copy / WEIGHTS).read_bytes()
    (copy / WEIGHTS).write_bytes(data[: len(data) // 2])


def without_a_tensor(copy: Path) -> None:
    arrays = mx.load(str(copy / WEIGHTS))
    assert isinstance(arrays, dict)
    del arrays["model.norm.weight"]
    mx.eval(arrays)
    mx.save_safetensors(str(copy / WEIGHTS), arrays)


DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (lambda copy: (copy / "config.json").unlink(), "no config.json"),
    (lambda copy: (copy / "config.json").write_text("{"), "no config.json"),
    (lambda copy: (copy / "tokenizer.json").unlink(), "no tokenizer.json"),
    (lambda copy: (copy / "tokenizer.json").write_text("{}"), "tokenizer.json cannot be read"),
    (lambda copy: (copy / "config.json").write_text("[" * 100_000), "no config.json"),
    (lambda copy: (copy / WEIGHTS).unlink(), "no weights"),
    (lambda copy: (copy / WEIGHTS).write_bytes(b""), "header cannot be read"),
    (lambda copy: (copy / WEIGHTS).write_bytes(b"\xff" * 99), "cut short|header cannot be read"),
    (indexed, "lacks model-00002-of-00002.safetensors"),
    (cut, "cut short"),
    (without_a_tensor, "not those that llama wants"),
    (lambda copy: change(copy / "config.json", hidden_size=96), "not those that llama wants"),
    (lambda copy: change(copy / "config.json", model_type="lama5"), "lama5, which this mlx-lm cannot load.*nearest"),
    (lambda copy: change(copy / "config.json", model_type=""), "architecture"),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES)
def test_a_damaged_folder_says_what_is_wrong(damage: Callable[[Path], object], said: str, copy: Path) -> None:
    damage(copy)
    assert re.search(said, why(copy))


def test_quantised_keys_and_values_are_refused_by_name(folder: Path) -> None:
    assert "--kv q8_0" in why(folder, kv="q8_0")


def test_a_template_may_lie_in_a_file_of_its_own(copy: Path) -> None:
    (copy / "chat_template.jinja").write_text("hello")
    engine = MlxEngine(EngineOptions(copy, context=512), lambda _: None)
    assert engine.card.template == "hello"


def test_loading_tells_how_far_it_is(folder: Path) -> None:
    told: list[float] = []
    MlxEngine(EngineOptions(folder, context=512), told.append)
    assert told == sorted(told) and told[-1] == 1.0
