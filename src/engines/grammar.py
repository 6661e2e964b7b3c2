"""Grammars over one model's vocabulary (llguidance): which tokens may come next, and which must.

Compiling is thread-safe and may take a second; a `Constraint` belongs to one candidate and to the engine's thread.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from ..errors import BadRequest, EngineFault

LOG = logging.getLogger(__name__)
# Agents send the same tools with every request; compiled ones of some kilobytes each are kept.
MOST_KEPT = 32
BITS = 32
# Characters of what llguidance says, which goes on with all of its state.
MOST_TOLD = 2000


class Constraint:
    """What one candidate may write, followed token by token."""

    def __init__(self, matcher: LLMatcher, vocabulary: int) -> None:
        self._matcher = matcher
        self._bits = np.zeros(-(-vocabulary // BITS), np.int32)

    @property
    def finished(self) -> bool:
        """Nothing but the end may follow."""
        return self._matcher.is_stopped()

    def allowed(self) -> NDArray[np.uint8]:
        """A bit for each token, the lowest first."""
        self._matcher.unsafe_compute_mask_ptr(self._bits.ctypes.data, self._bits.nbytes)
        self._check()
        return self._bits.view(np.uint8)

    def accept(self, token: int) -> None:
        self._matcher.consume_token(token)
        self._check()

    def forced(self) -> list[int]:
        """The tokens that have to follow whatever the model says; they count as accepted."""
        tokens = self._matcher.compute_ff_tokens()
        if tokens:
            self._matcher.consume_tokens(tokens)
            self._check()
        return list(tokens)

    def fork(self) -> "Constraint":
        return Constraint(self._matcher.deep_copy(), len(self._bits) * BITS)

    def _check(self) -> None:
        if self._matcher.is_error():
            LOG.warning("A grammar could not be followed any further: %s", self._matcher.get_error()[:MOST_TOLD])
            raise EngineFault("The grammar of this answer could not be followed any further.")


class Grammars:
    def __init__(self, make_tokenizer: Callable[[], LLTokenizer]) -> None:
        """`make_tokenizer` takes a second or so: it is called when it is first needed."""
        self._make_tokenizer = make_tokenizer
        self._tokenizer: Any = None
        # The first job may come while another thread is still warming up.
        self._making = threading.Lock()
        self._kept: OrderedDict[str, LLMatcher] = OrderedDict()

    def warm(self) -> None:
        with self._making:
            if self._tokenizer is None:
                self._tokenizer = self._make_tokenizer()

    def compile(self, grammar: str) -> Constraint:
        self.warm()
        matcher = self._kept.get(grammar)
        if matcher is None:
            matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
            if matcher.is_error():
                raise BadRequest(f"This grammar cannot be enforced: {matcher.get_error()[:500]}")
            self._kept[grammar] = matcher
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(grammar)
        return Constraint(matcher.deep_copy(), self._tokenizer.vocab_size)
