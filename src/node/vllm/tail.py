"""The log of a vLLM as it grows: how far it is, and its last lines."""

from collections import deque
from collections.abc import Callable
from pathlib import Path

import anyio

from ...engines.vllm import log
from ...engines.vllm.log import Progress

LAST_LINES = 400  # a traceback of several processes, each line of it twice
LOOK_SECONDS = 0.3
MOST_BYTES = 2**20  # at once


def so_far(file: Path) -> Progress:
    """Of the last start that this log tells of."""
    tail = Tail(file, lambda _: None, begin=0)
    tail.read()
    return tail.progress


class Tail:
    def __init__(self, file: Path, tell: Callable[[Progress], None], begin: int | None = None) -> None:
        """`begin`: where it is read from; what is written from now on, where nothing is said."""
        self.progress = Progress()
        self.lines: deque[str] = deque(maxlen=LAST_LINES)
        self._file = file
        self._tell = tell
        self._at = (file.stat().st_size if file.exists() else 0) if begin is None else begin
        self._rest = b""

    async def follow(self) -> None:
        while True:
            self.read()
            await anyio.sleep(LOOK_SECONDS)

    def read(self) -> None:
        try:
            with self._file.open("rb") as file:
                file.seek(self._at)
                while some := file.read(MOST_BYTES):
                    self._at += len(some)
                    self._take(some)
        except OSError:
            return

    def _take(self, some: bytes) -> None:
        """Bars that move on a terminal end in a carriage return."""
        *lines, self._rest = (self._rest + some).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            self._hear(line.decode("utf-8", "replace").rstrip())

    def _hear(self, line: str) -> None:
        if not line:
            return
        self.lines.append(line)
        before = self.progress
        self.progress = log.progress(line, before)
        if self.progress != before:
            self._tell(self.progress)
