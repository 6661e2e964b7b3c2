"""What is measured. Each case takes a running server and gives figures; every prompt is new to it."""

import itertools
import threading
import time
from collections.abc import Callable
from statistics import median

from .client import Timeline, ask, ask_all, prompt, user
from .servers import Server

Figures = dict[str, float]
Case = Callable[[Server], Figures]

LONG, LONGER = 2000, 4000
seeds = itertools.count(1)


def new(tokens: int) -> str:
    return prompt(tokens, next(seeds))


def one_stream(server: Server) -> Figures:
    return {"one stream, tokens/s": median(ask(server.port, user(new(30)), 160).rate for _ in range(5))}


def cold(server: Server) -> Figures:
    return {"first token of a 2,000-token prompt, s": ask(server.port, user(new(LONG)), 8).first}


def eight_streams(server: Server) -> Figures:
    return {"8 streams, tokens/s in all": median(rate_of_eight(server) for _ in range(3))}


def rate_of_eight(server: Server) -> float:
    begun = time.perf_counter()
    lines = ask_all(server.port, [(user(new(60)), 64) for _ in range(8)])
    total = sum(line.usage["completion_tokens"] for line in lines)
    return float(total / (time.perf_counter() - begun))


def candidates(server: Server) -> Figures:
    one = ask(server.port, user(new(LONG)), 32).end
    five = ask(server.port, user(new(LONG)), 32, n=5).end
    return {"n=5 on a 2,000-token prompt, s": five, "n=5 against one answer, times": five / one}


def same_prefix(server: Server) -> Figures:
    head = new(LONG)
    begun = time.perf_counter()
    ask_all(server.port, [(user(f"{head} and {tail}"), 8) for tail in ("cats", "dogs", "birds", "fish")])
    return {"4 requests with one new 2,000-token prefix, s": time.perf_counter() - begun}


def second_turn(server: Server) -> Figures:
    question = user(new(LONGER))
    first = ask(server.port, question, 24)
    second = ask(server.port, [*question, {"role": "assistant", "content": first.text}, *user("And then?")], 8)
    return {
        "second turn after 4,000 tokens, first token, s": second.first,
        "second turn against cold, %": 100 * second.first / first.first,
    }


def gap(server: Server) -> Figures:
    lines: list[Timeline] = []
    writer = threading.Thread(target=lambda: lines.append(ask(server.port, user(new(30)), 160)))
    writer.start()
    time.sleep(0.5)
    reader = ask(server.port, user(new(LONGER)), 8)
    writer.join()
    return {
        "longest gap while 4,000 tokens are read, s": lines[0].longest_gap,
        "first token of those 4,000, s": reader.first,
    }


def memory(server: Server) -> Figures:
    one, five = peak_memory(server, 1), peak_memory(server, 5)
    return {"memory with n=1, MiB": one / 2**20, "memory n=5 against n=1, times": five / one}


def peak_memory(server: Server, candidates: int) -> int:
    worker = threading.Thread(target=ask, args=(server.port, user(new(500)), 40, candidates))
    worker.start()
    peak = 0
    while worker.is_alive():
        peak = max(peak, server.memory())
        time.sleep(0.1)
    return peak


CASES: list[Case] = [one_stream, cold, eight_streams, candidates, same_prefix, second_turn, gap, memory]
