"""Folders of this machine in which the files of one repository lie together, whole or not."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from . import disk
from .caches import Caches
from .storage import Storage

MAIN = "main"
LONGEST_REF = 64  # characters; a commit has forty


def of_repo(caches: Caches, repo: str, revision: str = MAIN) -> Iterator[Path]:
    for cache in caches.hub:
        for folder in _named(cache, Storage(cache, repo).name):
            yield from _snapshots(folder, revision)
    if revision == MAIN:  # LM Studio keeps no other, and none of several
        for models in caches.lmstudio:
            for owner in _named(models, repo.partition("/")[0]):
                yield from _named(owner, repo.partition("/")[2])


def _snapshots(folder: Path, revision: str) -> list[Path]:
    """The commit that this revision was at when somebody asked; of the main one any, while it is away."""
    meant = disk.text(folder / "refs" / PurePosixPath(revision), LONGEST_REF).strip() or revision
    found = disk.entries(folder / "snapshots")
    return sorted((each for each in found if revision == MAIN or each.name == meant), key=lambda at: at.name != meant)


def _named(folder: Path, name: str) -> list[Path]:
    return [each for each in disk.entries(folder) if each.name.lower() == name.lower() and disk.is_folder(each)]
