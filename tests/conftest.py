"""Parts that many tests share: the real model, tiny models, a running node."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from localswarm.models import embedded

from .running import RunningNode
from .tiny_models import make

if TYPE_CHECKING:
    from .lan.netlab import Host

# Nodes of tests are nobody's neighbours, but where a test says so.
os.environ["LOCALSWARM_FEDERATION"] = "false"
# Several run beside each other. Engines that each take all cores would do little but wait for their own threads; those
# of tests/engines/contract/test_process.py take them all.
os.environ["LOCALSWARM_THREADS"] = "1"


def pytest_configure(config: pytest.Config) -> None:
    """Where no bytecode is written beside the sources, each of the hundreds of programs that the tests start would
    compile all that it imports: seconds of it for a node."""
    if sys.dont_write_bytecode and hasattr(config, "cache"):
        folder = config.cache.mkdir("bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(folder)
        sys.dont_write_bytecode = False


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
def island() -> Iterator["Host"]:
    """A machine whose network is itself alone: what looks for other machines does so in here, see `Host.call`. It needs
    Linux and root; without them its tests are left out, but not in CI."""
    if sys.platform != "linux":
        pytest.skip("an island needs Linux")
    from .lan.netlab import Host, unavailable

    if why := unavailable():
        (pytest.fail if "CI" in os.environ else pytest.skip)(why)
    host = Host("island", 1, {})
    try:
        host.plug_in(mtu=1500, default_route=False)
        yield host
    finally:
        host.end_processes()
        host.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A whole node with the embedded model, shared by the tests of one file."""
    with RunningNode(tmp_path_factory.mktemp("node")) as running:
        yield running
