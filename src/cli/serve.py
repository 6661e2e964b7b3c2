"""Serve a language model of this machine behind an OpenAI-compatible endpoint."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from ..errors import ModelUnusable, SettingError
from ..models.fit.select import Ranked
from ..node.version import VERSION
from ..settings import OPTIONS, Settings, same_again
from . import mounts
from .bars import DownloadBar, LoadingBar
from .menu import Entry, choose_from
from .models import best_of_each
from .table import gib

if TYPE_CHECKING:
    from ..node.build import Tell
    from ..node.node import Started

EXAMPLES = """examples:
  python main.py --auto                            the best model for this machine, on port 17615
  python main.py                                   choose from a short menu
  python main.py --model qwen2.5-coder:7b:4bit     one of the catalogue (python main.py models)
  python main.py --model ~/models/qwen.gguf        any GGUF file
  python main.py --auto --context 4096 --instances 4
  python main.py --engine vllm --model Qwen/Qwen3-8B
  python main.py --auto --join CODE                together with the machine that showed this line
  python main.py dev test                          the tests
"""
SETTINGS = tuple(option.name for option in OPTIONS)
IN_MENU = 12
TRIES = 4  # models that --auto loads, one after the other, where the best ones fail


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything that it takes is a setting."""


def run(settings: Settings, words: argparse.Namespace) -> int:
    mounts.check(settings, words, settings.tool_server, "add --tool-server --root FOLDER")
    # Here and not above: loading the whole server takes a second, which --help and --version need not wait for.
    if settings.engine == "vllm":
        from . import serve_vllm

        return serve_vllm.run(settings)
    from ..node.build import Tell, build

    tell = Tell(lambda said: print(said, file=sys.stderr, flush=True), DownloadBar(sys.stderr).show)
    if not (settings.auto or settings.model):
        model = _asked(settings, tell)
        if model is None:
            return 0
        settings = replace(settings, model=model)
    failed: frozenset[str] = frozenset()
    while True:
        made = build(settings, tell, failed)
        made.on_progress = LoadingBar(sys.stderr).show
        try:
            anyio.run(made.run, lambda started: print(summary(started), flush=True))
            return 0
        except ModelUnusable as error:
            if settings.model or len(failed) == TRIES - 1:
                raise
            tell.say(f"{made.choice.name} could not be loaded: {error.message} Trying the next best.")
            failed |= {made.choice.name}
            # What is for one start was done.
            settings = replace(settings, join=None, pair=None)


def _asked(settings: Settings, tell: "Tell") -> str | None:
    """What the user takes from a short menu; None when he leaves it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise SettingError(
            "No model was asked for. Take the best one for this machine with: python main.py --auto. "
            "What else there is: python main.py models"
        )
    from ..node.build import survey

    ground = survey(settings, tell)
    offered = best_of_each(ground.chooser.catalogued())[:IN_MENU]
    entries = [Entry(one.card.id, _detail(one), one.refusal is None, one.refusal or "") for one in offered]
    chosen = choose_from(entries, f"Which model? {ground.hardware.describe()}")
    return None if chosen is None else offered[chosen].card.id


def _detail(one: Ranked) -> str:
    speed, setup = one.plan.speed, one.plan.setup
    return f"{one.card.bytes / 2**30:5.1f} GiB  {setup.context // 1024:4}k context  ~{speed.writing:.0f} tokens/s"


def summary(started: "Started") -> str:
    card, plan = started.card, started.choice.plan
    rows = [
        ("machine", started.hardware.describe()),
        ("model", f"{started.choice.name}, {card.weights_bytes / 2**20:.0f} MiB: {started.choice.why}"),
        ("memory", f"{gib(plan.need.total)} of the {gib(plan.room)} that may be taken in {plan.where}"),
        ("context", f"{card.context} tokens a request; {card.seats} seats share {card.pool} tokens, kept as {card.kv}"),
    ]
    return page(rows, started.notes, started.url, again(started), started.key_file, started.join)


def page(
    rows: Sequence[tuple[str, str]], notes: Sequence[str], url: str, again: str, key_file: Path | None, join: str
) -> str:
    """`rows`: what is served; the rest is said of every node. `join`: how another machine does; empty: none may."""
    every = [
        *rows,
        *(("note", note) for note in notes),
        ("address", url),
        *([("key", f"clients must send the API key in {key_file}")] if key_file else []),
        *([("join", join)] if join else []),
        ("again", again),
        ("try it", example(url, key_file)),
    ]
    lines = [f"Local Swarm {VERSION} is ready. Ctrl-C stops it.", ""]
    return "\n".join([*lines, *(f"  {name:<8} {text}" for name, text in every), ""])


def again(started: "Started") -> str:
    """The command that starts exactly this configuration, whatever --auto would choose another time."""
    settings = replace(
        rooted(started.settings),
        auto=False,
        model=str(started.choice.path),
        context=started.card.context,
        instances=started.card.seats,
        kv=started.card.kv,
        gpu_layers=started.choice.plan.gpu_layers,
        port=int(started.url.rsplit(":", 1)[1].removesuffix("/v1")),
    )
    return shlex.join(["python", "main.py", *same_again(settings)])


def rooted(settings: Settings) -> Settings:
    """The same folder of tools, wherever the command is typed."""
    return replace(settings, root=settings.root.absolute()) if settings.tool_server else settings


def example(url: str, key_file: Path | None) -> str:
    key = f"-H \"Authorization: Bearer $(cat '{key_file}')\" " if key_file else ""
    body = '{"model":"swarm","messages":[{"role":"user","content":"Hello"}]}'
    return f"curl {url}/chat/completions {key}-d '{body}'"
