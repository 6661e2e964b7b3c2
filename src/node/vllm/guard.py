"""A process between the node and vLLM, so that vLLM never outlives the node, however that ends.

It holds the read end of a pipe. When the node closes it, or is killed, vLLM's whole process group is asked to end
(SIGINT), and after a grace killed. Should the guard itself be killed, the kernel tells vLLM. It says on stdout what
became of it: `{"is": "started", ...}`, `{"is": "ended", "code": ...}`, one JSON object a line.
"""

import argparse
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import psutil

from ...state.processes import Process, look

LOOK_SECONDS = 0.1
PR_SET_PDEATHSIG = 1


class Watched(Protocol):
    process: Process

    def running(self) -> bool: ...

    def signal(self, number: signal.Signals) -> None:
        """To all of its group."""
        ...

    def end(self) -> int | None:
        """What it left behind ends too: its exit code, where that is known."""
        ...


class Child:
    """Started here. Until it is waited for its number is nobody else's, and so its group can be nobody else's."""

    def __init__(self, command: list[str], log: Path) -> None:
        with log.open("ab") as out:
            self._popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=_die_with_parent,
            )  # fmt: skip
        self.process = look(self._popen.pid) or Process(self._popen.pid, "", 0.0)

    def running(self) -> bool:
        return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

    def end(self) -> int | None:
        """Processes of its engine outlive a server that crashed, and keep the GPU."""
        self.signal(signal.SIGKILL)
        return self._popen.wait()


class Former:
    """Left by a node that is gone. Each process is looked at before each signal: its number may be another's by now."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._group = self._members()

    def running(self) -> bool:
        return self.process.alive()

    def signal(self, number: signal.Signals) -> None:
        self._group = self._members() or self._group
        for one in self._group:
            if one.alive():
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(one.pid, number)

    def end(self) -> int | None:
        self.signal(signal.SIGKILL)
        return None

    def _members(self) -> list[Process]:
        """Of its group, while itself is still there to tell that the group is its own."""
        found = [one for pid in psutil.pids() if _group_of(pid) == self.process.pid and (one := look(pid))]
        return found if self.process.alive() else []


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return 0


class Guard:
    def __init__(self, watched: Watched, grace: float) -> None:
        self._watched = watched
        self._grace = grace
        self._told = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._tell)

    def run(self) -> None:
        process = self._watched.process
        say({"is": "started", "pid": process.pid, "boot": process.boot, "started": process.started})
        while self._watched.running() and not self._is_told():
            pass
        if self._watched.running():
            self._stop()
        say({"is": "ended", "code": self._watched.end()})

    def _stop(self) -> None:
        self._watched.signal(signal.SIGINT)
        end = time.monotonic() + self._grace
        while self._watched.running() and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
        self._watched.signal(signal.SIGKILL)
        while self._watched.running():
            time.sleep(LOOK_SECONDS)

    def _is_told(self) -> bool:
        """Nothing is ever sent through the pipe: what can be read is its end."""
        readable, _, _ = select.select([sys.stdin], [], [], LOOK_SECONDS)
        return self._told or bool(readable)

    def _tell(self, number: int, frame: FrameType | None) -> None:
        self._told = True


def say(what: dict[str, Any]) -> None:
    # The node may be gone.
    with suppress(OSError):
        os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


def _die_with_parent() -> None:
    """SIGTERM, and not SIGKILL: it has processes of its own to end."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--grace", type=float, required=True)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--former", nargs=3)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    if asked.former:
        pid, boot, started = asked.former
        Guard(Former(Process(int(pid), boot, float(started))), asked.grace).run()
        return
    try:
        child = Child(asked.command, asked.log)
    except OSError as error:
        say({"is": "failed", "why": error.strerror or str(error)})
        return
    Guard(child, asked.grace).run()


if __name__ == "__main__":
    main()
