"""LiteLLM's proxy in a process of its own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

START_SECONDS = 100
# It must ask nobody on the internet for prices or news.
QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "NO_DOCS": "True"}


class Proxy:
    def __init__(self, url: str, process: "subprocess.Popen[bytes]") -> None:
        self.url = url
        self.process = process


@contextlib.contextmanager
def proxy(configuration: str, folder: Path, **environ: str) -> Iterator[Proxy]:
    file = folder / "litellm.yaml"
    file.write_text(configuration)
    port = _free_port()
    command = [str(Path(sys.executable).with_name("litellm")), "--config", str(file), "--port", str(port)]
    with (folder / "litellm.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--telemetry", "False"],
            stdout=log, stderr=subprocess.STDOUT, env=os.environ | QUIET | environ, cwd=folder,
        )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}", process, folder / "litellm.log")
        yield Proxy(f"http://127.0.0.1:{port}/v1", process)
    finally:
        process.kill()
        process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/health/liveliness", timeout=5).status_code == 200:
                return
        assert process.poll() is None and time.monotonic() < end, log.read_text()[-2000:]
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
