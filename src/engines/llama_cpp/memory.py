"""The KV cells of one llama.cpp context, as the few operations that we use."""

from typing import Any, Protocol

import llama_cpp as lib
import numpy as np


class Memory(Protocol):
    cuttable: bool
    window: int  # tokens that a layer sees back; 0 where every layer sees everything

    def copy(self, source: int, target: int, begin: int, end: int) -> None:
        """The target sequence shares the source's cells from position `begin` up to `end` (-1: to its end)."""
        ...

    def remove(self, seq: int, begin: int, end: int) -> bool:
        """False where this kind of memory cannot forget only a part; the sequence is then unchanged."""
        ...

    def intact(self, seq: int, length: int) -> bool:
        """Is everything still there that a token at position `length` of this sequence has to see?"""
        ...

    def whole(self, seq: int, length: int) -> bool:
        """Does this sequence end where `length` tokens do? Layers with a window lose cells also at the end."""
        ...

    def size(self, seq: int) -> int:
        """Bytes of a copy of this sequence outside."""
        ...

    def save(self, seq: int) -> Any:
        """That copy, as a buffer with `nbytes`."""
        ...

    def restore(self, seq: int, data: Any) -> bool:
        """Fill an empty sequence with a copy. False: no room."""
        ...


class ContextMemory:
    def __init__(self, context: Any, cuttable: bool, window: int) -> None:
        self._context = context
        self._memory = lib.llama_get_memory(context)
        self.window = window
        self.cuttable = cuttable

    def copy(self, source: int, target: int, begin: int, end: int) -> None:
        lib.llama_memory_seq_cp(self._memory, source, target, begin, end)

    def remove(self, seq: int, begin: int, end: int) -> bool:
        return bool(lib.llama_memory_seq_rm(self._memory, seq, begin, end))

    def intact(self, seq: int, length: int) -> bool:
        """Layers with a sliding window give the cells behind it to other sequences without a word."""
        if not self.window:
            return True
        first = lib.llama_memory_seq_pos_min(self._memory, seq)
        return bool(0 <= first <= max(0, length - self.window + 1))

    def whole(self, seq: int, length: int) -> bool:
        return not self.window or lib.llama_memory_seq_pos_max(self._memory, seq) == length - 1

    def size(self, seq: int) -> int:
        return int(lib.llama_state_seq_get_size(self._context, seq))

    def save(self, seq: int) -> Any:
        data = np.empty(self.size(seq), np.uint8)
        written = lib.llama_state_seq_get_data(self._context, _address(data), data.nbytes, seq)
        return data[:written]

    def restore(self, seq: int, data: Any) -> bool:
        return bool(lib.llama_state_seq_set_data(self._context, _address(data), data.nbytes, seq))

    def clear(self) -> None:
        lib.llama_memory_clear(self._memory, False)


def _address(data: Any) -> Any:
    return data.ctypes.data_as(lib.ctypes.POINTER(lib.ctypes.c_uint8))
