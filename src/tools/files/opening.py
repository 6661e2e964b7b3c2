"""How a path is opened beneath a folder: by the kernel, or step by step where it cannot."""

import errno
import os
from pathlib import PurePosixPath
from typing import Protocol

from . import openat2

# The kernel says "try again" when something was moved while it looked for `..` in a link.
TRIES = 8


class Opener(Protocol):
    def __call__(self, folder: int, path: str, flags: int) -> int:
        """A descriptor of what exists at `path`, which is relative and has no `..`; OSError otherwise."""
        ...


def by_kernel(folder: int, path: str, flags: int) -> int:
    """Links are followed as long as they stay beneath the folder."""
    for _ in range(TRIES - 1):
        try:
            return openat2.openat2(folder, path, flags)
        except OSError as error:
            if error.errno != errno.EAGAIN:
                raise
    return openat2.openat2(folder, path, flags)


def by_walking(folder: int, path: str, flags: int) -> int:
    """No link is followed at all: where one leads cannot be held to."""
    *before, last = PurePosixPath(path).parts or (".",)
    at = os.dup(folder)
    try:
        for part in before:
            at, left = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at), at
            os.close(left)
        return os.open(last, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
    finally:
        os.close(at)


def best() -> Opener:
    return by_kernel if openat2.works() else by_walking
