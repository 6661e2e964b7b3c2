"""What the tests of this folder are run with, once for each engine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from localswarm.engines.base import Engine, EngineOptions

from . import model as models
from .model import Model

ENGINES = ("llama_cpp", "mlx", "mlx_recurrent")


@pytest.fixture(scope="session")
def folder(tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model for MLX."""
    pytest.importorskip("mlx_lm", reason="MLX is not installed")
    return models.as_folder(tiny("llama"), tmp_path_factory.mktemp("mlx"))


@pytest.fixture(scope="session")
def recurrent(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose memory cannot be cut."""
    return models.recurrent("qwen3_5", tmp_path_factory.mktemp("recurrent") / "qwen3_5", folder)


@pytest.fixture(scope="session", params=ENGINES)
def model(request: pytest.FixtureRequest, tiny: Callable[[str], Path]) -> Model:
    if request.param == "mlx_recurrent":
        return models.for_mlx(request.getfixturevalue("recurrent"))
    if request.param == "mlx":
        return models.for_mlx(request.getfixturevalue("folder"))
    return models.for_llama_cpp(tiny("llama"))


@pytest.fixture(scope="module")
def engine(model: Model) -> Iterator[Engine]:
    """With steps below the 64 tokens from which on llama.cpp rounds differently."""
    engine = model.open(EngineOptions(model.path, context=1024, seats=8, pool=4096, step_tokens=48, threads=1))
    yield engine
    engine.close()


@pytest.fixture
def fresh(model: Model) -> Iterator[Engine]:
    """Nothing is cached."""
    engine = model.open(EngineOptions(model.path, context=512, seats=8, pool=2048, step_tokens=48, threads=1))
    yield engine
    engine.close()
