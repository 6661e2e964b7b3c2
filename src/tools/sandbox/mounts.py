"""How a project lies in the sandbox: it can be written to, but for what is obeyed later outside of it.

Everything is bound by descriptor: a program that runs at the same time can swap any path for a link, but no descriptor.
"""

import os
import secrets
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..files import Root
from ..files.guarded import GUARDED
from ..files.root import PATH_ONLY
from ..tool import ToolFailed

GIT = ".git"
# Binding needs no right to read.
LOOK = PATH_ONLY | getattr(os, "O_NOFOLLOW", 0)
# What kind of thing lies there, and where a link leads.
State = tuple[int, str]
NOTHING: State = (0, "")


@dataclass(slots=True)
class Mounts:
    words: list[str] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)


@contextmanager
def mounted(root: Root) -> Iterator[Mounts]:
    mounts = Mounts()
    with ExitStack() as stack:
        _bind(stack, root, mounts, ".", "--bind-fd")
        # By itself, although it is in the project: what is mounted cannot be renamed, so nothing takes its place.
        if _state(root, GIT)[0] == stat.S_IFDIR:
            _bind(stack, root, mounts, GIT, "--bind-fd")
        for path in (GIT, *GUARDED):
            kind = _state(root, path)[0]
            if kind == stat.S_IFREG or (kind == stat.S_IFDIR and path != GIT):
                _bind(stack, root, mounts, path, "--ro-bind-fd")
        yield mounts


def unbound(root: Root) -> dict[str, State]:
    """What cannot be mounted: guarded names that are free, or links."""
    states = {path: _state(root, path) for path in (GIT, *GUARDED)}
    return {path: state for path, state in states.items() if state[0] not in (stat.S_IFREG, stat.S_IFDIR)}


def put_aside(root: Root, before: Mapping[str, State]) -> Sequence[str]:
    """What a program has put under such names gets another one, under which nobody obeys it. Nothing is lost."""
    return [path for path, state in before.items() if _state(root, path) not in (state, NOTHING) and rename(root, path)]


def _bind(stack: ExitStack, root: Root, mounts: Mounts, path: str, how: str) -> None:
    descriptor = stack.enter_context(root.opened(path, LOOK))
    mounts.descriptors.append(descriptor)
    mounts.words += [how, str(descriptor), str(root.folder / path)]


def _state(root: Root, path: str) -> State:
    try:
        with root.opened(path, LOOK) as descriptor:
            kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
            return kind, os.readlink("", dir_fd=descriptor) if kind == stat.S_IFLNK else ""
    except ToolFailed:
        return NOTHING


def rename(root: Root, path: str) -> bool:
    place = Path(path)
    aside = f"{place.name}.not-obeyed-{secrets.token_hex(3)}"
    with root.opened(str(place.parent), LOOK) as folder:
        try:
            _open_up(folder)
            os.rename(place.name, aside, src_dir_fd=folder, dst_dir_fd=folder)
        except FileNotFoundError:
            return False
    return True


def _open_up(folder: int) -> None:
    """A program may have closed it, so that nobody can rename what is in it."""
    mode = stat.S_IMODE(os.fstat(folder).st_mode)
    if PATH_ONLY and mode & stat.S_IRWXU != stat.S_IRWXU:
        os.chmod(f"/proc/self/fd/{folder}", mode | stat.S_IRWXU)
