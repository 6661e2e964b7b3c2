"""The list of architectures is that of the installed mlx-lm."""

import importlib.util
import re
from pathlib import Path

import pytest
from localswarm.models.mlx import architectures


def folder() -> Path:
    found = importlib.util.find_spec("mlx_lm")
    if not found or not found.origin:
        pytest.skip("mlx-lm is not installed")
    return Path(found.origin).parent


def test_every_model_of_mlx_lm_is_known_and_no_other() -> None:
    files = folder().joinpath("models").glob("*.py")
    models = {file.stem for file in files if re.search(r"^class ModelArgs\b", file.read_text(encoding="utf-8"), re.M)}
    assert models == architectures.KNOWN


def test_those_with_several_caches_in_one_layer_are_named_and_no_others() -> None:
    files = list(folder().joinpath("models").glob("*.py"))
    source = {file.stem: file.read_text(encoding="utf-8") for file in files if file.stem != "cache"}
    own = {name for name, text in source.items() if "CacheList(" in text}
    heirs = {
        name for name, text in source.items() if re.search(rf"^from \.({'|'.join(own)}) import Model\b", text, re.M)
    }
    assert own | heirs == architectures.LISTED


def test_every_other_name_too() -> None:
    source = folder().joinpath("utils.py").read_text(encoding="utf-8")
    table = source.partition("MODEL_REMAPPING = {")[2].partition("}")[0]
    assert set(re.findall(r'"([^"]+)":', table)) == architectures.ALIASES
