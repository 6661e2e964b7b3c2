"""The node's side of a search."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
from anyio.abc import Process

from ..tool import ToolFailed
from .wanted import Found, Wanted, found

SECONDS = 10.0
MODULE = "localswarm.tools.searching.child"


@dataclass(frozen=True, slots=True)
class Search:
    found: Sequence[Found]
    more: bool  # than were wanted
    stopped: bool  # it took too long


async def search(descriptor: int, want: Wanted, seconds: float = SECONDS) -> Search:
    command = [sys.executable, "-I", "-m", MODULE, str(descriptor)]
    said = bytearray()
    # Nothing of our environment is its business.
    process = await anyio.open_process(command, stderr=subprocess.DEVNULL, pass_fds=[descriptor], env={})
    with anyio.move_on_after(seconds) as limit:
        await _talk(process, want, said)
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            process.kill()
        await process.aclose()
    whole = bytes(said).rpartition(b"\n")[0]
    results = [found(line) for line in whole.split(b"\n") if line]
    if results and results[-1].wrong:
        raise ToolFailed(f"The pattern cannot be looked for: {results[-1].wrong}.")
    return Search(results[: want.most], len(results) > want.most, limit.cancelled_caught)


async def _talk(process: Process, want: Wanted, said: bytearray) -> None:
    assert process.stdin and process.stdout, "both are pipes"
    try:
        await process.stdin.send(want.line().encode() + b"\n")
        while True:
            said += await process.stdout.receive()
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        await process.wait()
