"""What the tokens of one vocabulary spell."""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]

# The end of a value together with what leads to the next one.
JOINED = re.compile(rb"[0-9\"\]}],")


class Spelling:
    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[int, bytes] = {}

    def of(self, token: int) -> bytes:
        found = self._known.get(token)
        if found is None:
            found = self._known[token] = self._tokenizer.decode_bytes([token])
        return found

    @cached_property
    def commas(self) -> Bits:
        """The tokens that begin with one, a bit for each."""
        return self._bits(lambda spelled: spelled.startswith(b","))

    @cached_property
    def joined(self) -> Bits:
        """The tokens that end a value and go on to the next. What they spell can be written without them."""
        return self._bits(lambda spelled: JOINED.search(spelled) is not None)

    def _bits(self, chosen: Callable[[bytes], bool]) -> Bits:
        decode = self._tokenizer.decode_bytes
        flags = [chosen(decode([token])) for token in range(self._tokenizer.vocab_size)]
        return np.packbits(flags, bitorder="little")
