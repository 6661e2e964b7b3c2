"""Without MLX nothing here is collected."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from ..contract.model import as_folder, recurrent

if importlib.util.find_spec("mlx_lm") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def folder(tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model for MLX."""
    return as_folder(tiny("llama"), tmp_path_factory.mktemp("mlx"))


@pytest.fixture(scope="session")
def folder_of(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Tiny models for MLX by kind, each made once."""
    made = tmp_path_factory.mktemp("kinds")

    def path(kind: str) -> Path:
        if kind == "llama":
            return folder
        there = made / kind
        return there if there.exists() else recurrent(kind, there, folder)

    return path
