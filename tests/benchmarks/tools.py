"""What a call of a tool costs beside running the same command directly. `python -m tests.benchmarks.tools [--calls N]`

The host is a real node that is asked over HTTP on this machine. All ways take turns, call by call.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import anyio
import psutil
from localswarm.tools.files import Root
from localswarm.tools.sandbox import NoSandbox
from localswarm.tools.sandbox.landlock.walls import Landlock
from localswarm.tools.sandbox.namespaces import Namespaces
from localswarm.tools.sandbox.project import Kind, Project, find

from .servers import Ours, embedded_model

COMMAND = "true"
AT_ONCE = 20
OUTPUT = "yes 0123456789 | head -c 100M"
SOMEBODY = 65534
WARM_UP = 3
Way = Callable[[], object]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=60)
    calls = parser.parse_args().calls
    with ways() as (found, host):
        print(table(measure(found, calls), calls))
        print(f"\n{AT_ONCE} calls of bash at once: {at_once(host):.0f} ms for all of them")
        before, after, seconds = output(host)
        print(f"100 MB of output: {seconds:.1f} s, the node's memory from {before:.0f} to {after:.0f} MiB")
    return 0


@contextmanager
def ways() -> Iterator[tuple[Mapping[str, Way], Ours]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        project = stack.enter_context(a_project())
        words = ["--state-dir", str(folder), "--tool-server", "--root", str(project), "--yes-tools"]
        words += ["--tool-port", "0", "--no-federation"]
        host = Ours(embedded_model(), 1, words)
        host.start()
        stack.callback(host.stop)
        root = Root(project)
        stack.callback(root.close)
        yield dict(_ways(host, root)), host


def _ways(host: Ours, root: Root) -> Iterator[tuple[str, Way]]:
    yield "directly", partial(subprocess.run, ["bash", "-c", COMMAND], stdin=subprocess.DEVNULL, cwd=root.folder)
    for name, kind in (("bubblewrap alone", Namespaces), ("Landlock alone", Landlock)):
        if sandbox := found(root, kind):
            yield name, partial(anyio.run, in_sandbox, sandbox)
    kept = HTTPConnection("127.0.0.1", host.port, timeout=60)
    yield "host, bash", partial(execute, kept, "bash", command=COMMAND)
    yield "host, read", partial(execute, kept, "read", path="file")
    yield "host, grep", partial(execute, kept, "grep", pattern="needle")


@contextmanager
def a_project() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="project-")).resolve()
    (folder / "file").write_text("a line\n" * 100)
    if os.geteuid() == 0:
        for each in (folder, folder / "file"):
            os.chown(each, SOMEBODY, SOMEBODY)
    yield folder
    shutil.rmtree(folder)


def found(root: Root, kind: Kind) -> Project | None:
    try:
        return anyio.run(find, root, [kind])
    except NoSandbox as error:
        print(error.message, file=sys.stderr)
        return None


async def in_sandbox(project: Project) -> None:
    ended = await project.run(["bash", "-c", COMMAND], 30, lambda chunk: True)
    assert ended.code == 0, ended


def execute(connection: HTTPConnection, tool: str, **arguments: str) -> Mapping[str, Any]:
    body = json.dumps({"id": os.urandom(8).hex(), "tool": tool, "arguments": arguments})
    connection.request("POST", "/v1/tools/execute", body, {"Content-Type": "application/json"})
    said: Mapping[str, Any] = json.loads(connection.getresponse().read())
    assert said["state"] == "done", said
    return said


def measure(found: Mapping[str, Way], calls: int) -> Mapping[str, list[float]]:
    for way in found.values():
        for _ in range(WARM_UP):
            way()
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(calls):
        for name, way in found.items():
            begun = time.perf_counter()
            way()
            times[name].append(1000 * (time.perf_counter() - begun))
    return times


def at_once(host: Ours) -> float:
    """Milliseconds until the last one has its answer."""

    def one() -> None:
        execute(HTTPConnection("127.0.0.1", host.port, timeout=60), "bash", command=COMMAND)

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 1000 * (time.perf_counter() - begun)


def output(host: Ours) -> tuple[float, float, float]:
    """The node's own memory before and after, in MiB, and the seconds."""
    node = psutil.Process(host.pid)
    before, begun = node.memory_info().rss, time.perf_counter()
    execute(HTTPConnection("127.0.0.1", host.port, timeout=60), "bash", command=OUTPUT)
    return before / 2**20, node.memory_info().rss / 2**20, time.perf_counter() - begun


def table(times: Mapping[str, list[float]], calls: int) -> str:
    direct = median(times["directly"])
    lines = [f"medians of {calls} calls, in ms", "", "| | median | 95 of 100 | beyond directly |", "|---|---|---|---|"]
    for name, each in times.items():
        most = quantiles(each, n=20)[-1]
        lines.append(f"| {name} | {median(each):.1f} | {most:.1f} | {median(each) - direct:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
