"""The KV cells of one llama.cpp context, as the few operations that we use."""

from typing import Any, Protocol

import llama_cpp as lib


class Memory(Protocol):
    cuttable: bool

    def copy(self, source: int, target: int, begin: int, end: int) -> None:
        """The target sequence shares the source's cells from position `begin` up to `end` (-1: to its end)."""
        ...

    def remove(self, seq: int, begin: int, end: int) -> bool:
        """False where this kind of memory cannot forget only a part; the sequence is then unchanged."""
        ...


class ContextMemory:
    def __init__(self, context: Any, cuttable: bool) -> None:
        self._memory = lib.llama_get_memory(context)
        self.cuttable = cuttable

    def copy(self, source: int, target: int, begin: int, end: int) -> None:
        lib.llama_memory_seq_cp(self._memory, source, target, begin, end)

    def remove(self, seq: int, begin: int, end: int) -> bool:
        return bool(lib.llama_memory_seq_rm(self._memory, seq, begin, end))

    def clear(self) -> None:
        lib.llama_memory_clear(self._memory, False)
