"""One node for all commands that talk to one."""

from collections.abc import Iterator

import pytest

from ..running import RunningNode


@pytest.fixture(scope="package")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with RunningNode(tmp_path_factory.mktemp("node")) as running:
        yield running
