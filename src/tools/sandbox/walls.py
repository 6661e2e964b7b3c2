"""What stands around a program in somebody's project, whichever kind a machine has."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

import anyio
from anyio.abc import Process

from ..files import Root
from .limits import Limits
from .sandbox import NOBODY


@dataclass(frozen=True, slots=True)
class Job:
    """`looked_at`: a folder by its descriptor; the program sees that one instead of the project, and only to read."""

    inside: Sequence[str]
    limits: Limits
    looked_at: int | None = None


class Walls(Protocol):
    """`apart`: its processes do not see ours, not even by number. `weaker`: what a user is told of it."""

    name: str
    apart: bool
    weaker: str

    def started(self, job: Job) -> AbstractAsyncContextManager[Process]:
        """Both kinds of output come by its stdout. When it is left, nothing of the program lives on."""
        ...


def user_of(root: Root) -> int | None:
    """Root's programs run as whom the project belongs to. Of root's own projects they can only read."""
    if os.geteuid() != 0:
        return None
    with root.directory(".") as folder:
        return os.fstat(folder).st_uid or NOBODY


async def open_process(
    words: Sequence[str], descriptors: Sequence[int], user: int | None, stdin: int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None, cwd: str = "/",
) -> Process:  # fmt: skip
    # What is started has none of our environment either: it could be read there from inside (/proc/1/environ).
    return await anyio.open_process(
        [*as_user(user), *words], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment or {},
        cwd=cwd, start_new_session=True, pass_fds=descriptors,
    )  # fmt: skip


async def emptied(process: Process) -> None:
    """Of one that is ending with all that it started. A pipe that is not read to its end stays open for ever."""
    assert process.stdout, "it is a pipe"
    with suppress(anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError):
        while True:
            await process.stdout.receive()


def as_user(user: int | None) -> Sequence[str]:
    """By a program, and not by Python: to change its user it would copy the memory maps of a large process first,
    which takes longer than all the rest."""
    if user is None:
        return ()
    program = shutil.which("setpriv") or "setpriv"
    return program, f"--reuid={user}", f"--regid={user}", "--clear-groups", "--"
