"""Runs programs behind bubblewrap, and finds out whether that works on this machine."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import SwarmError
from .bubblewrap import command
from .limits import Limits

PROGRAM = "bwrap"
# Root's processes are not counted by the kernel, so root's programs run as this user.
NOBODY = 65534
# It must see nothing of the machine's own, and write nowhere but in its folder.
PROBE = "test ! -e /etc/passwd && test ! -e /root && ! touch /probe /dev/probe /usr/probe 2>/dev/null && touch probe"
LONGEST_REASON = 200


class NoSandbox(SwarmError):
    """There is none on this machine, and why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int | None  # None: it ran out of time
    output: str  # of both kinds, as it came; the beginning where it is too long
    seconds: float


class Sandbox:
    def __init__(self, bwrap: str) -> None:
        self._bwrap = bwrap
        self._user = NOBODY if os.geteuid() == 0 else None

    def run(
        self, inside: Sequence[str], given: str = "", readable: Sequence[Path] = (), limits: Limits | None = None
    ) -> Outcome:
        """`given`: its input. `readable`: places that it may see beside the system's own programs."""
        limits = limits or Limits()
        begun = time.monotonic()
        # A file, and not a pipe: the limit of its size holds for it too.
        with tempfile.TemporaryFile() as output:
            process = self._start(command(self._bwrap, inside, readable, limits), output.fileno())
            code = _wait(process, given, limits.seconds)
            output.seek(0)
            said = output.read(limits.output).decode("utf-8", "replace")
        return Outcome(code, said, time.monotonic() - begun)

    def _start(self, words: Sequence[str], output: int) -> "subprocess.Popen[bytes]":
        # bwrap clears the program's environment, but its own can be read from inside (/proc/1/environ).
        return subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=output, stderr=output, env={}, cwd="/",
            user=self._user, group=self._user, extra_groups=None if self._user is None else (),
        )  # fmt: skip


def find() -> Sandbox:
    """One that was tried; NoSandbox says why there is none."""
    bwrap = shutil.which(PROGRAM)
    if bwrap is None:
        raise NoSandbox("There is no sandbox for programs here: bubblewrap (bwrap), which Linux has, is not installed.")
    sandbox = Sandbox(bwrap)
    tried = sandbox.run(["sh", "-c", PROBE])
    if tried.code != 0:
        reason = " ".join(tried.output.split())[:LONGEST_REASON] or f"exit code {tried.code}"
        raise NoSandbox(f"There is no sandbox for programs here: bubblewrap does not work ({reason}).")
    return sandbox


def _wait(process: "subprocess.Popen[bytes]", given: str, seconds: float) -> int | None:
    """Nothing lives on inside when bwrap ends, however it ends: its first process takes all others with it."""
    try:
        process.communicate(given.encode(), timeout=seconds)
        return process.returncode
    except subprocess.TimeoutExpired:
        return None
    finally:
        process.kill()
        process.wait()
