"""A file on a hub, read by range as if it were here: its header can be parsed before anything is downloaded."""

import io
from typing import TYPE_CHECKING

from .hub import Hub, Remote

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 2**20  # bytes of one request: most headers need one to eight, for their vocabulary


class _Raw(io.RawIOBase):
    def __init__(self, hub: Hub, remote: Remote) -> None:
        self._hub = hub
        self._remote = remote
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._hub.read(self._remote, self._at, self._at + len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._remote.bytes}[whence]
        return self._at

    def tell(self) -> int:
        return self._at


def open_remote(hub: Hub, repo: str, name: str, revision: str = "main") -> io.BufferedReader:
    return io.BufferedReader(_Raw(hub, hub.resolve(repo, name, revision)), BLOCK)
