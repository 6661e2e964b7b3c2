"""Downloads files of a repository into the hub's own cache: resumed at the byte, verified, placed atomically.

huggingface_hub's own download throws away what an interrupted one had (since 1.18, for file systems whose locks do
not work), so only its knowledge of hubs is used, and the bytes are fetched here.
"""

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from ...hardware.machine import gib
from ..card import ModelFile
from . import disk, lock, verify
from .hub import Hub, Remote
from .neighbours import Alone, Copy, Neighbours
from .patience import Patience
from .places import Places
from .progress import Meter, Watch
from .refusals import Damaged, DownloadFailed, HubBusy, HubUnreachable, NoRoom
from .storage import Storage
from .taking import Taking

RESERVE = 2**30  # bytes that stay free: a full disk breaks far more than a download
FULL = (errno.ENOSPC, errno.EDQUOT)
# With a hub that is away, where neighbours have everything.
HASTY = Patience(attempts=1, silence=5.0)


@dataclass(frozen=True, slots=True)
class Downloader:
    hub: Hub
    watch: Watch = field(default_factory=Watch)
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    reserve: int = RESERVE
    neighbours: Neighbours = field(default_factory=Alone)
    verified: Callable[[Path, str], None] = lambda path, sha256: None

    def fetch(self, repo: str, files: Sequence[ModelFile], revision: str = "main") -> list[Path]:
        """Where the files are, after whatever is missing has been downloaded: all at one commit, in one folder."""
        storage = Storage(self.hub.settings.cache, repo)
        cached = storage.find(files)
        if cached and (self.hub.settings.offline or all(file.sha256 for file in files)):
            return cached
        remotes = self._remotes(repo, files, revision, cached is not None)
        if cached and not remotes:
            return cached
        self._check_room(storage, remotes)
        meter = Meter(self.watch, sum(remote.bytes for remote in remotes))
        befores = accumulate((remote.bytes for remote in remotes), initial=0)
        return [self._one(storage, remote, meter, before) for remote, before in zip(remotes, befores, strict=False)]

    def _remotes(self, repo: str, files: Sequence[ModelFile], revision: str, cached: bool) -> list[Remote]:
        """As the hub has them. While it is away those that the neighbours have; none where there are cached ones."""
        lent = self._lent(repo, files)
        try:
            return self._resolve(Hub(self.hub.settings, HASTY) if lent else self.hub, repo, files, revision)
        except (HubUnreachable, HubBusy):
            if lent or cached:
                return lent
            raise

    def _lent(self, repo: str, files: Sequence[ModelFile]) -> list[Remote]:
        """Those files, if neighbours have all of them."""
        remotes = self.hub.expected(repo, files)
        return remotes if all(self.neighbours.copies(each.etag, each.bytes) for each in remotes) else []

    def _resolve(self, hub: Hub, repo: str, files: Sequence[ModelFile], revision: str) -> list[Remote]:
        remotes: list[Remote] = []
        for file in files:
            # A branch may move on between two questions; the first answer binds the others.
            remote = hub.resolve(repo, file.name, remotes[0].commit if remotes else revision)
            _check_same(remote, file)
            remotes.append(remote)
        return remotes

    def _check_room(self, storage: Storage, remotes: Sequence[Remote]) -> None:
        need = sum(_missing(storage, remote) for remote in remotes)
        if not need:
            return
        free = self.free(disk.nearest(storage.folder))
        if free < need + self.reserve:
            raise NoRoom(
                f"{_names(remotes)} needs {gib(need)} more, and the disk of {storage.cache} has {gib(free)} free, of "
                f"which {gib(self.reserve)} stay free: make room, for instance with `hf cache rm`, or take a smaller "
                "model."
            )

    def _one(self, storage: Storage, remote: Remote, meter: Meter, before: int) -> Path:
        def waiting() -> None:
            self.watch.notice(f"Another process is downloading {remote.asked.name}; waiting for it.")

        try:
            storage.prepare()
            with lock.held(storage.lock(remote.etag), waiting):
                missing = not _is_here(storage, remote)
                if missing:
                    self._download(storage, remote, meter, before)
                path = storage.place(remote.etag, remote.commit, remote.asked.name, remote.asked.revision)
                if missing and remote.sha256:
                    self.verified(path, remote.sha256)
                return path
        except OSError as error:
            raise self._disk_failed(storage, remote, error) from error

    def _download(self, storage: Storage, remote: Remote, meter: Meter, before: int) -> None:
        partial = storage.partial(remote.etag)
        while lent := self._bring(remote, partial, meter, before):
            if _is_whole(remote, partial, meter, before):
                break
            # What lay here before may be theirs as well, of a start that was cut short.
            partial.unlink()
            self._reject(lent, remote)
        else:
            _verify(remote, partial, meter, before)
        partial.replace(storage.blob(remote.etag))
        meter.end()

    def _bring(self, remote: Remote, partial: Path, meter: Meter, before: int) -> list[Copy]:
        """All bytes that are missing. Those that some of them are from."""
        meter.begin(remote.asked.name, "download", before, disk.size(partial) or 0)
        with partial.open("ab", buffering=0) as file:
            places = Places(self.neighbours.copies(remote.etag, remote.bytes) if file.tell() < remote.bytes else ())
            taking = Taking(self.hub, remote, file, meter, self.watch, places)
            taking.complete()
            os.fsync(file.fileno())
        return taking.lent

    def _reject(self, lent: Sequence[Copy], remote: Remote) -> None:
        for copy in lent:
            copy.reject()
        holders = " or ".join(copy.holder for copy in lent)
        self.watch.notice(
            f"What {holders} sent of {remote.asked.name} was not that file, and was thrown away; it is fetched from "
            "elsewhere. Its own copy may be damaged."
        )

    def _disk_failed(self, storage: Storage, remote: Remote, error: OSError) -> DownloadFailed:
        name, partial = remote.asked.name, storage.partial(remote.etag)
        if error.errno == errno.EFBIG:
            partial.unlink(missing_ok=True)
            return NoRoom(
                f"The file system of {storage.cache} takes no file of {gib(remote.bytes)}, the size of {name}: "
                "name a folder on another disk with --models-dir FOLDER."
            )
        if error.errno in FULL:
            # Whatever else runs here needs room at once; all but this last piece is kept for the next try.
            if have := disk.size(partial):
                os.truncate(partial, max(0, have - self.reserve))
            return NoRoom(
                f"The disk of {storage.cache} became full while {name} was downloaded: make room, for instance with "
                "`hf cache rm`, and start again; the download goes on where it stopped."
            )
        return DownloadFailed(
            f"{name} cannot be written to {storage.cache} ({error.strerror}): mend that, or name another folder with "
            "--models-dir FOLDER."
        )


def _is_here(storage: Storage, remote: Remote) -> bool:
    return storage.has(remote.etag, remote.bytes, remote.commit, remote.asked.name)


def _missing(storage: Storage, remote: Remote) -> int:
    """Bytes of it that are still to come."""
    return 0 if _is_here(storage, remote) else remote.bytes - (disk.size(storage.partial(remote.etag)) or 0)


def _check_same(remote: Remote, file: ModelFile) -> None:
    if (file.sha256 and remote.sha256 != file.sha256) or remote.bytes != file.bytes:
        raise Damaged(
            f"{remote.asked.words} is no longer the file that was asked for: it was replaced on the hub by one with "
            f"another hash or size; look for its successor at {remote.asked.page}, or update Local Swarm."
        )


def _verify(remote: Remote, partial: Path, meter: Meter, before: int) -> None:
    if not _is_whole(remote, partial, meter, before):
        partial.unlink()
        raise Damaged(
            f"{remote.asked.words} arrived damaged (its hash is not the expected one) and was removed: start again "
            "to download it anew."
        )


def _is_whole(remote: Remote, partial: Path, meter: Meter, before: int) -> bool:
    meter.begin(remote.asked.name, "check", before)
    return verify.is_whole(partial, remote.etag, meter.at)


def _names(remotes: Sequence[Remote]) -> str:
    first = remotes[0].asked
    return first.words if len(remotes) == 1 else f"{len(remotes)} files of {first.repo}"
