"""The hub's own cache on this machine, whose layout is published and shared by many tools: what we download they
find, and the other way round.

    models--owner--name/blobs/<etag>                   the bytes, named by SHA-256 (large files) or git's SHA-1
    models--owner--name/snapshots/<commit>/<file>      a relative link to them
    models--owner--name/refs/<revision>                the commit of a branch or tag
    .locks/models--owner--name/<etag>.lock             held by whoever downloads
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ..card import ModelFile
from . import disk


class Storage:
    def __init__(self, cache: Path, repo: str) -> None:
        self.name = "models--" + repo.replace("/", "--")
        self.cache = cache
        self.folder = cache / self.name

    def blob(self, etag: str) -> Path:
        return self.folder / "blobs" / etag

    def partial(self, etag: str) -> Path:
        """Ours alone: parts that other tools leave may have holes, since they write in several places at once."""
        return self.folder / "blobs" / f"{etag}.localswarm.incomplete"

    def lock(self, etag: str) -> Path:
        return self.cache / ".locks" / self.name / f"{etag}.lock"

    def pointer(self, commit: str, file: str) -> Path:
        return self.folder / "snapshots" / commit / Path(*PurePosixPath(file).parts)

    def prepare(self) -> None:
        (self.folder / "blobs").mkdir(parents=True, exist_ok=True)

    def find(self, files: Sequence[ModelFile]) -> list[Path] | None:
        """All of them at one commit, by name and size and, as far as the cache itself tells, SHA-256."""
        for snapshot in disk.entries(self.folder / "snapshots"):
            paths = [snapshot / Path(*PurePosixPath(file.name).parts) for file in files]
            if all(_may_be(path, file) for path, file in zip(paths, files, strict=True)):
                return paths
        return None

    def has(self, etag: str, size: int, commit: str, file: str) -> bool:
        """Under the one name or, where there are no links, the other."""
        return size in (disk.size(self.blob(etag)), disk.size(self.pointer(commit, file)))

    def place(self, etag: str, commit: str, file: str, revision: str) -> Path:
        """The name under which everybody finds the blob."""
        pointer = self.pointer(commit, file)
        if disk.size(pointer) is None:
            pointer.parent.mkdir(parents=True, exist_ok=True)
            _link(self.blob(etag), pointer)
        if revision != commit:
            self._refer(revision, commit)
        return pointer

    def _refer(self, revision: str, commit: str) -> None:
        ref = self.folder / "refs" / Path(*PurePosixPath(revision).parts)
        ref.parent.mkdir(parents=True, exist_ok=True)
        draft = ref.with_name(f"{ref.name}.{os.getpid()}")
        draft.write_text(commit, encoding="ascii")
        draft.replace(ref)


def _may_be(path: Path, file: ModelFile) -> bool:
    if disk.size(path) != file.bytes:
        return False
    claimed = claims(path)
    return None in (claimed, file.sha256) or claimed == file.sha256


def claims(path: Path) -> str | None:
    """The SHA-256 that the name of a file promises: `blobs/<sha256>`, Ollama's `sha256-<sha256>`."""
    try:
        name = path.resolve(strict=True).name.removeprefix("sha256-")
    except OSError:
        return None
    return name if re.fullmatch(r"[0-9a-f]{64}", name) else None


def _link(blob: Path, pointer: Path) -> None:
    """Atomic, and in the place of a dangling link too."""
    draft = pointer.with_name(f"{pointer.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        draft.symlink_to(os.path.relpath(blob, pointer.parent))
    except OSError:
        # Windows without developer mode, or a file system without links: the layout allows the file itself here.
        blob.rename(draft)
    draft.replace(pointer)
