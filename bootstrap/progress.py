"""The line that shows how far a set-up is."""

import re
import shutil
import time
from typing import TextIO

SILENCE = 30  # seconds at most between two lines where there is no terminal.

# The newest match of the first pattern that matches is shown: ninja's steps, those of make, a download of uv's.
STEPS = (
    (re.compile(r"^DEBUG (\[\d+/\d+\]) ", re.M), "compiling llama.cpp {}"),
    (re.compile(r"^DEBUG (\[ *\d+%\]) ", re.M), "compiling llama.cpp {}"),
    (re.compile(r"^Downloading (\S+ \(\S+\))", re.M), "fetching {}"),
)


def step_of(output: str) -> str:
    """How far a command is, by the newest lines that it wrote."""
    for pattern, text in STEPS:
        if found := pattern.findall(output):
            return text.format(found[-1])
    return ""


def clock(seconds: float) -> str:
    return "{}:{:02}".format(*divmod(int(seconds), 60))


class Screen:
    """On a terminal one line that keeps changing; elsewhere a line for each step and each half minute."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.is_live = out.isatty()
        self.started = time.monotonic()
        self.step = ""
        self.spoke = 0.0
        self.width = 0

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def show(self, step: str) -> None:
        text = f"  {clock(self.elapsed())}  {step}"
        if self.is_live:
            self.redraw(text)
        elif step.split(" [")[0] != self.step or self.elapsed() - self.spoke >= SILENCE:
            self.step, self.spoke = step.split(" [")[0], self.elapsed()
            self.write(f"{text}\n")

    def redraw(self, text: str) -> None:
        text = text[: shutil.get_terminal_size().columns - 1]
        self.write("\r" + text.ljust(self.width))
        self.width = len(text)

    def say(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        self.write(f"{text}\n")

    def clear(self) -> None:
        if self.width:
            self.write("\r" + " " * self.width + "\r")
            self.width = 0

    def write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
