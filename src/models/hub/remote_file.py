"""A file on a hub or a neighbour, read by range as if it were here: its header can be parsed before anything is
downloaded."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from .hub import Hub
from .neighbours import Copy

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 2**20  # bytes of one request: most headers need one to eight, for their vocabulary


class _Raw(io.RawIOBase):
    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        """`read`: the bytes from one place to before another."""
        self._read = read
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._read(self._at, self._at + len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at


def open_remote(hub: Hub, repo: str, name: str, revision: str = "main") -> io.BufferedReader:
    remote = hub.resolve(repo, name, revision)
    return io.BufferedReader(_Raw(lambda begin, end: hub.read(remote, begin, end), remote.bytes), BLOCK)


def open_copy(copy: Copy, size: int) -> io.BufferedReader:
    """It ends where the neighbour fails."""
    return io.BufferedReader(_Raw(lambda begin, end: b"".join(copy.read(begin, min(end, size))), size), BLOCK)
