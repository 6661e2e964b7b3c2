"""The logits of a decode, seen by numpy where llama.cpp has them."""

import ctypes
from typing import Any

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray


class LogitsView:
    def __init__(self, context: Any, vocabulary: int) -> None:
        self._context = context
        self._row = ctypes.c_float * vocabulary

    def row(self, index: int) -> NDArray[np.float32]:
        """Those behind the token at this index of the batch; they are gone with the next decode."""
        pointer = lib.llama_get_logits_ith(self._context, index)
        cells: Any = self._row.from_address(ctypes.addressof(pointer.contents))
        return np.frombuffer(cells, np.float32)
