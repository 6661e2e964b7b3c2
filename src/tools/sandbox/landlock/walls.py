"""Walls of Landlock and seccomp around a program."""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
from anyio.abc import Process

from ...files import Root
from ..sandbox import NoSandbox
from ..walls import Job, emptied, open_process, user_of
from . import rights
from .calls import filter_of
from .kernel import abi
from .plan import Plan, environment, limits_of, own_folder, project_grants, size

CONFINED = Path(__file__).with_name("confined.py")


class Landlock:
    """Weaker than namespaces: programs can find out which files there are, though not what is in them; processes are
    counted together with those of the user; the folder of its own lies on the disk and is only looked after; more of
    the kernel can be reached. What must never be changed is safer, and therefore no file is made beside it."""

    name = "Landlock"
    apart = False
    weaker = (
        "programs run behind Landlock: they make no new files right in a folder that has .git or the like in it, and "
        "can find out which files there are on this machine. Install or permit bubblewrap for more (docs/tools.md)"
    )

    def __init__(self, root: Root) -> None:
        self._abi = abi()
        if self._abi < rights.LEAST:
            raise NoSandbox("the kernel has no Landlock that would do (Linux 6.2 and newer have)")
        if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
            raise NoSandbox("the kernel does not tell who started whom, so Landlock is not enough")
        self._filter = filter_of(self._abi >= rights.WITH_SCOPES)
        self._root = root
        self._user = user_of(root)

    @asynccontextmanager
    async def started(self, job: Job) -> AsyncIterator[Process]:
        with self._planned(job) as plan:
            words = [sys.executable, "-I", "-S", str(CONFINED), plan.text()]
            # It changes its user by itself: the node's own Python may be closed to that user.
            process = await open_process(words, plan.descriptors, None, stdin=subprocess.PIPE)
            try:
                yield process
            finally:
                with anyio.CancelScope(shield=True):
                    await _end(process)

    @contextmanager
    def _planned(self, job: Job) -> Iterator[Plan]:
        with (
            tempfile.TemporaryFile() as file,
            own_folder(self._user) as (own, place),
            self._seen(job) as (folder, seen),
        ):
            file.write(self._filter)
            file.flush()
            yield Plan(
                job.inside, limits_of(job.limits), [(place, rights.READ | rights.CHANGE), *seen], folder,
                file.fileno(), self._user, own, rights.handled(self._abi), size(self._abi), environment(own),
            )  # fmt: skip

    @contextmanager
    def _seen(self, job: Job) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        if job.looked_at is not None:
            yield job.looked_at, [(job.looked_at, rights.READ)]
            return
        with project_grants(self._root) as (folder, grants):
            yield folder, list(grants)


async def _end(process: Process) -> None:
    """Never killed: as soon as its input is closed it ends all others, and nobody inside can keep it from that."""
    assert process.stdin, "it is a pipe"
    await process.stdin.aclose()
    await emptied(process)
    await process.wait()
