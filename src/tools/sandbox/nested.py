"""What is obeyed later and lies deeper in a project than its first level: in repositories and projects within it.

Nothing keeps a program from these while it runs: there may be any number of them. Each is looked at before and after,
and what is new or changed then is put aside.
"""

import os
import stat
from collections import deque
from collections.abc import Iterator, Mapping

from ..files import Root
from ..files.guarded import GIT, GUARDED, REPOSITORIES, STARTED
from ..searching.child import SKIPPED
from ..tool import ToolFailed
from .mounts import LOOK

DOT_GIT = ".git"
# Of what is in a guarded folder. Nobody has more.
DEEPEST = 16
MOST = 5000
# Of a file its number and the time of its last change, which no program can set; of a folder those of all files in it.
Mark = tuple[tuple[str, int, int], ...]
FOLDER = os.O_RDONLY | os.O_DIRECTORY | getattr(os, "O_NOFOLLOW", 0)


def nested(root: Root) -> Mapping[str, Mark]:
    found: dict[str, Mark] = {}
    waiting = deque(["."])
    while waiting:
        path = waiting.popleft()
        try:
            with root.opened(path, FOLDER) as folder:
                names = sorted(_folders(folder))
                found |= {_joined(path, name): mark for name, mark in _guarded(folder, path)}
        except (ToolFailed, OSError):
            found |= _closed(root, path)
            continue
        waiting.extend(_joined(path, name) for name in names)
    return found


def changed(before: Mapping[str, Mark], after: Mapping[str, Mark]) -> Iterator[str]:
    """What was only moved with the folder around it is as it was. Nothing within what is named already. Pure."""
    known, last = set(before.values()), None
    for path in sorted(after):
        if after[path] not in known and not (last and path.startswith(f"{last}/")):
            last = path
            yield path


def _closed(root: Root, path: str) -> Mapping[str, Mark]:
    """Nobody knows what is in a folder that we may not read, but others might be led into it."""
    try:
        with root.opened(path, LOOK) as folder:
            found = os.fstat(folder)
    except ToolFailed:
        return {}  # gone again
    return {path: (("", found.st_ino, 0),)} if stat.S_ISDIR(found.st_mode) else {}


def _guarded(folder: int, path: str) -> Iterator[tuple[str, Mark]]:
    """Those of the first level are kept by the walls."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
    for name in names:
        if path != "." and (name in STARTED or name == DOT_GIT):
            yield name, _own(folder, name) if name == DOT_GIT else _mark(folder, name)
        if name.endswith(REPOSITORIES) and (path != "." or name != DOT_GIT):
            yield from _of_repository(folder, name)


def _of_repository(folder: int, name: str) -> Iterator[tuple[str, Mark]]:
    for one in GIT:
        try:
            yield f"{name}/{one}", _mark(folder, f"{name}/{one}")
        except OSError:
            continue  # there is none, or `name` is no folder


def _mark(folder: int, name: str) -> Mark:
    if not stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        return _own(folder, name)
    marks: list[tuple[str, int, int]] = []
    for place, folders, files, at in os.fwalk(name, dir_fd=folder):
        if place.count("/") > name.count("/") + DEEPEST or len(marks) > MOST:
            break
        inside = place.removeprefix(name)
        marks += [(f"{inside}/{one}", *_times(at, one)) for one in sorted(files)]
        folders.sort()
    return (*_own(folder, name), *marks)


def _own(folder: int, name: str) -> Mark:
    number, changed = _times(folder, name)
    is_folder = stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    return (("", number, 0 if is_folder else changed),)


def _times(folder: int, name: str) -> tuple[int, int]:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    return found.st_ino, found.st_ctime_ns


def _folders(folder: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name not in SKIPPED and entry.name not in GUARDED and entry.is_dir(follow_symlinks=False):
                yield entry.name


def _joined(path: str, name: str) -> str:
    return name if path == "." else f"{path}/{name}"
