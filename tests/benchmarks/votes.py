"""`python -m tests.benchmarks.votes DATA [--model FILE] [--pairs N] [--seconds N] [--clients N]`: what a vote costs.

DATA as for `tests.benchmarks.calling`. First, on an idle node: the whole time of a vote of five on a prompt of 2,000
tokens that it has never seen, against that of one answer; the two take turns. Then with more clients than seats:
answers per second of `swarm` against `swarm:fast`, by turns.
"""

import argparse
import json
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from .calling.items import Item, items
from .client import prompt
from .servers import Ours, embedded_model

PROMPT_TOKENS = 2000
ANSWER_TOKENS = 200
KINDS = ("simple_python", "multiple")
FIVE = {"candidates": 5, "strategy": "vote"}


def main() -> int:
    words = _arguments()
    asked = [item for kind in KINDS for item in items(words.data, kind, words.pairs)]
    random.Random(1).shuffle(asked)
    server = Ours(words.model, words.threads, ("--self-test", "off", "--strategy", "auto"))
    server.start()
    try:
        costs = [pair(server.port, item, at) for at, item in enumerate(asked[: words.pairs])]
        print(f"vote of five / one answer, {len(costs)} pairs: {_spread(costs)}", flush=True)
        # What is read once stays known: who comes second would find it read.
        _rate(server.port, asked, "swarm:fast", words.clients, words.seconds)
        shares = [_load(server.port, asked, words, at) for at in range(words.rounds)]
        print(f"swarm / swarm:fast, {words.clients} clients, {len(shares)} rounds: {_spread(shares)}")
    finally:
        server.stop()
    return 0


def pair(port: int, item: Item, at: int) -> float:
    """Which comes first changes; what the first one read the second one must read itself."""
    order = ["swarm:vote", "swarm:fast"]
    if at % 2:
        order.reverse()
    taken = {model: _whole(port, item, model, f"{at} {model}") for model in order}
    print(json.dumps({"id": item.id, **taken}), file=sys.stderr, flush=True)
    return float(taken["swarm:vote"]["seconds"] / taken["swarm:fast"]["seconds"])


def _whole(port: int, item: Item, model: str, seed: str) -> dict[str, Any]:
    body = _body(item, model) | ({"swarm": FIVE} if model == "swarm:vote" else {})
    filling = prompt(PROMPT_TOKENS, sum(map(ord, seed)))
    body["messages"] = [{"role": "system", "content": filling}, *body["messages"]]
    begun = time.monotonic()
    said = httpx.post(f"http://127.0.0.1:{port}/v1/chat/completions", json=body, timeout=900).json()
    seconds = time.monotonic() - begun
    usage, swarm = said["usage"], said.get("swarm") or {}
    return {
        "seconds": round(seconds, 3),
        "read": usage["prompt_tokens"],
        "written": usage["completion_tokens"],
        "ballots": len(swarm.get("ballots") or [None]),
    }


def _load(port: int, asked: list[Item], words: argparse.Namespace, at: int) -> float:
    order = ["swarm", "swarm:fast"]
    if at % 2:
        order.reverse()
    rates = {model: _rate(port, asked, model, words.clients, words.seconds) for model in order}
    print(json.dumps({"answers per second": rates}), file=sys.stderr, flush=True)
    return rates["swarm"] / rates["swarm:fast"]


def _rate(port: int, asked: list[Item], model: str, clients: int, seconds: float) -> float:
    """Each client asks again as soon as it has an answer; only those that came in time count."""
    end = time.monotonic() + seconds

    def client(at: int) -> int:
        count = 0
        while time.monotonic() < end:
            item = asked[(at + count * clients) % len(asked)]
            httpx.post(f"http://127.0.0.1:{port}/v1/chat/completions", json=_body(item, model), timeout=900)
            count += time.monotonic() < end
        return count

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(client, range(clients))) / seconds


def _body(item: Item, model: str) -> dict[str, Any]:
    return {
        "model": model,
        "messages": list(item.messages),
        "tools": item.tools,
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "max_tokens": ANSWER_TOKENS,
    }


def _spread(found: list[float]) -> str:
    return f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.votes")
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, default=embedded_model())
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
