"""Which process a row belongs to. Numbers of processes are given again, so the time of the start belongs to it."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Where a start is told by the clock, setting the clock may move it a little.
SLACK_SECONDS = 2.0
# Of what follows the name in /proc/PID/stat: the state comes first, the start is field 22 of the whole line.
STATE, START = 0, 19
DEAD = ("Z", "X", "x")


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    boot: str  # of the machine, where it has an id: starts are then counted from there
    started: float  # seconds

    def alive(self) -> bool:
        now = look(self.pid)
        return now is not None and now.boot == self.boot and abs(now.started - self.started) < SLACK_SECONDS


def this_process() -> Process:
    process = look(os.getpid())
    assert process is not None
    return process


def look(pid: int) -> Process | None:
    """The process that has this number now; one that has ended and only waits to be buried is none."""
    # On Linux psutil derives the start from the clock, and setting the clock would make every process another one.
    return _look_in_proc(pid) if platform.system() == "Linux" else _ask_psutil(pid)


def _look_in_proc(pid: int) -> Process | None:
    try:
        started = started_in_stat(Path(f"/proc/{pid}/stat").read_text(errors="replace"), os.sysconf("SC_CLK_TCK"))
    except OSError:
        return None
    return None if started is None else Process(pid, _boot(), started)


def _boot() -> str:
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""  # Some sandboxes hide it.


def started_in_stat(line: str, ticks_per_second: int) -> float | None:
    """Seconds after the boot. The name is in brackets, and may hold brackets and spaces itself."""
    fields = line.rpartition(")")[2].split()
    return None if fields[STATE] in DEAD else int(fields[START]) / ticks_per_second


def _ask_psutil(pid: int) -> Process | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else Process(pid, "", process.create_time())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        # A process that this user may not look at is another user's, and so has nothing in this user's database.
        return None
