"""Walls of namespaces, which bubblewrap makes: a program is alone with what is mounted for it."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
from anyio.abc import Process

from ..files import Root
from . import sockets
from .bubblewrap import Ends, looking_command, project_command
from .mounts import Mounts, mounted
from .sandbox import PROGRAM, NoSandbox
from .walls import Job, emptied, open_process, user_of


class Namespaces:
    name = "bubblewrap"
    apart = True
    weaker = ""

    def __init__(self, root: Root) -> None:
        bwrap = shutil.which(PROGRAM)
        if bwrap is None:
            raise NoSandbox("bubblewrap (bwrap), which Linux has, is not installed")
        self._bwrap = bwrap
        self._filter = sockets.filter()
        self._root = root
        self._user = user_of(root)

    @asynccontextmanager
    async def started(self, job: Job) -> AsyncIterator[Process]:
        told, tell = os.pipe()
        with _closed_later(told), self._placed(job) as mounts:
            try:
                process = await self._open(job, mounts, tell)
            finally:
                os.close(tell)
            try:
                yield process
            finally:
                with anyio.CancelScope(shield=True):
                    await _end(process, told)

    @contextmanager
    def _placed(self, job: Job) -> Iterator[Mounts]:
        if job.looked_at is not None:
            yield Mounts(descriptors=[job.looked_at])
            return
        with mounted(self._root) as mounts:
            yield mounts

    async def _open(self, job: Job, mounts: Mounts, tell: int) -> Process:
        with _readable(self._filter) as filter:
            ends = Ends(tell, filter)
            if job.looked_at is not None:
                words = looking_command(self._bwrap, job.inside, job.looked_at, ends, job.limits)
            else:
                folder = str(self._root.folder)
                words = project_command(self._bwrap, job.inside, mounts.words, folder, ends, job.limits)
            return await open_process(words, [*mounts.descriptors, tell, filter], self._user)


@contextmanager
def _readable(content: bytes) -> Iterator[int]:
    """So short that a pipe holds it."""
    read, write = os.pipe()
    with _closed_later(read):
        with _closed_later(write):
            os.write(write, content)
        yield read


@contextmanager
def _closed_later(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


async def _end(process: Process, told: int) -> None:
    if process.returncode is None:
        process.kill()
    await emptied(process)
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
