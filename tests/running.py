"""A node as its users have it: the real command line in a process of its own."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import psutil

MAIN = Path(__file__).resolve().parents[1] / "main.py"


class RunningNode:
    def __init__(self, state: Path, *flags: str, auto: bool = True) -> None:
        # The embedded model by its name: --auto would take, and on some machines download, a larger one.
        words = ["--model", "smollm2:135m:q4_1"] if auto else []
        self.command = [sys.executable, str(MAIN), *words, "--port", "0", "--state-dir", str(state)]
        self.command += ["--context", "4096", "--tool-port", "0", *flags]
        self.state = state
        self.output = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "RunningNode":
        self._process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.output = self._read_until("try it")
        found = re.search(r"address +(http://\S+/v1)", self.output)
        if not found:
            self.process.communicate()
            raise AssertionError(f"the node did not start: {self.output}")
        self.base = found.group(1)
        self.http = httpx.Client(base_url=self.base.removesuffix("/v1"), timeout=60)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.http.close()
        self.process.kill()
        self.process.communicate()

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process
        return self._process

    @property
    def engine(self) -> psutil.Process:
        """The engine's process, a child of the node."""
        return next(p for p in psutil.Process(self.process.pid).children() if "localswarm.engines.host" in p.cmdline())

    def ask(self, text: str = "What is 2 + 2?", **more: Any) -> httpx.Response:
        return self.http.post("/v1/chat/completions", json=body(text, **more))

    def stream(self, text: str = "What is 2 + 2?", **more: Any) -> list[dict[str, Any]]:
        """The events of a streamed answer; [DONE] is checked and left out."""
        with self.http.stream("POST", "/v1/chat/completions", json=body(text, stream=True, **more)) as response:
            assert response.status_code == 200, response.read()
            lines = [line[6:] for line in response.iter_lines() if line.startswith("data: ")]
        assert lines[-1] == "[DONE]"
        return [json.loads(line) for line in lines[:-1]]

    def load(self) -> dict[str, int]:
        load: dict[str, int] = self.http.get("/health").json()["load"]
        return load

    def wait_idle(self, seconds: float = 10) -> dict[str, int]:
        """Until no sequence runs or waits: the load then."""
        end = time.monotonic() + seconds
        while (load := self.load()) and (load["running"] or load["waiting"]):
            assert time.monotonic() < end, f"still busy: {load}"
            time.sleep(0.02)
        return load

    def wait_ready(self, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while self.http.get("/health").status_code != 200:
            assert time.monotonic() < end, "the node did not come back"
            time.sleep(0.05)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> tuple[float, int]:
        """Seconds until it was gone, and its exit code."""
        begun = time.monotonic()
        self.process.send_signal(sign)
        code = self.process.wait(timeout=30)
        return time.monotonic() - begun, code

    def _read_until(self, word: str) -> str:
        """Readline has no time-out of its own; pytest's ends a test that hangs here."""
        lines = []
        assert self.process.stdout
        for line in self.process.stdout:
            lines.append(line)
            if word in line:
                break
        return "".join(lines)


def body(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "swarm", "messages": [{"role": "user", "content": text}], "max_tokens": 16, "seed": 7} | more


def text_of(events: list[dict[str, Any]], index: int = 0) -> str:
    choices = [choice for event in events for choice in event["choices"] if choice["index"] == index]
    return "".join(choice["delta"].get("content") or "" for choice in choices)
