"""A file is written whole or not at all: beside its place first, then in one step over what was there."""

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..tool import ToolFailed
from .guarded import is_guarded
from .refusals import told
from .root import Root

PERMISSIONS = 0o777


@dataclass(frozen=True, slots=True)
class Written:
    """`place`: relative to the root. `before`: bytes that the file had; None: there was none."""

    place: str
    before: int | None


def write(root: Root, path: str, content: bytes, permit: Callable[[str], None]) -> Written:
    """Through links to where they lead."""
    target = root.resolved(path)
    _check(target, permit)
    *folders, name = PurePosixPath(target).parts or (".",)
    if name == ".":
        raise ToolFailed(f"{path} is a folder.")
    with told(path), _folder(root, folders) as folder:
        # Looked at again: what was a folder may have become a link to another.
        place = (PurePosixPath(root.real(folder)) / name).as_posix()
        _check(place, permit)
        old = _replace(folder, name, content, path)
    return Written(place, old.st_size if old else None)


def _check(place: str, permit: Callable[[str], None]) -> None:
    if is_guarded(place):
        raise ToolFailed(f"{place} is never changed by tools: it would be obeyed later, outside the sandbox.")
    permit(place)


@contextmanager
def _folder(root: Root, folders: list[str]) -> Iterator[int]:
    """Made as far as it is missing."""
    with root.directory(".") as start:
        at = os.dup(start)
    try:
        for name in folders:
            at, left = _step(at, name), at
            os.close(left)
        yield at
    finally:
        os.close(at)


def _step(at: int, name: str) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(name, flags, dir_fd=at)
    except FileNotFoundError:
        os.mkdir(name, PERMISSIONS, dir_fd=at)
    made = os.open(name, flags, dir_fd=at)
    _give(made, os.fstat(at))
    return made


def _replace(folder: int, name: str, content: bytes, path: str) -> os.stat_result | None:
    """Gives back what it was."""
    old = _old(folder, name)
    if old and not stat.S_ISREG(old.st_mode) and not stat.S_ISLNK(old.st_mode):
        raise ToolFailed(f"{path} is no file, and cannot be written over.")
    beside = f".{name[:100]}.{secrets.token_hex(4)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(beside, flags, 0o666, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if old and stat.S_ISREG(old.st_mode):
                os.fchmod(descriptor, old.st_mode & PERMISSIONS)
            _give(descriptor, os.fstat(folder))
            os.fsync(descriptor)
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(beside, dir_fd=folder)
        raise
    return old


def _old(folder: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _give(descriptor: int, like: os.stat_result) -> None:
    """What root writes in somebody's project is theirs."""
    if os.geteuid() == 0:
        os.fchown(descriptor, like.st_uid, like.st_gid)
