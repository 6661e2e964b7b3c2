"""The arrays that one decode is told by, filled through numpy: a loop over ctypes fields costs more than the math."""

from typing import Any

import llama_cpp as lib
import numpy as np


class Batch:
    def __init__(self, size: int) -> None:
        self.size = size
        self.handle: Any = lib.llama_batch_init(size, 0, 1)
        self._token = np.ctypeslib.as_array(self.handle.token, (size,))
        self._pos = np.ctypeslib.as_array(self.handle.pos, (size,))
        self._output = np.ctypeslib.as_array(self.handle.logits, (size,))
        np.ctypeslib.as_array(self.handle.n_seq_id, (size,))[:] = 1
        self._seq_cells = [self.handle.seq_id[i] for i in range(size)]
        self._count = 0

    def clear(self) -> None:
        self._count = 0
        self.handle.n_tokens = 0

    def add(self, seq: int, tokens: list[int], position: int, output_last: bool) -> int:
        """The index of the last of these tokens, under which its logits are found."""
        begin, end = self._count, self._count + len(tokens)
        if len(tokens) == 1:
            # Every writer of every step comes through here, and slices cost more than items.
            self._token[begin], self._pos[begin], self._output[begin] = tokens[0], position, output_last
            self._seq_cells[begin][0] = seq
            self._count = self.handle.n_tokens = end
            return begin
        self._token[begin:end] = tokens
        self._pos[begin:end] = np.arange(position, position + len(tokens))
        self._output[begin:end] = 0
        self._output[end - 1] = output_last
        for cell in self._seq_cells[begin:end]:
            cell[0] = seq
        self._count = self.handle.n_tokens = end
        return end - 1

    def close(self) -> None:
        lib.llama_batch_free(self.handle)
