"""llama.cpp's RPC server in a process of its own, on loopback; only where llama.cpp was built with it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
from localswarm.engines.llama_cpp.rpc import has_rpc

COMMAND = (sys.executable, "-m", "localswarm.engines.llama_cpp.lend")


def needed() -> None:
    """In CI leaving a test out would hide that it never runs."""
    if not has_rpc() and "CI" not in os.environ:
        pytest.skip("llama.cpp was built here without its RPC backend")


@contextmanager
def lending(room: int = 2**30) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    words = (*COMMAND, str(room), "1")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            yield child, f"127.0.0.1:{_port(child.pid)}"
        finally:
            child.kill()


def _port(process: int) -> int:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for one in psutil.Process(process).net_connections("tcp4"):
            if one.status == psutil.CONN_LISTEN:
                assert one.laddr.ip == "127.0.0.1"
                return int(one.laddr.port)
        time.sleep(0.05)
    raise AssertionError("it does not listen")
