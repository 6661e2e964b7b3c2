"""The output of a program: its beginning and end are kept, all of it goes into a file where it is long."""

import re
import secrets
from io import FileIO
from pathlib import Path
from types import TracebackType

# A token is 3 to 4 bytes of most text; of 4,000 tokens the end says more than the beginning.
HEAD = 4_000
TAIL = 8_000
LARGEST = 64 * 2**20  # of a file
FILES = 32
# Nobody reads so much. A program that goes on is ended.
ENOUGH = 256 * 2**20

ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Kept:
    """`folder` holds the files, of which only the newest stay."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._head = bytearray()
        self._tail = bytearray()
        self._file: FileIO | None = None
        self._full = False  # the disk
        self.total = 0

    def __enter__(self) -> "Kept":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def take(self, chunk: bytes) -> bool:
        """False: it is more than anybody wants."""
        self.total += len(chunk)
        if self.total > HEAD + TAIL and not self._full:
            self._try_to_store(chunk)
        room = HEAD - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:] if room else chunk
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]
        return self.total <= ENOUGH

    def text(self) -> str:
        """For a model."""
        if self._file is None and not self._full:
            return cleaned(bytes(self._head + self._tail))
        tail = self._tail[-TAIL:]
        left = self.total - len(self._head) - len(tail)
        gap = f"\n[{left} bytes are left out here. {self._where()}]\n"
        return cleaned(bytes(self._head)) + gap + cleaned(bytes(tail))

    def _where(self) -> str:
        if self._full or self._file is None:
            return "They could not be kept: the disk of this host is full"
        return f"Read them with `read`, path output:{Path(str(self._file.name)).name}"

    def _try_to_store(self, chunk: bytes) -> None:
        """What a program did is known, also where there is no room for all that it said."""
        try:
            self._full = not self._store(chunk)
        except OSError:
            self._full = True

    def _store(self, chunk: bytes) -> bool:
        """False: not to its end."""
        if self._file is None:
            self._file = _new(self._folder)
            chunk = bytes(self._head + self._tail) + chunk
        wanted = chunk[: max(0, LARGEST - self._file.tell())]
        return self._file.write(wanted) == len(wanted)


def cleaned(said: bytes) -> str:
    """Without colours and cursors, and of a line that was written over again and again only the last state."""
    if said.count(0) > len(said) // 10:
        return f"[{len(said)} bytes that are no text]"
    text = ESCAPES.sub("", said.decode("utf-8", "replace").replace("\r\n", "\n"))
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return CONTROL.sub("", "\n".join(lines))


def _new(folder: Path) -> FileIO:
    known = sorted(folder.glob("*.txt"), key=lambda file: file.stat().st_mtime)
    for old in known[: max(0, len(known) - FILES + 1)]:
        old.unlink(missing_ok=True)
    return open(folder / f"{secrets.token_hex(6)}.txt", "xb", buffering=0)
