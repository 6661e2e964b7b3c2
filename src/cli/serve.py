"""Serve a language model of this machine behind an OpenAI-compatible endpoint."""

import argparse
import shlex
import sys
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, TextIO

import anyio

from ..settings import OPTIONS, Settings, same_again

if TYPE_CHECKING:
    from .. import node

EXAMPLES = """examples:
  python main.py --auto                            the best model for this machine, on port 17615
  python main.py --model ~/models/qwen.gguf        any GGUF file
  python main.py --auto --context 4096 --instances 4
  python main.py dev test                          the tests
"""
SETTINGS = tuple(option.name for option in OPTIONS)
BAR_WIDTH = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything that it takes is a setting."""


def run(settings: Settings, words: argparse.Namespace) -> int:
    # Here and not above: loading the whole server takes a second, which --help and --version need not wait for.
    from .. import node

    made = node.build(settings)
    made.on_progress = LoadingBar(sys.stderr).show
    anyio.run(made.run, lambda started: print(summary(started), flush=True))
    return 0


def summary(started: "node.Started") -> str:
    card = started.card
    rows = [
        ("machine", started.hardware.describe()),
        ("model", f"{started.choice.name}, {card.weights_bytes / 2**20:.0f} MiB: {started.choice.why}"),
        ("context", f"{card.context} tokens a request; {card.seats} seats share memory for {card.pool} tokens"),
        ("address", started.url),
        ("again", again(started)),
        ("try it", example(started)),
    ]
    if started.key_file:
        rows.insert(4, ("key", f"clients must send the API key in {started.key_file}"))
    lines = [f"Local Swarm {version('localswarm')} is ready. Ctrl-C stops it.", ""]
    return "\n".join([*lines, *(f"  {name:<8} {text}" for name, text in rows), ""])


def again(started: "node.Started") -> str:
    """The command that starts exactly this configuration, whatever --auto would choose another time."""
    settings = replace(
        started.settings,
        auto=False,
        model=str(started.choice.path),
        context=started.card.context,
        port=int(started.url.rsplit(":", 1)[1].removesuffix("/v1")),
    )
    return shlex.join(["python", "main.py", *same_again(settings)])


def example(started: "node.Started") -> str:
    key = f"-H \"Authorization: Bearer $(cat '{started.key_file}')\" " if started.key_file else ""
    body = '{"model":"swarm","messages":[{"role":"user","content":"Hello"}]}'
    return f"curl {started.url}/chat/completions {key}-d '{body}'"


class LoadingBar:
    """Loading a model takes seconds to minutes: a line that fills, on a terminal only."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._shown = out.isatty()

    def show(self, part: float) -> None:
        if not self._shown:
            return
        filled = round(part * BAR_WIDTH)
        end = "\n" if part >= 1 else ""
        self._out.write(f"\rloading the model [{'#' * filled}{' ' * (BAR_WIDTH - filled)}] {part:4.0%}{end}")
        self._out.flush()
