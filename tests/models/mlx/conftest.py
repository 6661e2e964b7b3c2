"""The embedded model as a folder for MLX, converted once."""

from pathlib import Path

import pytest
from localswarm.models import embedded
from localswarm.models.mlx.convert.conversion import converted


@pytest.fixture(scope="session")
def smollm2_mlx(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(smollm2, embedded.SHA256, tmp_path_factory.mktemp("mlx"), lambda part: None)
