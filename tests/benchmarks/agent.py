"""`python -m tests.benchmarks.agent [--model FILE] [--rounds N]`: what a coding agent waits for.

It sends a prompt of 7,000 tokens and, at the same moment, a small request for a title; then a second turn that repeats
the first one and adds a little.
"""

import argparse
import sys
import threading
import time
from pathlib import Path
from statistics import median

from . import client
from .cases import new
from .client import user
from .servers import Ours, Server, Theirs, embedded_model

PROMPT, TITLE, MORE = 7000, 560, 60
TITLE_TOKENS, ANSWER_TOKENS = 12, 24
# The title comes a moment after the prompt, when that is being read.
MOMENT = 0.3


def main() -> int:
    words = _arguments()
    servers: list[Server] = [server(words.model, words.threads) for server in (Ours, Theirs)]
    rounds: dict[str, list[dict[str, float]]] = {server.name: [] for server in servers}
    for server in servers:
        server.start()
    try:
        for turn in range(words.rounds):
            for server in servers if turn % 2 else servers[::-1]:
                rounds[server.name].append(one_round(server))
    finally:
        for server in servers:
            server.stop()
    for name, found in rounds.items():
        print(name)
        for figure in found[0]:
            values = [one[figure] for one in found]
            print(f"  {figure}: {median(values):.2f} ({min(values):.2f} to {max(values):.2f})")
    return 0


def one_round(server: Server) -> dict[str, float]:
    alone = _seconds(server, TITLE, TITLE_TOKENS)
    prompt = new(PROMPT)
    first: list[client.Timeline] = []
    thread = threading.Thread(target=lambda: first.append(client.ask(server.port, user(prompt), ANSWER_TOKENS)))
    thread.start()
    time.sleep(MOMENT)
    beside = _seconds(server, TITLE, TITLE_TOKENS)
    thread.join()
    said = {"role": "assistant", "content": first[0].text}
    again = client.ask(server.port, [*user(prompt), said, *user(new(MORE))], ANSWER_TOKENS)
    return {
        "title alone, s": alone,
        "title beside the prompt, s": beside,
        "title beside against alone, times": beside / alone,
        "first token of the prompt, s": first[0].first,
        "first token of the second turn, s": again.first,
        "second turn against first, %": 100 * again.first / first[0].first,
    }


def _seconds(server: Server, prompt: int, answer: int) -> float:
    begun = time.perf_counter()
    client.ask(server.port, user(new(prompt)), answer)
    return time.perf_counter() - begun


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.agent")
    parser.add_argument("--model", type=Path, default=embedded_model())
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
