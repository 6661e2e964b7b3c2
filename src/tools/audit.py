"""What was called, by whom, and what came of it: lines of JSON in the state folder that are only ever added to.

A call is written down before it runs. One that has no end there may have run, and nobody knows with what result.
"""

import errno
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

FILE = "tools.log"
LARGEST = 16 * 2**20  # then it becomes the older one, of which there is one
SHOWN = 2000  # characters of the arguments, half of them from the end
LONGEST = 200  # characters of a name: nobody drives the others out of the log with a long one

Event = Literal["begun", "ended"]


@dataclass(frozen=True, slots=True)
class Entry:
    event: Event
    at: float  # seconds since 1970
    caller: str
    name: str
    id: str
    tool: str
    arguments: str
    decision: str = ""
    state: str = ""
    size: int = 0  # of the result, in characters
    seconds: float = 0.0


class Audit:
    """Synchronous and quick: one line is one write."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def write(self, entry: Entry) -> None:
        """OSError where it cannot be: then nothing may be done either."""
        if self._file.exists() and self._file.stat().st_size > LARGEST:
            os.replace(self._file, _older(self._file))
        # Only ASCII, so that nothing in it can do anything to a terminal.
        line = json.dumps(_short(entry), ensure_ascii=True) + "\n"
        descriptor = os.open(self._file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            _add(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def begun(self) -> list[tuple[str, str]]:
        """Callers and ids of all calls that are still written down, the oldest first."""
        return [(entry.caller, entry.id) for entry in self._entries() if entry.event == "begun"]

    def last(self, count: int) -> list[Entry]:
        """Each call once, the newest last: its end, or its beginning where it has no end."""
        calls: dict[tuple[str, str], Entry] = {}
        for entry in self._entries():
            calls.pop((entry.caller, entry.id), None)
            calls[entry.caller, entry.id] = entry
        return list(calls.values())[-count:]

    def _entries(self) -> Iterator[Entry]:
        for file in (_older(self._file), self._file):
            if file.exists():
                with open(file, encoding="ascii", errors="replace") as lines:
                    yield from filter(None, map(_entry, lines))


def entry(event: Event, caller: tuple[str, str], call: tuple[str, str, str], **more: Any) -> Entry:
    """`caller`: id and name. `call`: id, tool and arguments."""
    return Entry(event, time.time(), *caller, *call, **more)


def _entry(line: str) -> Entry | None:
    """None for one that was cut off when the machine stopped."""
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _short(entry: Entry) -> dict[str, Any]:
    cut = {"arguments": _both_ends(entry.arguments), "tool": entry.tool[:LONGEST], "name": entry.name[:LONGEST]}
    return asdict(entry) | cut


def _both_ends(text: str) -> str:
    """What is done last stands at the end, behind whatever was to hide it."""
    left, half = len(text) - SHOWN, SHOWN // 2
    return f"{text[:half]}[... {left} characters ...]{text[-half:]}" if left > 0 else text


def _add(descriptor: int, line: bytes) -> None:
    """A line that was cut off, by a full disk or the machine's end, does not take the next one with it."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line
    if os.write(descriptor, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _older(file: Path) -> Path:
    return file.with_name(f"{file.name}.1")
