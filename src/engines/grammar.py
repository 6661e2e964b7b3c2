"""Grammars over one model's vocabulary (llguidance): which tokens may come next, and which must.

Compiling is thread-safe and may take a second; a `Constraint` belongs to one candidate and to the engine's thread.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from ..errors import BadRequest, EngineFault
from .leaving import Leaving
from .room import Room
from .spelling import Spelling
from .unending import Unending

LOG = logging.getLogger(__name__)
# Agents send the same tools with every request; compiled ones of some kilobytes each are kept.
MOST_KEPT = 32
BITS = 32
# Characters of what llguidance says, which goes on with all of its state.
MOST_TOLD = 2000
NO_LIMIT = 2**31


class Constraint:
    """What one candidate may write, followed token by token. A value that repeats itself is led to its end."""

    def __init__(self, matcher: LLMatcher, vocabulary: int, leaving: Leaving, limit: int = NO_LIMIT) -> None:
        self._matcher = matcher
        self._bits = np.zeros(-(-vocabulary // BITS), np.int32)
        self._leaving = leaving
        self._unending = Unending(leaving, limit)
        self._room = Room(limit)
        self._led: Sequence[int] = ()  # to be written next, whatever the model says

    @property
    def finished(self) -> bool:
        """Nothing but the end may follow."""
        if self._led:
            return False
        # Where a value had to be ended for want of room, there is none for another call either.
        return self._matcher.is_stopped() or (self.cut and self._leaving.is_whole(self._matcher))

    @property
    def shortened(self) -> bool:
        """A value was ended because it repeated itself."""
        return self._unending.ended > 0

    @property
    def cut(self) -> bool:
        """There was no room left for what the model was about to write."""
        return self._unending.cut or self._room.none

    def allowed(self) -> NDArray[np.uint8]:
        """A bit for each token, the lowest first."""
        if self._led:
            self._bits[:] = 0
            bits = self._bits.view(np.uint8)
            bits[self._led[0] >> 3] = 1 << (self._led[0] & 7)
            return bits
        self._matcher.unsafe_compute_mask_ptr(self._bits.ctypes.data, self._bits.nbytes)
        self._check()
        bits = self._bits.view(np.uint8)
        return self._leaving.homeward(self._matcher, bits) if self._unending.homeward else bits

    def accept(self, token: int) -> None:
        self._follow([token])
        self._led = self._led[1:] or self._unending.way_out(self._matcher)

    def forced(self) -> list[int]:
        """The tokens that have to follow whatever the model says; they count as accepted."""
        led, self._led = self._led, ()
        self._follow(led)
        tokens = [*led, *self._follow(self._matcher.compute_ff_tokens())]
        if tokens:
            self._led = self._unending.way_out(self._matcher)
        return tokens

    def fork(self, limit: int = NO_LIMIT) -> "Constraint":
        """`limit`: tokens after which the answer is cut off."""
        return Constraint(self._matcher.deep_copy(), len(self._bits) * BITS, self._leaving, limit)

    def _follow(self, tokens: Sequence[int]) -> Sequence[int]:
        if tokens:
            self._matcher.consume_tokens(list(tokens))
            self._check()
            self._unending.add(tokens)
            self._room.look(self._unending.written, self._leaving.is_whole(self._matcher))
        return tokens

    def _check(self) -> None:
        if self._matcher.is_error():
            LOG.warning("A grammar could not be followed any further: %s", self._matcher.get_error()[:MOST_TOLD])
            raise EngineFault("The grammar of this answer could not be followed any further.")


class Grammars:
    def __init__(self, make_tokenizer: Callable[[], LLTokenizer]) -> None:
        """`make_tokenizer` takes a second or so: it is called when it is first needed."""
        self._make_tokenizer = make_tokenizer
        self._tokenizer: Any = None
        self._spelling: Any = None
        # The first job may come while another thread is still warming up.
        self._making = threading.Lock()
        self._kept: OrderedDict[str, tuple[LLMatcher, Leaving]] = OrderedDict()

    def warm(self) -> None:
        with self._making:
            if self._tokenizer is None:
                self._tokenizer = self._make_tokenizer()
                self._spelling = Spelling(self._tokenizer)

    def compile(self, grammar: str) -> Constraint:
        self.warm()
        kept = self._kept.get(grammar)
        if kept is None:
            kept = self._compiled(grammar), Leaving(self._tokenizer, self._spelling, grammar)
            self._kept[grammar] = kept
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(grammar)
        matcher, leaving = kept
        return Constraint(matcher.deep_copy(), self._tokenizer.vocab_size, leaving)

    def _compiled(self, grammar: str) -> LLMatcher:
        matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise BadRequest(f"This grammar cannot be enforced: {matcher.get_error()[:500]}")
        return matcher
