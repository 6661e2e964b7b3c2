"""What is granted to a program behind Landlock."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ...files import Root
from ...files.guarded import GUARDED
from ...tool import ToolFailed
from ..bubblewrap import OPEN_FILES, PROJECT_PATH, RESERVED
from ..limits import Limits
from ..mounts import GIT, LOOK
from . import rights

# Of the system. What is not there is passed over.
PATHS = (
    *((place, rights.READ) for place in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")),
    *((place, rights.READ) for place in ("/etc/alternatives", "/etc/ld.so.cache", "/proc/meminfo", "/proc/cpuinfo")),
    *((f"/dev/{name}", rights.READ_FILE | rights.WRITE_FILE) for name in ("null", "zero", "full", "random", "urandom")),
)
# Bytes of the kernel's description of rules, by what it knows: files, network, others.
SIZES = {rights.LEAST: 8, rights.WITH_NETWORK: 16, rights.WITH_SCOPES: 24}
Grant = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """As confined.py takes it. `grants`: descriptors and what may be done beneath them; `own`: the one folder that is
    made for this program alone; `folder`: where it is started."""

    inside: Sequence[str]
    limits: Mapping[str, int]
    grants: Sequence[Grant]
    folder: int
    filter: int
    user: int | None
    own: str
    handled: tuple[int, int, int]
    size: int
    environment: Mapping[str, str]
    paths: Sequence[tuple[str, int]] = PATHS

    @property
    def descriptors(self) -> Sequence[int]:
        return sorted({self.filter, self.folder, *(place for place, _ in self.grants)})

    def text(self) -> str:
        return json.dumps(asdict(self))


def size(abi: int) -> int:
    return max(bytes for least, bytes in SIZES.items() if abi >= least)


def limits_of(limits: Limits) -> Mapping[str, int]:
    return {
        "cpu_seconds": limits.cpu_seconds, "memory": limits.memory, "addresses": limits.memory * RESERVED,
        "processes": limits.processes, "file": limits.file, "folder": limits.folder, "open_files": OPEN_FILES,
    }  # fmt: skip


def environment(own: str) -> Mapping[str, str]:
    # What git finds closed, and not only missing, it takes for a fault.
    return {"PATH": PROJECT_PATH, "HOME": own, "TMPDIR": own, "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1"}


@contextmanager
def project_grants(root: Root) -> Iterator[tuple[int, Sequence[Grant]]]:
    """The root, and what may be done in it.

    What is granted for a folder is granted for all below, and nothing can be taken away again. So where something lies
    in the project that must never be changed, the folder itself is only read, and each of the others in it is granted
    by itself.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(root.opened(".", LOOK))
        names = list(_names(root))
        if not any(name in (GIT, *GUARDED) for name in names):
            yield folder, [(folder, rights.READ | rights.CHANGE)]
            return
        grants = [(folder, rights.READ)]
        for name in names:
            if name not in (GIT, *GUARDED):
                grants += [(place, rights.READ | rights.CHANGE) for place in _opened(stack, root, name)]
        yield folder, grants


@contextmanager
def own_folder(user: int | None) -> Iterator[tuple[str, int]]:
    """The process around the program removes it."""
    folder = tempfile.mkdtemp(prefix="localswarm-")
    if user is not None:
        os.chown(folder, user, user)
    descriptor = os.open(folder, LOOK)
    try:
        yield str(Path(folder).resolve()), descriptor
    finally:
        os.close(descriptor)


def _names(root: Root) -> Iterator[str]:
    """Of folders and files, and of links that are called like something that must not be changed."""
    with root.directory(".") as folder, os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in (GIT, *GUARDED) or not entry.is_symlink():
                yield entry.name


def _opened(stack: ExitStack, root: Root, name: str) -> Iterator[int]:
    try:
        yield stack.enter_context(root.opened(f"./{name}", LOOK))
    except ToolFailed:
        return  # it is gone again, or can be named by nobody
