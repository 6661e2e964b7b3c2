"""SHA-256 sums of files, each taken once: a large model costs as much time as the disk needs to read it."""

import hashlib
import os
from collections.abc import Callable, MutableMapping
from pathlib import Path

Stamp = tuple[str, int, int]  # path, size, time of the last change in nanoseconds


class Digests:
    def __init__(
        self, known: MutableMapping[Stamp, str] | None = None, hashing: Callable[[Path], None] = lambda path: None
    ) -> None:
        """`known` may outlive this process; `hashing` is told of a file before it is read."""
        self._known = {} if known is None else known
        self._hashing = hashing

    def of(self, path: Path) -> str | None:
        try:
            stamp = self._stamp(path)
            if stamp not in self._known:
                self._hashing(path)
                with path.open("rb") as file:
                    self._known[stamp] = hashlib.file_digest(file, "sha256").hexdigest()
            return self._known[stamp]
        except OSError:
            return None

    def known(self, path: Path) -> str | None:
        """Where it need not be read."""
        try:
            return self._known.get(self._stamp(path))
        except OSError:
            return None

    def remember(self, path: Path, sha256: str) -> None:
        """Of a file that was verified already, such as a download."""
        self._known[self._stamp(path)] = sha256

    def _stamp(self, path: Path) -> Stamp:
        status = path.stat()
        return os.path.realpath(path), status.st_size, status.st_mtime_ns
