"""The folder of all heads, of every model and way of loading it.

Several nodes may work in it at once: each removes what it must, and takes what it misses as read anew.
"""

import contextlib
import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from .head_file import ENDING, HALF, Head, read

ABOUT = "about.json"
FOLDER = re.compile("[0-9a-f]{16}")
# Of all heads together.
MOST_BYTES = 4 * 2**30
DISK_SHARE = 0.05  # of what is free, or would be without them
MOST_FILES = 256
# Another node, of another version, may be at work; nothing is written for so long.
UNUSED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One model file, loaded in one way: a state fits no other."""

    path: str
    size: int
    changed: int  # nanoseconds
    loaded: str
    engine: str

    @property
    def folder(self) -> str:
        # The same file in another place has the same states.
        about = f"{Path(self.path).name} {self.size} {self.changed} {self.loaded} {self.engine}"
        return hashlib.sha256(about.encode("utf-8", "backslashreplace")).hexdigest()[:16]

    @property
    def there(self) -> bool:
        """Is the model's file still what it was?"""
        try:
            found = Path(self.path).stat()
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (self.size, self.changed)


class Store:
    def __init__(self, root: Path, kind: Kind, room: int | None = None) -> None:
        """`room`: bytes of all files together."""
        self._root = root
        self._kind = kind
        self.folder = root / kind.folder
        self._clean()
        self.room = min(MOST_BYTES, int(DISK_SHARE * (_free(root) + self._used()))) if room is None else room

    def heads(self) -> list[Head]:
        found = []
        for path in sorted(self.folder.glob(f"*{ENDING}")):
            if head := read(path):
                found.append(head)
            else:
                path.unlink(missing_ok=True)
        return found

    def prepare(self, size: int) -> None:
        """Make the folder, and room for a file of this size: what was used longest ago goes, whoever wrote it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = self.folder / ABOUT
        if not about.exists():
            about.write_text(json.dumps(asdict(self._kind)))
        files = sorted(_used(self._root.glob(f"*/*{ENDING}")))
        total = size + sum(each for _, each, _ in files)
        while files and (len(files) >= MOST_FILES or total > self.room):
            _, freed, path = files.pop(0)
            path.unlink(missing_ok=True)
            total -= freed

    def _used(self) -> int:
        return sum(size for _, size, _ in _used(self._root.glob(f"*/*{ENDING}")))

    def _clean(self) -> None:
        """Remove what nobody can use any more."""
        for folder in _folders(self._root):
            kind = _about(folder)
            ours = kind is not None and kind.engine == self._kind.engine
            if (kind and not kind.there and folder != self.folder) or (not ours and _idle(folder)):
                shutil.rmtree(folder, ignore_errors=True)
        for half in self._root.glob(f"*/*{HALF}"):
            if _idle(half):
                with contextlib.suppress(OSError):
                    half.unlink()


def _folders(root: Path) -> list[Path]:
    try:
        return [each for each in root.iterdir() if FOLDER.fullmatch(each.name) and each.is_dir()]
    except OSError:
        return []


def _about(folder: Path) -> Kind | None:
    try:
        return Kind(**json.loads((folder / ABOUT).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _idle(path: Path) -> bool:
    """A folder, or a file: nothing of it was used lately."""
    newest = max((used for used, _, _ in _used([path, *path.glob("*")])), default=0)
    return time.time() - newest / 1e9 > UNUSED_SECONDS


def _used(paths: Iterator[Path] | list[Path]) -> Iterator[tuple[int, int, Path]]:
    """When each was last used, in nanoseconds, and its size."""
    for path in paths:
        with contextlib.suppress(OSError):
            found = path.stat()
            yield found.st_mtime_ns, found.st_size, path


def _free(folder: Path) -> int:
    there = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    return shutil.disk_usage(there).free
