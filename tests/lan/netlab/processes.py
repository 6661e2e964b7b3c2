"""Faults of a process: each is done to its whole group, as a host starts it in a session of its own."""

import os
import signal
import subprocess
from typing import Any

Process = subprocess.Popen[Any]


def freeze(process: Process) -> None:
    send(process, signal.SIGSTOP)


def thaw(process: Process) -> None:
    send(process, signal.SIGCONT)


def kill(process: Process, number: int = signal.SIGKILL) -> int:
    """Also waits for its end, and gives the exit status."""
    send(process, number)
    return process.wait(20)


def send(process: Process, number: int) -> None:
    if process.poll() is None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return


def shut(process: Process) -> None:
    """Its pipes, which nobody will read any more."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None and not pipe.closed:
            pipe.close()
