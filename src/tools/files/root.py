"""The one folder that tools work in."""

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ...errors import StartError
from ..tool import ToolFailed
from .opening import Opener, best
from .refusals import told

F_GETPATH = 50  # of macOS
LONGEST_PATH = 1024
PATH_ONLY = getattr(os, "O_PATH", 0)  # Linux alone has it
# Halves of characters are no text, and end in an error when they are encoded.
CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class RootUnusable(StartError):
    code = "tool_root_unusable"


class Root:
    """`folder` is real and absolute. What is opened is opened beneath it, whatever is moved meanwhile."""

    def __init__(self, folder: Path, opener: Opener | None = None) -> None:
        try:
            self._named = folder.absolute()
            self.folder = folder.resolve(strict=True)
            self._descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise RootUnusable(f"Tools cannot work in {folder}: {error.strerror}. Name a folder: --root DIR") from None
        self._opener = opener or best()

    def close(self) -> None:
        os.close(self._descriptor)

    def inside(self, path: str) -> str:
        """Relative and without `..`; `.` is the root itself. Absolute paths may name what is inside. Pure."""
        if len(path) > LONGEST_PATH or CONTROL.search(path):
            raise ToolFailed("The path is too long, or has characters in it that no path should have.")
        named = PurePosixPath(os.path.normpath(os.path.join(self.folder, path)))
        for folder in (self.folder, self._named):
            if named.is_relative_to(folder):
                return named.relative_to(folder).as_posix()
        raise ToolFailed(f"{path} is outside the project. Only files below {self.folder} can be used.")

    @contextmanager
    def opened(self, path: str, flags: int = os.O_RDONLY) -> Iterator[int]:
        """A descriptor of any kind of thing, which nothing has been read from."""
        if not flags & PATH_ONLY:
            # A pipe without a writer would be waited for; a terminal would become ours.
            flags |= os.O_NONBLOCK | os.O_NOCTTY
        with told(path):
            descriptor = self._opener(self._descriptor, self.inside(path), flags)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def file(self, path: str) -> Iterator[int]:
        with self.opened(path) as descriptor:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(mode):
                raise ToolFailed(f"{path} is a folder. Use `list` to see what is in it.")
            if not stat.S_ISREG(mode):
                raise ToolFailed(f"{path} is a device, a pipe or a socket, and no file.")
            yield descriptor

    @contextmanager
    def directory(self, path: str) -> Iterator[int]:
        with self.opened(path, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
            yield descriptor

    def real(self, descriptor: int) -> str:
        """Where it lies now, relative to the root, with no links on the way."""
        try:
            return PurePosixPath(_place(descriptor)).relative_to(_place(self._descriptor)).as_posix()
        except ValueError:
            raise ToolFailed("It was moved out of the project meanwhile.") from None

    def resolved(self, path: str) -> str:
        """Where a path leads at this moment; for what does not exist, where it would be."""
        path = self.inside(path)
        missing: list[str] = []
        while path != ".":
            try:
                with self.opened(path) as descriptor:
                    return PurePosixPath(self.real(descriptor), *reversed(missing)).as_posix()
            except ToolFailed:
                missing.append(os.path.basename(path))
                path = os.path.dirname(path) or "."
        return PurePosixPath(*reversed(missing)).as_posix()


def _place(descriptor: int) -> str:
    if sys.platform == "darwin":
        import fcntl  # Windows has none

        return os.fsdecode(fcntl.fcntl(descriptor, F_GETPATH, bytes(LONGEST_PATH)).split(b"\0")[0])
    return os.readlink(f"/proc/self/fd/{descriptor}")
