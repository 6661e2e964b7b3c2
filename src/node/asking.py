"""The user at the node's terminal is asked whether a tool may do something."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import anyio
import anyio.to_thread

from ..tools.host import Asked
from ..tools.tool import LOCAL, Caller, ToolDenied

SECONDS = 60.0
YES = ("y", "yes")
# More than the longest program. Of what is written into a file the rest cannot run by itself.
SHOWN = 260_000  # characters
LONGEST_ANSWER = 1024
LONGEST_NAME = 80
LONGEST_ARGUMENT = 40  # characters of its name
# What the smallest terminals show at once.
SCREEN, WIDTH = 20, 80


class Terminal:
    """One question at a time; the others wait. `seconds`: silence is a no after them."""

    def __init__(self, descriptor: int = 0, seconds: float = SECONDS) -> None:
        self._descriptor = descriptor
        self._seconds = seconds
        self._turn = anyio.Lock()

    @property
    def is_there(self) -> bool:
        """Somebody can type, and what is typed comes to us: a shell does not stop us for reading."""
        if sys.platform == "win32" or not os.isatty(self._descriptor):
            return False
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:
            return False

    async def ask(self, asked: Asked) -> bool:
        async with self._turn:
            if not self.is_there:
                raise ToolDenied(
                    f"Nothing was done: the user of this host has to be asked about {asked.tool}, and its node has no "
                    "terminal to ask at. Start it in one, or with --yes-tools."
                )
            self._forget_typed()
            # A terminal that is held does not hold the node.
            await anyio.to_thread.run_sync(_say, question(asked, self._seconds), abandon_on_cancel=True)
            said = None
            try:
                with anyio.move_on_after(self._seconds):
                    said = await self._typed()
            finally:
                if said is None:
                    _say("\nNobody waits for an answer any more.\n")
            if said is None:
                raise ToolDenied(
                    f"Nothing was done: the user of this host did not answer within {self._seconds:g} seconds."
                )
            return said.strip().lower() in YES

    def _forget_typed(self) -> None:
        """What was typed before the question is no answer to it."""
        if sys.platform != "win32":
            import termios

            termios.tcflush(self._descriptor, termios.TCIFLUSH)

    async def _typed(self) -> str:
        await anyio.wait_readable(self._descriptor)
        if not self.is_there:  # whoever reads in the background is stopped, with all that it does
            return ""
        try:
            return os.read(self._descriptor, LONGEST_ANSWER).decode("utf-8", "replace")
        except OSError:  # the terminal was closed
            return ""


def question(asked: Asked, seconds: float) -> str:
    """Pure. Every line of the call has a mark before it, so none can pass for one of ours."""
    lines, left = _shown(asked.arguments)
    rest = f"\n  ({left} more characters are not shown)" if left else ""
    where = f" at {_plain(asked.path)}" if asked.path is not None else ""
    whose = f" for {_whose(asked.caller)}" if asked.caller.name or asked.caller.id != LOCAL else ""
    return (
        f"\nA call of the tool {asked.tool}{where}{whose}:\n{lines}{rest}\n"
        f"{_scrolled(asked.tool, lines)}Allow it? Without an answer it is a no in {seconds:g} seconds. [y/N] "
    )


def _shown(arguments: str) -> tuple[str, int]:
    """And how much of it is left out. What is not shown is not made ready either: it may be very long."""
    given: dict[str, Any] = json.loads(arguments)
    texts = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in given.items()]
    left = sum(max(0, len(text) - SHOWN) for _, text in texts)
    lines = "\n".join(line for name, text in texts for line in _lines(name, text[:SHOWN]))
    return lines[:SHOWN], left + max(0, len(lines) - SHOWN)


def _lines(name: str, text: str) -> Iterator[str]:
    """None is longer than a terminal is wide: its rest would stand there without a mark."""
    name = _plain(name)
    head = f"  {name if len(name) <= LONGEST_ARGUMENT else f'{name[:LONGEST_ARGUMENT]}...'} "
    room = WIDTH - 3 - len(head)
    for line in map(_plain, text.split("\n")):
        yield f"{head}| {line[:room]}"
        head = " " * len(head)
        yield from (f"{head}: {line[at : at + room]}" for at in range(room, len(line), room))


def _whose(caller: Caller) -> str:
    """A machine calls itself as it likes; its id is its own."""
    name = _plain(caller.name[:LONGEST_NAME])
    return name if caller.id == LOCAL else f"{name} (machine {_plain(caller.id)})".lstrip()


def _scrolled(tool: str, lines: str) -> str:
    """The beginning of a long one has left the screen, and there may be more to it than its end says."""
    rows = sum(1 + len(line) // WIDTH for line in lines.split("\n"))
    return f"That was a call of {tool} of {rows} lines: scroll back to its beginning. " if rows > SCREEN else ""


def _plain(text: str) -> str:
    """Nothing in it moves a cursor, or looks like what it is not."""
    return "".join(mark if " " <= mark <= "~" else f"\\u{ord(mark):04x}" for mark in text)


def _say(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)
