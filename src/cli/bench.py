"""Tokens per second of this machine: reading prompts never seen before, and writing 1, 4 and 8 answers at once.

It measures the node that runs already, or starts one of its own.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from ..settings import OPTIONS, Settings
from . import amounts, connect, measure
from .client import Client, NodeFailed
from .measure import Figure
from .own_node import OwnNode, ended_by_sigterm
from .smoke import START_SECONDS, with_a_model
from .status import ask
from .table import table

EXAMPLES = """examples:
  python main.py bench
  python main.py bench --model ~/models/qwen.gguf --rounds 5
  python main.py bench --url http://localhost:17615 --json
"""
SETTINGS = tuple(option.name for option in OPTIONS)
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Report:
    model: str
    own_node: bool
    rounds: int
    figures: list[Figure]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    connect.add_flags(parser)
    parser.add_argument(
        "--rounds", type=amounts.count, default=ROUNDS, metavar="N", help=f"take the median of so many ({ROUNDS})"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(settings: Settings, words: argparse.Namespace) -> int:
    with ended_by_sigterm(), _node(settings, words) as (client, own):
        found = ask(client)
        if not own and found.load.get("running"):
            print("warning: the node is busy with other requests; they count against it.", file=sys.stderr)
        figures = [_said(figure) for figure in measure.every(client, found.models[-1], words.rounds)]
        report = Report(found.models[-1]["id"], own, words.rounds, figures)
    print(json.dumps(asdict(report), indent=2) if words.json else in_words(report))
    return 0


def in_words(report: Report) -> str:
    rows = [
        (figure.name, "-" if figure.rate is None else f"{figure.rate:.1f}", figure.note) for figure in report.figures
    ]
    whose = "a node of its own" if report.own_node else "the node that runs"
    return f"{report.model}, {whose}, medians of {report.rounds}\n\n" + table(("", "tokens/s", ""), rows)


@contextmanager
def _node(settings: Settings, words: argparse.Namespace) -> Iterator[tuple[Client, bool]]:
    """The one that is asked for or runs, and whether it is ours alone."""
    running = _running(settings, words)
    if running:
        yield running, False
        return
    _tell("starting a node ...")
    with OwnNode(with_a_model(settings), words.config, START_SECONDS) as node:
        node.start()
        yield node.client, True


def _running(settings: Settings, words: argparse.Namespace) -> Client | None:
    """With --model or --auto somebody wants that model, and not what happens to run."""
    if words.url is None and (settings.port == 0 or words.model or words.auto):
        return None
    client = connect.connect(settings, words)
    found = ask(client)
    if found.state == "ready":
        return client
    if words.url is not None:
        raise NodeFailed(found.message)
    return None


def _said(figure: Figure) -> Figure:
    _tell(f"{figure.name}: {'-' if figure.rate is None else f'{figure.rate:.1f} tokens/s'}")
    return figure


def _tell(text: str) -> None:
    """Progress, for whoever watches."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
