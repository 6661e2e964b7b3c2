"""The node's side of the guard: vLLM is started or taken over through it, and stopped through it."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...state.processes import Process

GUARD = (sys.executable, "-P", "-m", "localswarm.node.vllm.guard")
# Time to end its answers and give back the GPU; then it is killed.
GRACE_SECONDS = 8.0
# The guard itself needs a moment more.
MORE_SECONDS = 5.0


class Guarded:
    """One life of one vLLM."""

    def __init__(self, guard: asyncio.subprocess.Process, grace: float) -> None:
        self._guard = guard
        self._grace = grace
        self.process: Process | None = None
        self.why = ""  # it could not even be started
        self.code: int | None = None

    @property
    def ended(self) -> bool:
        return self._guard.returncode is not None

    async def begun(self) -> bool:
        """Is it there?"""
        told = await self._told()
        if told.get("is") == "started":
            self.process = Process(told["pid"], told["boot"], told["started"])
        self.why = str(told.get("why", ""))
        return self.process is not None

    async def wait(self) -> None:
        """Until it has ended, by itself or because it was told to."""
        self.code = (await self._told()).get("code")
        await self._guard.wait()

    async def stop(self) -> None:
        if self._guard.stdin:
            self._guard.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._guard.wait(), self._grace + MORE_SECONDS)
        if self._guard.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._guard.kill()
        # Somebody killed the guard itself: another one does its work.
        if self.process and self.process.alive():
            await (await take_over(self.process, self._grace)).stop()

    async def _told(self) -> dict[str, Any]:
        """Nothing where the guard ended without a word."""
        assert self._guard.stdout
        line = await self._guard.stdout.readline()
        found: dict[str, Any] = json.loads(line) if line.strip() else {}
        return found


async def start(
    command: Sequence[str], environment: Mapping[str, str], log: Path, grace: float = GRACE_SECONDS
) -> Guarded:
    return await _guarded(["--log", str(log), *command], environment, grace)


async def take_over(process: Process, grace: float = GRACE_SECONDS) -> Guarded:
    return await _guarded(former(process), None, grace)


def former(process: Process) -> list[str]:
    return ["--former", str(process.pid), process.boot, str(process.started)]


async def _guarded(words: Sequence[str], environment: Mapping[str, str] | None, grace: float) -> Guarded:
    guard = await asyncio.create_subprocess_exec(
        *GUARD,
        "--grace",
        str(grace),
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # A Ctrl-C at the terminal is for the node, which then stops vLLM in order.
        start_new_session=True,
        env=environment,
    )
    return Guarded(guard, grace)
