"""Beginnings of prompts on disk: an agent's system prompt and tools are read once, and come back after a restart.

A head is what the dialect says it is: the part of a prompt before the first word of the user. It lies in a file with
its tokens and the engine's state behind them (`head_file.py`), in the folder of one model file, loaded in one way
(`head_store.py`). Whatever is wrong with a file or the disk costs only the time of reading the prompt again.
"""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
from llama_cpp import __version__ as VERSION

from ..base import EngineOptions
from ..beginning import common_length
from .head_file import ENDING, Head, write
from .head_store import Kind, Store

LOG = logging.getLogger(__name__)
# Shorter ones are read in a moment.
LEAST_TOKENS = 512
# From here on it is an agent's, and kept at once; a shorter one when it comes a second time.
AT_ONCE_TOKENS = 2048
MOST_SEEN = 64


class Heads:
    def __init__(self, store: Store | None) -> None:
        """Without a store nothing is kept."""
        self._store = store
        self._heads = store.heads() if store else []
        self._lock = threading.Lock()
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
        if self._store is None or len(tokens) < LEAST_TOKENS or self._has(tokens):
            return False
        name = _name(tokens)
        self._seen[name] = self._seen.pop(name, 0) + 1
        while len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)
        often = self._seen[name] > 1 or len(tokens) >= AT_ONCE_TOKENS
        return often and not (self._writing and self._writing.is_alive())

    def put(self, tokens: Sequence[int], data: Any) -> None:
        """Write it beside the work of the engine."""
        if self._store and data.nbytes <= self._store.room:
            self._writing = threading.Thread(target=self._write, args=(self._store, list(tokens), data))
            self._writing.start()

    def forget(self, head: Head) -> None:
        self._drop(head)
        head.remove()

    def close(self) -> None:
        if self._writing:
            self._writing.join()

    def _has(self, tokens: Sequence[int]) -> bool:
        """It is used, also where the engine still had it in memory."""
        length, head = self.longest(tokens)
        if head is None or length < len(tokens):
            return False
        if head.touch():
            return True
        self._drop(head)
        return False

    def _drop(self, head: Head) -> None:
        with self._lock:
            self._heads = [other for other in self._heads if other is not head]

    def _write(self, store: Store, tokens: list[int], data: Any) -> None:
        try:
            store.prepare(data.nbytes)
            head = write(store.folder / (_name(tokens) + ENDING), tokens, data)
        except OSError as error:
            LOG.warning("The beginning of a prompt could not be kept: %s", error)
            return
        with self._lock:
            self._heads = [*(other for other in self._heads if other.path.exists() and other.path != head.path), head]


def _name(tokens: Sequence[int]) -> str:
    return hashlib.sha256(np.array(tokens, np.int32).tobytes()).hexdigest()[:32]


def open_heads(options: EngineOptions) -> Heads:
    if options.heads is None:
        return Heads(None)
    about = options.path.stat()
    loaded = f"{options.kv} {options.gpu_layers}"
    kind = Kind(str(options.path.absolute()), about.st_size, about.st_mtime_ns, loaded, VERSION)
    try:
        return Heads(Store(options.heads, kind))
    except OSError as error:
        LOG.warning("Beginnings of prompts are not kept: %s", error)
        return Heads(None)
