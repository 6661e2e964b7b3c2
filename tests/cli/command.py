"""The command line as its users have it, in a process of its own; and a node that answers what a test wants."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ..running import MAIN

# Found by no settings file and no state folder of whoever runs the tests.
NOWHERE = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "XDG_STATE_HOME": "/nonexistent"}
# As tests/conftest.py has it for every other program: this network has machines that are none of our business.
ALONE = {"LOCALSWARM_FEDERATION": "false"}


def environment(**more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LOCALSWARM_")}
    return plain | NOWHERE | ALONE | more


def run(*words: str, given: str | None = "", cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MAIN), *words]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", input=given, timeout=60, env=environment(**more), cwd=cwd
    )


def sentence(said: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The one sentence that a command ended with."""
    assert said.returncode == code, said
    assert said.stderr.startswith("error: ") and said.stderr.count("\n") == 1, said.stderr
    return said.stderr


@contextmanager
def answering(answers: Mapping[str, tuple[int, bytes]]) -> Iterator[tuple[str, list[Any]]]:
    """A server with an answer for each path: its address, and the requests as they came, headers first."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            seen.append((dict(self.headers), json.loads(self.rfile.read(length)) if length else None))
            status, body = answers.get(self.path, (404, b"{}"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_HEAD = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Not on the test's stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
