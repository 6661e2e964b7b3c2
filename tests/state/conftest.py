"""A state in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from localswarm.state import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path / "state") as opened:
        yield opened
