"""`serve --engine vllm`: what is said while vLLM starts, and when it can answer."""

import shlex
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

import anyio

from ..settings import Settings, same_again
from .serve import page, rooted

if TYPE_CHECKING:
    from ..node.vllm.node import Started

LOG_SECONDS = 10.0  # between two lines where nobody watches them move


def run(settings: Settings) -> int:
    from ..node.vllm.build import build
    from ..node.vllm.server import VllmServer

    made = build(settings, lambda said: print(said, file=sys.stderr, flush=True))
    if isinstance(made.vllm, VllmServer):
        made.vllm.on_progress = StartBar(sys.stderr).show
    anyio.run(made.run, lambda started: print(summary(started), flush=True))
    return 0


class StartBar:
    """vLLM takes a minute, and the download of its model an hour."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._moves = out.isatty()
        self._last = float("-inf")

    def show(self, part: float, words: str) -> None:
        line = f"vLLM {part:4.0%} {words}"
        if self._moves:
            end = "\n" if part >= 1 else ""
            self._out.write(f"\r{line}\x1b[K{end}")
        elif part >= 1 or time.monotonic() - self._last >= LOG_SECONDS:
            self._last = time.monotonic()
            self._out.write(f"{line}\n")
        self._out.flush()


def summary(started: "Started") -> str:
    rows = [
        ("machine", started.hardware.describe()),
        ("model", f"{started.wish.name} in vLLM at {started.vllm}"),
        ("context", f"{started.context} tokens a request"),
        *([("log", str(started.log))] if started.ours else []),
    ]
    return page(rows, started.notes, started.url, again(started), started.key_file, started.join)


def again(started: "Started") -> str:
    port = int(started.url.rsplit(":", 1)[1].removesuffix("/v1"))
    return shlex.join(["python", "main.py", *same_again(replace(rooted(started.settings), port=port))])
