"""In which form a model is served: as the GGUF file that it came as, or as a folder for MLX made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelUnusable
from ..settings import Engine
from .formats import NO_MLX
from .hub.digests import Digests
from .hub.progress import Progress
from .mlx import folder
from .mlx.convert.conversion import converted

INSTEAD = "Give --model a GGUF file instead."


@dataclass(frozen=True, slots=True)
class Forms:
    engine: Engine
    mlx: bool  # it is installed
    folders: Path  # where what is converted is kept
    digests: Digests
    progress: Callable[[Progress], None] = lambda _: None
    say: Callable[[str], None] = lambda _: None

    def of(self, path: Path) -> Path:
        """What the engine opens for this model."""
        if folder.is_folder(path):
            return self._folder(path)
        return self._converted(path) if self.engine == "mlx" else path

    def _folder(self, path: Path) -> Path:
        if self.engine == "llamacpp":
            raise ModelUnusable(f"{path} is a folder for MLX, which --engine llamacpp cannot load. {INSTEAD}")
        if not self.mlx:
            raise ModelUnusable(f"{path} is a folder for MLX, and {NO_MLX} {INSTEAD}")
        return path

    def _converted(self, path: Path) -> Path:
        if not self.mlx:
            raise ModelUnusable(f"--engine mlx: {NO_MLX}")
        sha256 = self.digests.of(path)
        if sha256 is None:
            raise ModelUnusable(f"{path} cannot be read.")
        size = path.stat().st_size
        return converted(
            path,
            sha256,
            self.folders,
            lambda part: self.progress(Progress(path.name, round(part * size), size, 0.0, "convert")),
            lambda: self.say(f"Another process is converting {path.name} for MLX ..."),
        )
