"""Parts that many tests share: the real model, tiny models, a running node."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from localswarm.models import embedded

from .running import RunningNode
from .tiny_models import make

# Nodes of tests are nobody's neighbours, but where a test says so.
os.environ["LOCALSWARM_FEDERATION"] = "false"


@pytest.fixture(scope="session")
def smollm2() -> Path:
    return embedded.find()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Tiny models by kind, each made once."""
    folder = tmp_path_factory.mktemp("tiny-models")

    def path(kind: str) -> Path:
        file = folder / f"{kind}.gguf"
        return file if file.exists() else make(kind, file)

    return path


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A whole node with the embedded model, shared by the tests of one file."""
    with RunningNode(tmp_path_factory.mktemp("node")) as running:
        yield running
