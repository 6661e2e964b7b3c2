"""What it costs to go through a node to another server, beside asking that one directly and beside LiteLLM's proxy.

`python -m tests.benchmarks.relay [--requests N] [--tokens N]`. The server behind is one that writes tokens at a steady
pace and costs nothing itself, so that what is measured is the way.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import psutil
from aiohttp import web

from ..contract.litellm.proxy import proxy
from .servers import ROOT, Ours, embedded_model

MODEL = "paced"
PACE_SECONDS = 0.005
WARM_UP = 3


@dataclass(frozen=True)
class Way:
    name: str
    port: int
    pid: int  # of the process whose CPU is counted; 0: nobody stands between


@dataclass(frozen=True)
class Cost:
    first: float  # milliseconds to the first token
    token: float  # milliseconds between two tokens
    cpu: float  # milliseconds of CPU a request


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    words = parser.parse_args()
    with ways() as found:
        rounds = [measure(found, words.requests, words.tokens) for _ in range(words.rounds)]
    print(table([way.name for way in found], rounds, words.tokens))


@contextmanager
def ways() -> Iterator[list[Way]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = stack.enter_context(paced())
        ours = Ours(embedded_model(), 1, ["--upstream", f"http://127.0.0.1:{port}", "--state-dir", str(folder)])
        ours.start()
        stack.callback(ours.stop)
        theirs = stack.enter_context(proxy(litellm_configuration(port), folder))
        yield [
            Way("directly", port, 0),
            Way("localswarm", ours.port, ours.pid),
            Way("LiteLLM's proxy", int(theirs.url.split(":")[2].removesuffix("/v1")), theirs.process.pid),
        ]


def litellm_configuration(port: int) -> str:
    parameters = {"model": f"openai/{MODEL}", "api_base": f"http://127.0.0.1:{port}/v1", "api_key": "none"}
    return json.dumps({"model_list": [{"model_name": MODEL, "litellm_params": parameters}]})


def measure(found: Sequence[Way], requests: int, tokens: int) -> list[Cost]:
    """They take turns, request by request: whatever else the machine does meets all of them. What a process does while
    another one is asked is not counted."""
    for way in found:
        for _ in range(WARM_UP):
            ask(way.port, tokens)
    lines: list[list[list[float]]] = [[] for _ in found]
    spent = [0.0 for _ in found]
    for _ in range(requests):
        for at, way in enumerate(found):
            before = cpu(way.pid)
            lines[at].append(ask(way.port, tokens))
            spent[at] += cpu(way.pid) - before
    return [_cost(times, tokens, 1000 * seconds / requests) for times, seconds in zip(lines, spent, strict=True)]


def _cost(times: Sequence[Sequence[float]], tokens: int, cpu_ms: float) -> Cost:
    """Several tokens can come in one piece."""
    gaps = [(one[-1] - one[0]) / (tokens - 1) for one in times]
    return Cost(1000 * median(one[0] for one in times), 1000 * median(gaps), cpu_ms)


def ask(port: int, tokens: int) -> list[float]:
    """Seconds until each piece of the text."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Go."}], "max_tokens": tokens, "stream": True}
    begun = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.status == 200, response.read()
    times = [time.perf_counter() - begun for line in response if b" word" in line]
    connection.close()
    return times


def cpu(pid: int) -> float:
    if not pid:
        return 0.0
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def table(names: Sequence[str], rounds: Sequence[Sequence[Cost]], tokens: int) -> str:
    costs = [
        Cost(*(median(getattr(one[at], name) for one in rounds) for name in ("first", "token", "cpu")))
        for at in range(len(names))
    ]
    lines = [f"answers of {tokens} tokens, medians of {len(rounds)} rounds", ""]
    lines += ["| | first token, ms | added | a token, ms | added | CPU a request, ms |", "|---|---|---|---|---|---|"]
    for name, cost in zip(names, costs, strict=True):
        added = cost.first - costs[0].first, cost.token - costs[0].token
        lines.append(
            f"| {name} | {cost.first:.1f} | {added[0]:.1f} | {cost.token:.3f} | {added[1]:.3f} | {cost.cpu:.1f} |"
        )
    return "\n".join([*lines, "", f"CPU, theirs to ours: {costs[2].cpu / costs[1].cpu:.1f}"])


@contextmanager
def paced() -> Iterator[int]:
    """The server behind, in a process of its own: its port."""
    command = [sys.executable, "-m", "tests.benchmarks.relay", "serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    try:
        assert process.stdout
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


async def serve() -> None:
    app = web.Application()
    app.router.add_get("/v1/models", _models)
    app.router.add_post("/v1/chat/completions", _answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def _models(_: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": MODEL, "object": "model", "max_model_len": 8192}]})


async def _answer(request: web.Request) -> web.StreamResponse:
    tokens = int((await request.json())["max_tokens"])
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for at in range(tokens):
        await response.write(_event({"content": f" word{at}"}, None))
        await asyncio.sleep(PACE_SECONDS)
    await response.write(_event({}, "stop"))
    usage = {"prompt_tokens": 5, "completion_tokens": tokens, "total_tokens": tokens + 5}
    await response.write(_chunk([], usage=usage) + b"data: [DONE]\n\n")
    return response


def _event(delta: dict[str, str], reason: str | None) -> bytes:
    return _chunk([{"index": 0, "delta": delta, "finish_reason": reason}])


def _chunk(choices: list[dict[str, object]], **more: object) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    return b"data: " + json.dumps(head | {"choices": choices} | more).encode() + b"\n\n"


if __name__ == "__main__":
    asyncio.run(serve()) if sys.argv[1:] == ["serve"] else main()
