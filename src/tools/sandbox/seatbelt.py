"""Walls of macOS's own sandbox. Written by what Apple's profiles and others' say; never run on a Mac."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import Process

from ..files import Root
from ..files.guarded import GUARDED
from .bubblewrap import OPEN_FILES, PROJECT_PATH
from .limits import Limits
from .mounts import GIT
from .sandbox import NoSandbox
from .walls import Job, open_process

PROGRAM = "sandbox-exec"
F_GETPATH = 50
LONGEST_PATH = 1024
# What programs are made of, on every Mac.
READABLE = ("/usr", "/bin", "/sbin", "/System", "/Library/Apple", "/Library/Developer", "/private/var/db/dyld",
            "/Applications/Xcode.app", "/opt/homebrew", "/private/var/select")  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


class Seatbelt:
    """Weaker than namespaces: processes that a program takes out of its group live on when it ends, memory is bounded
    only as far as the system does it, and the folder of its own has no limit but that of each file."""

    name = "sandbox-exec"
    apart = False
    weaker = "programs run in the sandbox of macOS, which bounds less (docs/tools.md)"

    def __init__(self, root: Root) -> None:
        program = shutil.which(PROGRAM) if sys.platform == "darwin" else None
        if program is None:
            raise NoSandbox("there is no sandbox-exec, which macOS has")
        if os.geteuid() == 0:
            raise NoSandbox("sandbox-exec is not used by root: start the node as yourself")
        self._program = program
        self._root = root

    @asynccontextmanager
    async def started(self, job: Job) -> AsyncIterator[Process]:
        with tempfile.TemporaryDirectory(prefix="localswarm-", ignore_cleanup_errors=True) as made:
            own = _real(made)
            folder = str(self._root.folder) if job.looked_at is None else _place(job.looked_at)
            walls = profile(folder, own, writable=job.looked_at is None)
            words = [self._program, "-p", walls, *bounded(job.limits), *job.inside]
            environment = {"PATH": f"/opt/homebrew/bin:{PROJECT_PATH}:/usr/sbin", "HOME": own, "TMPDIR": own}
            process = await open_process(words, [], None, environment=environment, cwd=folder)
            try:
                yield process
            finally:
                with anyio.CancelScope(shield=True):
                    await _end(process)


def profile(folder: str, own: str, writable: bool) -> str:
    """The last line that speaks of something decides. Pure."""
    return "\n".join(["(version 1)", "(deny default)", *_allowed(folder, own, writable), *_kept(folder)]) + "\n"


def bounded(limits: Limits) -> Sequence[str]:
    """A shell that bounds itself and becomes the program. Pure."""
    cpu, file = limits.cpu_seconds, limits.file // 512
    ulimits = f"ulimit -c 0; ulimit -t {cpu}; ulimit -f {file}; ulimit -n {OPEN_FILES}"
    return ["/bin/sh", "-c", f'{ulimits}; exec "$@"', "sh"]


def _allowed(folder: str, own: str, writable: bool) -> Iterator[str]:
    yield "(allow process-exec process-fork sysctl-read)"
    yield "(allow signal process-info* (target same-sandbox))"
    # Where a path leads has to be found out; not what is there.
    yield '(allow file-read-metadata (literal "/") (literal "/private") (literal "/var") (literal "/tmp"))'
    yield '(allow file-read* (literal "/"))'
    for place in READABLE:
        yield f"(allow file-read* (subpath {quoted(place)}))"
    for device in DEVICES:
        yield f"(allow file-read* file-write-data (literal {quoted(device)}))"
    yield f"(allow file-read* file-write* (subpath {quoted(own)}))"
    # No file but these is programs' own, and no socket is a file here.
    yield f"(allow file-read*{' file-write*' if writable else ''} (subpath {quoted(folder)}))"


def _kept(folder: str) -> Iterator[str]:
    """Also where nothing of that name is there yet. The folder of git cannot be moved, but what is in it can."""
    yield f"(deny file-write-unlink file-write-create (literal {quoted(f'{folder}/{GIT}')}))"
    for path in GUARDED:
        yield f"(deny file-write* (subpath {quoted(f'{folder}/{path}')}))"
    yield "(deny network*)"


def quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _real(folder: str) -> str:
    """/var and /tmp are links there, and the profile is of where they lead."""
    return os.path.realpath(folder)


def _place(descriptor: int) -> str:
    import fcntl  # Windows has none

    return os.fsdecode(fcntl.fcntl(descriptor, F_GETPATH, bytes(LONGEST_PATH)).split(b"\0")[0])


async def _end(process: Process) -> None:
    # Also when it has ended itself: others of its group may not have.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.aclose()
