"""Small files of models in the hub's cache, by the name that git has for their bytes: those have no SHA-256 there."""

import re
from collections.abc import Sequence
from pathlib import Path

from . import disk, verify

NAME = re.compile(r"[0-9a-f]{40}")
LARGEST = 64 * 2**20  # bytes; hubs keep anything above 10 MiB by its SHA-256


def find(caches: Sequence[Path], name: str) -> Path | None:
    """One whose bytes are what its name promises."""
    if not NAME.fullmatch(name):
        return None
    blobs = (repo / "blobs" / name for cache in caches for repo in disk.entries(cache) if _is_model(repo))
    return next((blob for blob in blobs if _is_good(blob, name)), None)


def _is_model(repo: Path) -> bool:
    return repo.name.startswith("models--")


def _is_good(blob: Path, name: str) -> bool:
    try:
        return 0 < (disk.size(blob) or 0) <= LARGEST and verify.is_whole(blob, name)
    except OSError:
        return False
