"""`python main.py dev bench [--rounds N] [--threads N] [--case NAME] [--model FILE] [--json FILE] [--curve]`"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import psutil

from . import overhead
from .cases import CASES, Case
from .servers import Ours, Server, Theirs, embedded_model

Results = dict[str, dict[str, list[float]]]


def main() -> int:
    words = _arguments()
    if words.curve:
        from .curve import draw_curve

        draw_curve(words.model, words.threads)
        return 0
    servers: list[Server] = [server(words.model, words.threads) for server in (Ours, Theirs)]
    cases = [case for case in CASES if not words.case or case.__name__ in words.case]
    results = measure(servers, cases, words.rounds)
    hop = _overhead(servers[0]) if not words.case else None
    print(table(results, [server.name for server in servers], words.threads, words.rounds))
    if hop:
        print(f"\nHTTP, parsing and process hop, added to the first token: {hop['added']:.1f} ms")
    if words.json:
        words.json.write_text(json.dumps({"results": results, "overhead_ms": hop, "threads": words.threads}, indent=2))
    return 0


def measure(servers: list[Server], cases: list[Case], rounds: int) -> Results:
    """They take turns, so that whatever else the machine does meets both. Neither is started anew between the cases:
    a server that is kept running has a full cache."""
    results: Results = defaultdict(lambda: defaultdict(list))
    with running(servers):
        for turn in range(rounds):
            for case in cases:
                for server in servers if turn % 2 == 0 else servers[::-1]:
                    for figure, value in case(server).items():
                        results[figure][server.name].append(value)
                        print(f"round {turn + 1}: {server.name}: {figure}: {value:.3f}", file=sys.stderr, flush=True)
    return results


@contextmanager
def running(servers: list[Server]) -> Iterator[None]:
    with ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.stop)
        yield


def table(results: Results, names: list[str], threads: int, rounds: int) -> str:
    ours, theirs = names
    lines = [f"medians of {rounds} rounds, {threads} threads", ""]
    lines += [f"| figure | {ours} | {theirs} | ratio |", "|---|---|---|---|"]
    for figure, values in results.items():
        # Round by round: the machine's speed drifts, and both meet the same in one round.
        ratio = median(a / b for a, b in zip(values[ours], values[theirs], strict=True))
        lines.append(f"| {figure} | {median(values[ours]):.3g} | {median(values[theirs]):.3g} | {ratio:.2f} |")
    return "\n".join(lines)


def _overhead(server: Server) -> dict[str, float]:
    with running([server]):
        http = overhead.over_http(server)
    direct = overhead.in_process(server)
    return {"http": http, "in_process": direct, "added": http - direct}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python main.py dev bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=psutil.cpu_count(logical=False) or 1)
    parser.add_argument("--case", action="append", choices=[case.__name__ for case in CASES])
    parser.add_argument("--model", type=Path, default=embedded_model())
    parser.add_argument("--json", type=Path)
    parser.add_argument("--curve", action="store_true", help="draw docs/cost-curve.svg instead")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
