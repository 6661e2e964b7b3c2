"""Runs programs in somebody's project, and hands on what they say while they say it."""

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import anyio
from anyio.abc import Process

from ..executors.threads import beside
from ..files import Root
from .landlock.walls import Landlock
from .limits import MIB, Limits
from .mounts import put_aside, rename, unbound
from .namespaces import Namespaces
from .nested import Mark, changed, nested
from .probe import program
from .sandbox import NoSandbox
from .seatbelt import Seatbelt
from .walls import Job, Walls

LIMITS = Limits(memory=2048 * MIB, processes=128, folder=256 * MIB, file=1024 * MIB)
# An answer to this comes in milliseconds; the first program after a start may wait for the disk.
PROBE_SECONDS = 20.0
LONGEST_REASON = 200
# A program that has written so much that no more is left on the disk is ended, and looked after so often.
LEAST_ROOM = 1024 * MIB
LOOK_SECONDS = 0.1

Take = Callable[[bytes], bool]  # False: that is enough, the program is ended
Kind = Callable[[Root], Walls]  # NoSandbox says why this machine has none of it

# The best one first.
KINDS: Sequence[Kind] = (Namespaces, Landlock, Seatbelt)


@dataclass(frozen=True, slots=True)
class Ended:
    code: int | None  # None: it was ended by us
    put_aside: Sequence[str] = ()  # what it made that would have been obeyed later
    full: bool = False  # it said too much
    crowded: bool = False  # it left too little room on the disk


class Project:
    """`weaker`: what a user has to know of its walls, where they are not the best there are."""

    def __init__(
        self, root: Root, walls: Walls, limits: Limits = LIMITS, weaker: str = "",
        least_room: int = LEAST_ROOM,
    ) -> None:  # fmt: skip
        self._root = root
        self._least_room = least_room
        self._walls = walls
        self._limits = limits
        self.weaker = weaker

    async def run(self, inside: Sequence[str], seconds: float, take: Take) -> Ended:
        """When it returns, or is cancelled, nothing of the program lives on."""
        free, deeper = unbound(self._root), await beside(nested, self._root)
        try:
            ended = await self._ended(Job(inside, self._bounds(seconds)), seconds, take)
        finally:
            with anyio.CancelScope(shield=True):
                aside = [*put_aside(self._root, free), *await beside(self._put_aside, deeper)]
        return replace(ended, put_aside=aside)

    async def look(self, folder: int, inside: Sequence[str], seconds: float, take: Take) -> Ended:
        """The same for one that sees only the folder of this descriptor, where it is started, and changes nothing."""
        return await self._ended(Job(inside, self._bounds(seconds), folder), seconds, take)

    def _put_aside(self, before: Mapping[str, Mark]) -> Sequence[str]:
        return [path for path in changed(before, nested(self._root)) if rename(self._root, path)]

    async def _ended(self, job: Job, seconds: float, take: Take) -> Ended:
        with anyio.move_on_after(seconds) as limit:
            async with self._walls.started(job) as process, anyio.create_task_group() as group:
                group.start_soon(self._keep_room, group.cancel_scope)
                full = not await _hear(process, take)
                ended = Ended(None if full else await process.wait(), full=full)
                group.cancel_scope.cancel()
                return ended
        return Ended(None, crowded=not limit.cancelled_caught)

    async def _keep_room(self, program: anyio.CancelScope) -> None:
        """The project lies on the user's disk, and a full one harms more than the program."""
        room = self._room()
        least = self._least_room if room > self._least_room else room // 2
        while True:
            await anyio.sleep(LOOK_SECONDS)
            if self._room() < least:
                program.cancel()

    def _room(self) -> int:
        disk = os.statvfs(self._root.folder)
        return disk.f_bavail * disk.f_frsize

    def _bounds(self, seconds: float) -> Limits:
        return replace(self._limits, cpu_seconds=int(seconds) + 1)


async def find(root: Root, kinds: Sequence[Kind] = KINDS) -> Project:
    """One that was tried; NoSandbox says why there is none."""
    reasons: list[str] = []
    for kind in kinds:
        try:
            walls = kind(root)
            await _try(root, walls)
            return Project(root, walls, weaker=f"{reasons[0]}, so {walls.weaker}" if walls.weaker and reasons else "")
        except NoSandbox as error:
            reasons.append(error.message)
    raise NoSandbox(f"There is no sandbox for tools here: {'; '.join(reasons)}.")


async def _try(root: Root, walls: Walls) -> None:
    said = bytearray()

    def take(chunk: bytes) -> bool:
        said.extend(chunk[:LONGEST_REASON])
        return True

    with socket.create_server(("127.0.0.1", 0)) as server:
        inside = program(server.getsockname()[1], walls.apart)
        ended = await Project(root, walls).run(inside, PROBE_SECONDS, take)
    if ended.code != 0:
        reason = " ".join(said.decode("utf-8", "replace").split())[:LONGEST_REASON] or f"exit code {ended.code}"
        raise NoSandbox(f"{walls.name} does not work ({reason})")


async def _hear(process: Process, take: Take) -> bool:
    assert process.stdout, "it is a pipe"
    try:
        while take(await process.stdout.receive()):
            pass
    except anyio.EndOfStream:
        return True
    return False
