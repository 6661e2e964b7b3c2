"""Tokens per second of this machine: reading prompts never seen before, and writing 1, 4 and 8 answers at once.

It measures the node that runs already, or starts one of its own. `bench quality` asks it questions with known answers
instead, each once, by vote, and as the node does by itself: does voting pay on these machines?
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..settings import OPTIONS, Settings
from . import amounts, connect, measure
from .client import Client, NodeFailed
from .measure import Figure
from .own_node import OwnNode, ended_by_sigterm
from .quality import command as quality
from .smoke import START_SECONDS, with_a_model
from .status import Status, ask
from .table import table

EXAMPLES = """examples:
  python main.py bench
  python main.py bench --model ~/models/qwen.gguf --rounds 5
  python main.py bench --url http://localhost:17615 --json
  python main.py bench quality
  python main.py bench quality --sets calls,sums --count 40 --json rows.json --plot picture.svg
"""
SETTINGS = tuple(option.name for option in OPTIONS)
ROUNDS = 3
QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class Report:
    model: str
    own_node: bool
    rounds: int
    figures: list[Figure]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    connect.add_flags(parser)
    parser.add_argument("what", nargs="?", choices=(QUALITY,), help="how often answers are right, and not how fast")
    parser.add_argument(
        "--rounds", type=amounts.count, default=ROUNDS, metavar="N", help=f"take the median of so many ({ROUNDS})"
    )
    text = "print JSON, or write it into FILE beside the table"
    parser.add_argument("--json", nargs="?", type=_file, const=quality.STDOUT, metavar="FILE", help=text)
    quality.add_flags(parser)


def run(settings: Settings, words: argparse.Namespace) -> int:
    if words.what == QUALITY:
        return _quality(settings, words)
    with ended_by_sigterm(), _node(settings, words) as (client, own):
        found = ask(client)
        _warn_of_load(found, own)
        figures = [_said(figure) for figure in measure.every(client, found.models[-1], words.rounds)]
        report = Report(found.models[-1]["id"], own, words.rounds, figures)
    _give(in_words(report), asdict(report), words.json)
    return 0


def _quality(settings: Settings, words: argparse.Namespace) -> int:
    plan = quality.plan(settings, words)
    with ended_by_sigterm(), _node(settings, words) as (client, own):
        _warn_of_load(ask(client), own)
        report = quality.run(client, own, plan)
    _give(quality.told(report), report.json(), words.json)
    return 0


def _give(text: str, found: dict[str, Any], file: Path | None) -> None:
    whole = json.dumps(found, indent=2)
    print(whole if file == quality.STDOUT else text)
    if file and file != quality.STDOUT:
        quality.write(file, whole + "\n")


def _warn_of_load(found: Status, own: bool) -> None:
    if not own and found.load.get("running"):
        print("warning: the node is busy with other requests; they count against it.", file=sys.stderr)


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


def _file(said: str) -> Path:
    """`bench --json quality` would measure the speed, and write it into a file of that name."""
    if said == QUALITY:
        raise argparse.ArgumentTypeError(f"write: bench {QUALITY} --json")
    return Path(said)


def _tell(text: str) -> None:
    """Progress, for whoever watches."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
