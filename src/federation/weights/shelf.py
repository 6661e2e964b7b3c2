"""What this node may lend: files whose digest was verified, found by that digest and by nothing else."""

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...state.models import Models

SHA256 = re.compile(r"[0-9a-f]{64}")
GIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Item:
    """A file, as it was when its digest was taken."""

    path: Path
    size: int
    mtime_ns: int


class Changed(Exception):
    """It is not the file any more whose digest was taken."""


@dataclass(frozen=True, slots=True)
class Shelf:
    models: Models
    small: Callable[[str], Path | None] = lambda name: None  # a verified file by git's name for it

    def find(self, digest: str) -> Item | None:
        if SHA256.fullmatch(digest):
            return next((item for item in self._verified(digest) if is_same(item)), None)
        path = self.small(digest) if GIT.fullmatch(digest) else None
        return _item(path) if path else None

    def _verified(self, sha256: str) -> list[Item]:
        return [Item(known.path, known.size, known.mtime_ns) for known in self.models.all() if known.sha256 == sha256]


def opened(item: Item) -> BinaryIO:
    """Changed where it is another by now, or gone."""
    if not is_same(item):  # a pipe would be waited for
        raise Changed
    try:
        file = item.path.open("rb", buffering=0)
    except OSError:
        raise Changed from None
    if not _matches(item, os.fstat(file.fileno())):
        file.close()
        raise Changed
    return file


def piece(file: BinaryIO, item: Item, begin: int, count: int) -> bytes:
    """So many bytes; Changed where the file was written to since it was opened. One that was deleted stays whole."""
    try:
        file.seek(begin)
        data = file.read(count)
        same = _matches(item, os.fstat(file.fileno()))
    except OSError:
        raise Changed from None
    if len(data) < count or not same:
        raise Changed
    return data


def is_same(item: Item) -> bool:
    try:
        return _matches(item, item.path.stat())
    except OSError:
        return False


def _matches(item: Item, status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and (status.st_size, status.st_mtime_ns) == (item.size, item.mtime_ns)


def _item(path: Path) -> Item | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return Item(path, status.st_size, status.st_mtime_ns)
