"""Runs a command of a set-up: output into the log, progress onto the screen, and no child left behind."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

from bootstrap.environment import PRIVATE, ROOT
from bootstrap.failures import explain
from bootstrap.machine import compilers
from bootstrap.progress import Screen, step_of

LOG = PRIVATE / "setup.log"
# The compiler's temporary files: often more than a /tmp in memory holds, and swept away here after a SIGKILL.
SCRATCH = PRIVATE / "tmp"
# A cache of its own: on the disk of the environments, which then cost no second copy, and disturbed by nobody.
CACHE = PRIVATE / "cache"

LOOKS_EVERY = 0.2  # seconds; often enough for a live clock, and nothing beside a compile.
GRACE = 5  # seconds that an interrupted compile gets to end in order.


class Shell:
    def __init__(self, screen: Screen, log: BinaryIO, lock: int) -> None:
        self.screen = screen
        self.log = log
        self.lock = lock

    def run(self, title: str, *command: str) -> None:
        start = self.log.seek(0, os.SEEK_END)
        if not self.tries(title, *command):
            raise explain(title, read_from(LOG, start), LOG)

    def tries(self, title: str, *command: str) -> bool:
        self.log.write(f"\n$ {shlex.join(command)}\n".encode())
        self.log.flush()
        process = self.begin(command)
        try:
            self.watch(process, title)
        finally:
            end(process)
        return process.returncode == 0

    def begin(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        """Its output goes into the file, not through us: children that outlive a SIGKILL must not die of writing."""
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=settings(),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            pass_fds=() if sys.platform == "win32" else (self.lock,),
            start_new_session=True,
        )

    def watch(self, process: subprocess.Popen[bytes], title: str) -> None:
        position = self.log.seek(0, os.SEEK_END)
        self.screen.show(title)
        while not has_ended(process):
            news = read_from(LOG, position)
            position += len(news)
            title = step_of(news.decode(errors="replace")) or title
            self.screen.show(title)


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(LOOKS_EVERY)
    except subprocess.TimeoutExpired:
        return False
    return True


def settings() -> dict[str, str]:
    # Else the compilers that built this Python are asked for, not those that were found and checked.
    ours = compilers() | {"UV_CACHE_DIR": str(CACHE)}
    # PYTHONPATH and its like would have packages found that are not in the environment.
    users = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return ours | users | {"TMPDIR": str(SCRATCH)}


def has_own_cache() -> bool:
    return settings()["UV_CACHE_DIR"] == str(CACHE)


def read_from(path: Path, position: int) -> bytes:
    with path.open("rb") as file:
        file.seek(position)
        return file.read()


def end(process: subprocess.Popen[bytes]) -> None:
    """Nothing that we started outlives us, and a second Ctrl-C does not disturb this."""
    if process.poll() is not None:
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        tell(process, "SIGINT")
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        tell(process, "SIGKILL")
        process.wait()
        signal.signal(signal.SIGINT, before)


def tell(process: subprocess.Popen[bytes], name: str) -> None:
    """The whole group, for uv leaves cmake, ninja and the compilers running when it goes."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, getattr(signal, name))
    except ProcessLookupError:
        pass
