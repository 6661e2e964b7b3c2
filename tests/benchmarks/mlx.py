"""`python -m tests.benchmarks.mlx FOLDER [--rounds N] [--context N]`: the MLX engine beside mlx_lm.server.

Both are servers over HTTP with the same folder, and choose the likeliest token. They take turns, and the ratio is made
round by round: the machine's speed drifts. What is a time is compared as theirs to ours, what is a speed as ours to
theirs, so more than 1 is better everywhere. Beside it the processor's seconds that the server's processes took for it,
theirs to ours: on a machine that others use too these say more than the clock.
"""

import argparse
import json
import os
import re
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import psutil

from .client import Timeline, _note, prompt, user
from .servers import Ours, Server

WRITTEN = 48


class Theirs(Server):
    name = "mlx_lm.server"

    def command(self) -> list[str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._chosen = free.getsockname()[1]
        words = ["--model", str(self.model), "--host", "127.0.0.1", "--port", str(self._chosen)]
        return [sys.executable, "-W", "ignore", "-m", "mlx_lm", "server", *words]

    def find_port(self, log: str) -> int | None:
        return self._chosen if re.search("Starting httpd", log) else None


def ask(server: Server, messages: list[dict[str, str]], tokens: int, n: int = 1) -> Timeline:
    body = {"messages": messages, "max_tokens": tokens, "temperature": 0, "stream": True, "n": n}
    if isinstance(server, Theirs):
        body |= {"model": str(server.model)}
    line = Timeline()
    begun = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=900)
    options = {"stream_options": {"include_usage": True}}
    connection.request("POST", "/v1/chat/completions", json.dumps(body | options), {"Content-Type": "application/json"})
    for data in connection.getresponse():
        if data.startswith(b"data: {"):
            _note(line, json.loads(data[6:]), time.perf_counter() - begun)
    line.end = time.perf_counter() - begun
    connection.close()
    return line


def together(asks: list[Callable[[], Timeline]]) -> list[Timeline]:
    lines: list[Timeline] = []
    threads = [threading.Thread(target=lambda one=one: lines.append(one())) for one in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lines


def one_stream(server: Server, seed: int) -> float:
    return ask(server, user(prompt(30, seed)), WRITTEN).rate


def four_streams(server: Server, seed: int) -> float:
    begun = time.perf_counter()
    asks = [lambda at=at: ask(server, user(prompt(40, 10 * seed + at)), WRITTEN) for at in range(4)]
    written = sum(line.usage["completion_tokens"] for line in together(asks))  # type: ignore[arg-type]
    return float(written / (time.perf_counter() - begun))


def five_candidates(server: Server, seed: int) -> float:
    """mlx_lm.server knows no `n`: its client asks five times."""
    question, begun = user(prompt(400, seed)), time.perf_counter()
    if isinstance(server, Theirs):
        together([lambda: ask(server, question, 24)] * 5)
    else:
        ask(server, question, 24, n=5)
    return time.perf_counter() - begun


def second_turn(server: Server, seed: int) -> float:
    question = user(prompt(600, seed))
    first = ask(server, question, 16)
    return ask(server, [*question, {"role": "assistant", "content": first.text}, *user("And then?")], 4).first


def cold(server: Server, seed: int) -> float:
    return ask(server, user(prompt(600, seed)), 4).first


SPEEDS = {"one stream, tokens/s": one_stream, "4 streams, tokens/s in all": four_streams}
TIMES = {
    "first token of a 600-token prompt, s": cold,
    "n=5 on a 400-token prompt, s": five_candidates,
    "second turn after 600 tokens, first token, s": second_turn,
}


def main() -> int:
    words = _arguments()
    servers: list[Server] = [
        Ours(words.folder, os.cpu_count() or 1, ["--state-dir", str(words.state)]),
        Theirs(words.folder, 0),
    ]
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    took: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for server in servers:
        server.start()
    try:
        for turn in range(words.rounds):
            for at, (figure, case) in enumerate((SPEEDS | TIMES).items()):
                for server in servers if turn % 2 else servers[::-1]:
                    seed = words.seed + 1000 * turn + 20 * at
                    before = processor(server)
                    values[figure][server.name].append(case(server, seed))
                    took[figure][server.name].append(processor(server) - before)
                    told = (
                        f"{values[figure][server.name][-1]:.3f}, {took[figure][server.name][-1]:.2f} s of the processor"
                    )
                    print(f"{turn + 1}: {server.name}: {figure}: {told}", file=sys.stderr)
    finally:
        for server in servers:
            server.stop()
    _print(values, took)
    return 0


def processor(server: Server) -> float:
    """Seconds that its processes have taken until now."""
    whole = psutil.Process(server.pid)
    times = [process.cpu_times() for process in [whole, *whole.children(recursive=True)]]
    return float(sum(one.user + one.system for one in times))


def _print(values: dict[str, dict[str, list[float]]], took: dict[str, dict[str, list[float]]]) -> None:
    print("| figure | ours | mlx_lm.server | ratio | ratio of the processor's time |\n|---|---|---|---|---|")
    for figure, of in values.items():
        ours, theirs = of[Ours.name], of[Theirs.name]
        better = [a / b if figure in SPEEDS else b / a for a, b in zip(ours, theirs, strict=True)]
        cheaper = [b / a for a, b in zip(took[figure][Ours.name], took[figure][Theirs.name], strict=True)]
        ratios = f"{median(better):.2f} | {median(cheaper):.2f}"
        print(f"| {figure} | {median(ours):.3g} | {median(theirs):.3g} | {ratios} |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 10**6, help="prompts are new with each")
    parser.add_argument("--state", type=Path, required=True, help="a folder of its own for our node")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
