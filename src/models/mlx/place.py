"""Where a folder for MLX lies: on this machine, or in a repository whose files are read by range."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from ..card import ModelFile
from ..hub.hub import Hub
from ..hub.remote_file import open_remote


class Place(Protocol):
    @property
    def name(self) -> str:
        """As sentences call it."""
        ...

    @property
    def mend(self) -> str:
        """What to do about a folder that is damaged."""
        ...

    def files(self) -> list[str]: ...

    def size(self, file: str) -> int: ...

    def open(self, file: str) -> AbstractContextManager[BinaryIO]: ...


@dataclass(frozen=True, slots=True)
class Local:
    path: Path
    mend: str = "Download it again."

    @property
    def name(self) -> str:
        return str(self.path)

    def files(self) -> list[str]:
        return sorted(entry.name for entry in self.path.iterdir() if entry.is_file())

    def size(self, file: str) -> int:
        return self.path.joinpath(file).stat().st_size

    def open(self, file: str) -> AbstractContextManager[BinaryIO]:
        return self.path.joinpath(file).open("rb")


@dataclass(frozen=True, slots=True)
class Remote:
    hub: Hub
    repo: str
    listed: Sequence[ModelFile]
    revision: str = "main"
    mend: str = "Take another model."

    @property
    def name(self) -> str:
        return self.repo

    def files(self) -> list[str]:
        return [file.name for file in self.listed]

    def size(self, file: str) -> int:
        return next(one.bytes for one in self.listed if one.name == file)

    def open(self, file: str) -> AbstractContextManager[BinaryIO]:
        return open_remote(self.hub, self.repo, file, self.revision)
