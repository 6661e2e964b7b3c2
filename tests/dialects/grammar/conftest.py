"""The real vocabulary, loaded once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .vocabulary import Vocabulary


@pytest.fixture(scope="session")
def vocabulary(smollm2: Path) -> Iterator[Vocabulary]:
    loaded = Vocabulary(smollm2)
    yield loaded
    loaded.close()
