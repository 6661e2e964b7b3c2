"""A node in a process, a state folder and on a port of its own, for as long as a `with` block lasts."""

import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn

from ..settings import CONFIG_FLAG, Settings, same_again
from .client import Client, NodeFailed

# -P: a file of the current folder must not take the place of one of Python's own modules.
COMMAND = (sys.executable, "-P", "-m", "localswarm.cli", "serve")
URL = re.compile(r"\s*address\s+(http://\S+/v1)")
LAST_LINES = 20
TERMINATED = 128 + signal.SIGTERM


class OwnNode:
    def __init__(self, settings: Settings, config: str | None, seconds: float) -> None:
        self._settings = settings
        self._config = config
        self._seconds = seconds
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._last: deque[str] = deque(maxlen=LAST_LINES)

    def __enter__(self) -> "OwnNode":
        self._folder = tempfile.TemporaryDirectory(prefix="localswarm-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            self._command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
        return self

    def start(self) -> None:
        """Until it can answer; NodeFailed says why it cannot."""
        threading.Thread(target=self._read, daemon=True).start()
        self.client = Client(self._wait_for_url(), self._settings.api_key, self._seconds)

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def stop(self, seconds: float) -> float:
        """As Ctrl-C does: the seconds that it took."""
        begun = time.monotonic()
        self._process.send_signal(signal.SIGINT) if sys.platform != "win32" else self._process.terminate()
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise NodeFailed(f"The node still runs {seconds:.0f} seconds after it was told to stop.") from None
        if code != 0 and sys.platform != "win32":
            raise NodeFailed(f"The node ended with exit code {code}: {self._tail()}")
        return time.monotonic() - begun

    def _command(self) -> list[str]:
        # The last of two equal flags counts.
        words = [*COMMAND, *same_again(self._settings)]
        words += ["--host", "localhost", "--port", "0", "--state-dir", self._folder.name, "--no-federation"]
        words += ["--no-tool-server"]
        return words + ([CONFIG_FLAG, str(Path(self._config).expanduser())] if self._config else [])

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for_url(self) -> str:
        end = time.monotonic() + self._seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise NodeFailed(f"The node was not ready within {self._seconds:.0f} seconds. {self._tail()}") from None
            if line is None:
                raise NodeFailed(f"The node ended while it started: {self._tail()}")
            self._last.append(line.strip())
            if found := URL.match(line):
                return found.group(1)

    def _tail(self) -> str:
        return " ".join(filter(None, self._last)).removeprefix("error: ")


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """`timeout 60 python main.py smoke` must not leave a node behind: the signal unwinds like any exception."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(TERMINATED)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
