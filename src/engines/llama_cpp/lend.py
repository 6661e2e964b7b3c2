"""Lends this machine's devices: `python -m localswarm.engines.llama_cpp.lend BYTES THREADS`, until stdin ends.

With `terms` in place of the numbers it prints, as JSON, what there is to lend: nothing, where llama.cpp was built
without its RPC backend.
"""

import json
import os
import sys
import threading
from contextlib import suppress
from dataclasses import asdict

from ..host import native_settings, private_stdout

# Beside what is lent: Python, the libraries, and the largest tensor while it is received.
OWN_BYTES = 2 * 2**30


def terms() -> None:
    with private_stdout() as output:
        from .rpc import described, has_rpc, own_devices

        found = [asdict(described(device)) for device in own_devices()] if has_rpc() else []
        output.write(json.dumps(found).encode())


def lend(room: int, threads: int) -> None:
    """`room`: bytes of main memory, where it is the processor that is lent; else 0."""
    private_stdout()
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    for name, value in native_settings(threads).items():
        os.putenv(name, value)
    from .rpc import own_devices, serve

    if room:
        _stay_below(room + OWN_BYTES)
    serve(own_devices(), threads)


def _stay_below(size: int) -> None:
    """Whoever borrows says himself how much he takes: it must not be more than was lent."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _end_with_stdin() -> None:
    """Whoever started it holds the other end, and is gone."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1:] == ["terms"]:
        terms()
    else:
        lend(*map(int, sys.argv[1:]))
