"""The two servers that are compared: the same file, the same number of threads and seats, both over HTTP."""

import re
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import httpx
import psutil
from localswarm.models import embedded

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = 8192
SEATS = 8
START_SECONDS = 60


class Server(ABC):
    name: str

    def __init__(self, model: Path, threads: int) -> None:
        self.model = model
        self.threads = threads
        self.port = 0

    def start(self) -> None:
        self._log = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(self.command(), stdout=self._log, stderr=subprocess.STDOUT, cwd=ROOT)
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                self._log.seek(0)
                raise RuntimeError(f"{self.name} did not start: {self._log.read()[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        for child in psutil.Process(self._process.pid).children(recursive=True):
            child.kill()
        self._process.kill()
        self._process.wait()
        self._log.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def memory(self) -> int:
        """Bytes that the server holds for itself, of all its processes."""
        whole = psutil.Process(self._process.pid)
        return sum(process.memory_full_info().uss for process in [whole, *whole.children(recursive=True)])

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def find_port(self, log: str) -> int | None: ...

    def _answers(self) -> bool:
        self._log.seek(0)
        self.port = self.find_port(self._log.read()) or 0
        if not self.port:
            return False
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health").status_code == 200
        except httpx.TransportError:
            return False


class Ours(Server):
    name = "localswarm"

    def __init__(self, model: Path, threads: int, more: Sequence[str] = ()) -> None:
        super().__init__(model, threads)
        self.more = more

    def command(self) -> list[str]:
        flags = [
            "--no-federation",
            "--port",
            "0",
            "--threads",
            str(self.threads),
            "--context",
            str(CONTEXT),
            "--instances",
            str(SEATS),
            # The last word counts.
            *self.more,
        ]
        return [sys.executable, "main.py", "--model", str(self.model), *flags]

    def find_port(self, log: str) -> int | None:
        found = re.search(r"http://localhost:(\d+)/v1", log)
        return int(found.group(1)) if found else None


class Theirs(Server):
    name = "llama.cpp's server"

    def command(self) -> list[str]:
        words = [str(self.model), str(self.threads), str(CONTEXT), str(SEATS)]
        return [sys.executable, "-m", "tests.benchmarks.rival", *words]

    def find_port(self, log: str) -> int | None:
        found = re.search(r"^LISTENING http://[^:]+:(\d+)", log, re.MULTILINE)
        return int(found.group(1)) if found else None


def embedded_model() -> Path:
    return embedded.find()
