"""Runs programs in somebody's project, and hands on what they say while they say it."""

import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

import anyio
from anyio.abc import Process

from ..files import Root
from .bubblewrap import project_command
from .limits import MIB, Limits
from .mounts import Mounts, mounted, put_aside, unbound
from .sandbox import NOBODY, PROGRAM, NoSandbox

LIMITS = Limits(memory=2048 * MIB, processes=128, folder=256 * MIB, file=1024 * MIB)
# An answer to this comes in milliseconds; the first program after a start may wait for the disk.
PROBE_SECONDS = 20.0
PROBE = ("sh", "-c", "test ! -e /etc/passwd && ! touch /probe 2>/dev/null")
LONGEST_REASON = 200

Take = Callable[[bytes], bool]  # False: that is enough, the program is ended


@dataclass(frozen=True, slots=True)
class Ended:
    code: int | None  # None: it was ended by us
    put_aside: Sequence[str] = ()  # what it made that would have been obeyed later
    full: bool = False  # it said too much


class Project:
    def __init__(self, root: Root, bwrap: str, limits: Limits = LIMITS) -> None:
        self._root = root
        self._bwrap = bwrap
        self._limits = limits
        self._user = _owner(root) if os.geteuid() == 0 else None

    async def run(self, inside: Sequence[str], seconds: float, take: Take) -> Ended:
        """When it returns, or is cancelled, nothing of the program lives on."""
        free = unbound(self._root)
        code: int | None = None
        full = False
        try:
            with anyio.move_on_after(seconds):
                async with self._started(inside, int(seconds) + 1) as process:
                    full = not await _hear(process, take)
                    code = None if full else await process.wait()
        finally:
            aside = put_aside(self._root, free)
        return Ended(code, aside, full)

    @asynccontextmanager
    async def _started(self, inside: Sequence[str], seconds: int) -> AsyncIterator[Process]:
        limits = replace(self._limits, cpu_seconds=seconds)
        told, tell = os.pipe()
        with _closed_later(told), mounted(self._root) as mounts:
            try:
                words = project_command(self._bwrap, inside, mounts.words, str(self._root.folder), tell, limits)
                process = await self._open(words, mounts, tell)
            finally:
                os.close(tell)
            try:
                yield process
            finally:
                with anyio.CancelScope(shield=True):
                    await _end(process, told)

    async def _open(self, words: Sequence[str], mounts: Mounts, tell: int) -> Process:
        # bwrap clears the program's environment, but its own can be read from inside (/proc/1/environ).
        return await anyio.open_process(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={}, cwd="/",
            start_new_session=True, pass_fds=[*mounts.descriptors, tell],
            user=self._user, group=self._user, extra_groups=None if self._user is None else (),
        )  # fmt: skip


async def find(root: Root) -> Project:
    """One that was tried; NoSandbox says why there is none."""
    bwrap = shutil.which(PROGRAM)
    if bwrap is None:
        raise NoSandbox("There is no sandbox for tools here: bubblewrap (bwrap), which Linux has, is not installed.")
    project = Project(root, bwrap)
    said = bytearray()

    def take(chunk: bytes) -> bool:
        said.extend(chunk[:LONGEST_REASON])
        return True

    ended = await project.run(PROBE, PROBE_SECONDS, take)
    if ended.code != 0:
        reason = " ".join(said.decode("utf-8", "replace").split())[:LONGEST_REASON] or f"exit code {ended.code}"
        raise NoSandbox(f"There is no sandbox for tools here: bubblewrap does not work ({reason}).")
    return project


@contextmanager
def _closed_later(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


def _owner(root: Root) -> int:
    """Root's programs run as whom the project belongs to. Of root's own projects they can only read."""
    with root.directory(".") as folder:
        return os.fstat(folder).st_uid or NOBODY


async def _hear(process: Process, take: Take) -> bool:
    assert process.stdout, "it is a pipe"
    try:
        while take(await process.stdout.receive()):
            pass
    except anyio.EndOfStream:
        return True
    return False


async def _end(process: Process, told: int) -> None:
    if process.returncode is None:
        process.kill()
    await process.aclose()
    await _all_gone(os.read(told, 4096))


async def _all_gone(told: bytes) -> None:
    """bwrap's end takes the first process inside with it, and this one all others, but not in the same moment."""
    try:
        pid = int(json.loads(told)["child-pid"])
        descriptor = os.pidfd_open(pid)
    except (ValueError, ProcessLookupError):
        return
    try:
        await anyio.wait_readable(descriptor)
    finally:
        os.close(descriptor)
