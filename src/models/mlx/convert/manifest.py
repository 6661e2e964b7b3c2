"""What a converted folder was made of: it is used again only for the same file, and only if it is whole."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ...hub import disk

NAME = "localswarm.json"
# Raised whenever the same file would become another folder.
VERSION = 1
MOST = 2**20


@dataclass(frozen=True, slots=True)
class Manifest:
    source: str
    size: int
    sha256: str
    version: int = VERSION

    def describes(self, folder: Path) -> bool:
        """It is written last, with the sizes of all the others."""
        try:
            said = json.loads(disk.text(folder / NAME, MOST))
            files = said.pop("files").items()
        except (ValueError, AttributeError, TypeError, KeyError):
            return False
        return said == asdict(self) and all(disk.size(folder / name) == size for name, size in files)

    def write(self, folder: Path) -> None:
        files = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
        (folder / NAME).write_text(json.dumps(asdict(self) | {"files": files}, indent=1), encoding="utf-8")
