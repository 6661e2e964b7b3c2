"""A command at a real terminal of the system, with somebody who types and reads."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from types import TracebackType

from .command import environment

SECONDS = 20.0


class Terminal:
    def __init__(self, command: Sequence[str], columns: int = 80, lines: int = 24, **more: str) -> None:
        self.shown = ""
        self._pid, self._end = pty.fork()
        if self._pid == 0:
            # Whoever runs the tests in the background has it ignored, and so would all that they start.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execve(command[0], list(command), environment(**{"TERM": "xterm", **more}))
        self.resize(columns, lines)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._end)

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def until(self, pattern: str, seconds: float = SECONDS) -> str:
        """What is shown from here up to the end of this."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < end, f"{pattern!r} did not come: {self.shown!r}"
            assert self._read(end - time.monotonic()), f"it ended before {pattern!r}: {self.shown!r}"
        before, self.shown = self.shown[: found.end()], self.shown[found.end() :]
        return before

    def ended(self) -> int:
        """The exit code, once everything has been shown."""
        end = time.monotonic() + SECONDS
        while self._read(end - time.monotonic()):
            assert time.monotonic() < end, f"it does not end: {self.shown!r}"
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return os.waitstatus_to_exitcode(status)

    def _read(self, seconds: float) -> bool:
        """False when the other side is gone."""
        if not select.select([self._end], [], [], max(0.0, seconds))[0]:
            return True
        try:
            data = os.read(self._end, 65536)
        except OSError:
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)
