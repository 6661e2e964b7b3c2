"""A program on a host of a lab that prints lines of JSON, [seconds, what, value], read as they come."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from .netlab import Host, Lab
from .netlab.lab import ROOT

Line = tuple[float, str, Any]


class Watched:
    def __init__(self, host: Host, *words: str, environment: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", *words]
        env = {**os.environ, **(environment or {})}
        self.begun = time.monotonic()
        self.lines: list[Line] = []
        self.process = host.popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, daemon=True).start()

    def of(self, what: str) -> list[Line]:
        return [line for line in list(self.lines) if line[1] == what]

    def values(self, what: str) -> list[Any]:
        return [value for _, _, value in self.of(what)]

    def last(self, what: str, default: Any) -> Any:
        return next((value for _, each, value in reversed(list(self.lines)) if each == what), default)

    def _read(self) -> None:
        for line in self.process.stdout or ():
            try:
                time, what, value = json.loads(line)
            except ValueError:  # a traceback
                time, what, value = 0.0, "output", line
            self.lines.append((time, what, value))


class Announcer(Watched):
    """A discovery and nothing else. Its id is made of its number."""

    def __init__(self, host: Host, number: int, *options: str) -> None:
        self.id = f"{number:016x}"
        super().__init__(host, f"{__package__}.announcer", self.id, *options)

    @property
    def ready(self) -> float:
        return min((line[0] for line in self.of("ready")), default=float("inf"))

    def sees(self, other: "Announcer") -> float | None:
        """How long it took, from the start of the later one."""
        times = [line[0] for line in self.of(other.id)]
        return min(times) - max(self.ready, other.ready) if times else None


def announcers(lab: Lab) -> list[Announcer]:
    """One on each host."""
    return [Announcer(host, host.number) for host in lab.hosts.values()]


def until(true: Callable[[], object], seconds: float = 10) -> bool:
    """The last word of what is waited for."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(true())
