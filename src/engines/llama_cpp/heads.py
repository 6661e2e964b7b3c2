"""Beginnings of prompts on disk: an agent's system prompt and tools are read once, and come back after a restart.

A head is what the dialect says it is: the part of a prompt before the first word of the user. It lies in a file with
its tokens and the engine's state behind them; the folder belongs to one model file, loaded in one way. Whatever is
wrong with a file or the disk costs only the time of reading the prompt again.
"""

import contextlib
import hashlib
import logging
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from llama_cpp import __version__ as VERSION

from ..base import EngineOptions
from ..beginning import common_length

LOG = logging.getLogger(__name__)
MAGIC = b"local swarm head 1\n"
ENDING = ".head"
# Shorter ones are read in a moment.
LEAST_TOKENS = 512
# From here on it is an agent's, and kept at once; a shorter one when it comes a second time.
AT_ONCE_TOKENS = 2048
MOST_HEADS = 8
MOST_SEEN = 64
# Of all heads of one model together.
MOST_BYTES = 4 * 2**30
DISK_SHARE = 0.05  # of what is free


@dataclass(frozen=True, slots=True)
class Head:
    path: Path
    tokens: list[int]
    begin: int  # of the state in the file
    size: int

    def touch(self) -> None:
        """It is in use, although the engine still had it in memory."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def load(self) -> Any:
        """The state; empty where the file is gone or cut."""
        try:
            data = np.fromfile(self.path, np.uint8, self.size, offset=self.begin)
        except OSError:
            return np.empty(0, np.uint8)
        self.touch()
        return data if len(data) == self.size else np.empty(0, np.uint8)


class Heads:
    def __init__(self, folder: Path | None, room: int) -> None:
        """`room`: bytes of all files together. Without a folder nothing is kept."""
        self._folder = folder
        self._room = room
        self._heads = _found(folder) if folder else []
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._writing: threading.Thread | None = None

    def longest(self, tokens: Sequence[int]) -> tuple[int, Head | None]:
        """The head that these tokens begin with."""
        best: tuple[int, Head | None] = (0, None)
        for head in self._heads:
            if best[0] < len(head.tokens) == common_length(head.tokens, tokens):
                best = len(head.tokens), head
        return best

    def wants(self, tokens: Sequence[int]) -> bool:
        """Is it worth a file? Asked once for each request that read it."""
        if self._folder is None or len(tokens) < LEAST_TOKENS:
            return False
        length, head = self.longest(tokens)
        if head and length == len(tokens):
            head.touch()
            return False
        name = _name(tokens)
        self._seen[name] = self._seen.pop(name, 0) + 1
        while len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)
        often = self._seen[name] > 1 or len(tokens) >= AT_ONCE_TOKENS
        return often and not (self._writing and self._writing.is_alive())

    def put(self, tokens: Sequence[int], data: Any) -> None:
        """Write it beside the work of the engine."""
        self._writing = threading.Thread(target=self._write, args=(list(tokens), data))
        self._writing.start()

    def forget(self, head: Head) -> None:
        self._heads = [other for other in self._heads if other is not head]
        with contextlib.suppress(OSError):
            head.path.unlink(missing_ok=True)

    def close(self) -> None:
        if self._writing:
            self._writing.join()

    def _write(self, tokens: list[int], data: Any) -> None:
        assert self._folder
        if data.nbytes > self._room:
            return
        lead = MAGIC + np.array([len(tokens), data.nbytes], np.int64).tobytes() + np.array(tokens, np.int32).tobytes()
        path = self._folder / (_name(tokens) + ENDING)
        try:
            _write_whole(path, lead, data)
        except OSError as error:
            LOG.warning("The beginning of a prompt could not be kept: %s", error)
            return
        self._heads = [*self._heads, Head(path, tokens, len(lead), data.nbytes)]
        self._make_room()

    def _make_room(self) -> None:
        """The one that was used longest ago goes first."""
        by_age = sorted(self._heads, key=_last_used)
        while len(by_age) > MOST_HEADS or sum(head.size for head in by_age) > self._room:
            self.forget(by_age.pop(0))


def _write_whole(path: Path, lead: bytes, data: Any) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.part")
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(lead)
            file.write(data.data)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


def _found(folder: Path) -> list[Head]:
    heads = []
    for half in folder.glob("*.part"):
        with contextlib.suppress(OSError):
            half.unlink()
    for path in sorted(folder.glob(f"*{ENDING}")):
        head = _read(path)
        if head:
            heads.append(head)
        else:
            with contextlib.suppress(OSError):
                path.unlink()
    return heads


def _read(path: Path) -> Head | None:
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return None
            count, size = np.frombuffer(file.read(16), np.int64).tolist()
            begin = file.tell() + 4 * count
            if count < 0 or size < 0 or os.fstat(file.fileno()).st_size != begin + size:
                return None
            tokens = np.frombuffer(file.read(4 * count), np.int32).tolist()
    except (OSError, ValueError):
        return None
    return Head(path, tokens, begin, size)


def _last_used(head: Head) -> float:
    try:
        return head.path.stat().st_mtime
    except OSError:
        return 0.0


def _name(tokens: Sequence[int]) -> str:
    return hashlib.sha256(np.array(tokens, np.int32).tobytes()).hexdigest()[:32]


def open_heads(options: EngineOptions) -> Heads:
    """A folder for each file and way of loading it: a state fits no other."""
    if options.heads is None:
        return Heads(None, 0)
    about = options.path.stat()
    kind = f"{options.path.name} {about.st_size} {about.st_mtime_ns} {options.kv} {options.gpu_layers} {VERSION}"
    folder = options.heads / hashlib.sha256(kind.encode()).hexdigest()[:16]
    return Heads(folder, min(MOST_BYTES, int(DISK_SHARE * _free_disk(options.heads))))


def _free_disk(folder: Path) -> int:
    there = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    return shutil.disk_usage(there).free
