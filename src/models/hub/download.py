"""Downloads files of a repository into the hub's own cache: resumed at the byte, verified, placed atomically.

huggingface_hub's own download throws away what an interrupted one had (since 1.18, for file systems whose locks do
not work), so only its knowledge of hubs is used, and the bytes are fetched here.
"""

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import FileIO
from itertools import accumulate
from pathlib import Path

from ...hardware.machine import gib
from ..card import ModelFile
from . import disk, lock, verify
from .hub import Hub, Remote
from .progress import Meter, Watch
from .refusals import Damaged, DownloadFailed, HubBusy, HubUnreachable, NoRoom, unreachable
from .storage import Storage

RESERVE = 2**30  # bytes that stay free: a full disk breaks far more than a download
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Downloader:
    hub: Hub
    watch: Watch = field(default_factory=Watch)
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    reserve: int = RESERVE

    def fetch(self, repo: str, files: Sequence[ModelFile], revision: str = "main") -> list[Path]:
        """Where the files are, after whatever is missing has been downloaded: all at one commit, in one folder."""
        storage = Storage(self.hub.settings.cache, repo)
        cached = storage.find(files)
        if cached and (self.hub.settings.offline or all(file.sha256 for file in files)):
            return cached
        try:
            remotes = self._resolve(repo, files, revision)
        except (HubUnreachable, HubBusy):
            if cached:
                return cached
            raise
        self._check_room(storage, remotes)
        meter = Meter(self.watch, sum(remote.bytes for remote in remotes))
        befores = accumulate((remote.bytes for remote in remotes), initial=0)
        return [self._one(storage, remote, meter, before) for remote, before in zip(remotes, befores, strict=False)]

    def _resolve(self, repo: str, files: Sequence[ModelFile], revision: str) -> list[Remote]:
        remotes: list[Remote] = []
        for file in files:
            # A branch may move on between two questions; the first answer binds the others.
            remote = self.hub.resolve(repo, file.name, remotes[0].commit if remotes else revision)
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
                if not _is_here(storage, remote):
                    self._download(storage, remote, meter, before)
                return storage.place(remote.etag, remote.commit, remote.asked.name, remote.asked.revision)
        except OSError as error:
            raise self._disk_failed(storage, remote, error) from error

    def _download(self, storage: Storage, remote: Remote, meter: Meter, before: int) -> None:
        partial = storage.partial(remote.etag)
        meter.begin(remote.asked.name, "download", before, disk.size(partial) or 0)
        with partial.open("ab", buffering=0) as file:
            self._complete(remote, file, meter)
            os.fsync(file.fileno())
        meter.begin(remote.asked.name, "check", before)
        _verify(remote, partial, meter)
        partial.replace(storage.blob(remote.etag))
        meter.end()

    def _complete(self, remote: Remote, file: FileIO, meter: Meter) -> None:
        """Go on until all bytes are here. Only failures that bring no byte count as failures in a row."""
        failures = 0
        while (have := file.tell()) < remote.bytes:
            try:
                self._stream(remote, file, meter)
            except DownloadFailed as error:
                failures = 0 if file.tell() > have else failures + 1
                if failures >= self.hub.patience.attempts:
                    raise
                self.hub.patience.bear(error, failures)

    def _stream(self, remote: Remote, file: FileIO, meter: Meter) -> None:
        with self.hub.body(remote, file.tell()) as body:
            if body.begin != file.tell():
                file.truncate(body.begin)
                file.seek(body.begin)
            for chunk in body.chunks:
                _write(file, chunk[: remote.bytes - file.tell()])
                meter.at(file.tell())
        if file.tell() < remote.bytes:
            raise unreachable(remote.asked, "the connection was cut")

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


def _verify(remote: Remote, partial: Path, meter: Meter) -> None:
    if not verify.is_whole(partial, remote.etag, meter.at):
        partial.unlink()
        raise Damaged(
            f"{remote.asked.words} arrived damaged (its hash is not the expected one) and was removed: start again "
            "to download it anew."
        )


def _write(file: FileIO, data: bytes) -> None:
    """All of it: a disk that is nearly full takes a part without an error."""
    while data:
        data = data[file.write(data) :]


def _names(remotes: Sequence[Remote]) -> str:
    first = remotes[0].asked
    return first.words if len(remotes) == 1 else f"{len(remotes)} files of {first.repo}"
