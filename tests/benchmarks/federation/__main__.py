"""`python -m tests.benchmarks.federation [NAME ...] [--json FILE]`: what was asked of a swarm, and what was found.

Linux and root, as for the network lab; all of it takes about ten minutes.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from . import churn, ended, first_token, frozen, idle, parallel, prefix, relay, seen, simulated
from .figure import Figure, table

MEASUREMENTS: dict[str, Callable[[], Iterator[Figure]]] = {
    module.__name__.rpartition(".")[2]: module.measure
    for module in (seen, ended, frozen, idle, first_token, relay, parallel, prefix, churn, simulated)
}


def main() -> int:
    words = _arguments()
    figures = []
    for name in words.names or MEASUREMENTS:
        for figure in MEASUREMENTS[name]():
            figures.append(figure)
            print(figure.row, file=sys.stderr, flush=True)
    print(table(figures))
    if words.json:
        words.json.write_text(json.dumps([asdict(figure) | {"met": figure.met} for figure in figures], indent=2))
    return 0 if all(figure.met for figure in figures) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.federation", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    if unknown := set(words.names) - set(MEASUREMENTS):
        parser.error(f"There is no measurement {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}.")
    return words


if __name__ == "__main__":
    sys.exit(main())
