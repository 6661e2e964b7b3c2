"""Which tokens can still be chosen: the strongest, among those that a grammar allows. Pure.

`top` is how many the sampler will look at; 0 means that it looks at all.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# The strongest of so many groups are compared before single tokens are.
GROUP = 64
# Where a grammar allows most of the vocabulary, nearly always enough of so many are allowed.
FIRST_LOOK = 4
FEW = 4096

Logits = NDArray[np.float32]
Tokens = NDArray[np.intp]


def contenders(logits: Logits, bits: NDArray[np.uint8] | None, top: int) -> Tokens:
    return strongest(logits, top) if bits is None else allowed_among(logits, bits, top)


def strongest(logits: Logits, top: int) -> Tokens:
    """At least the `top` tokens with the highest logits, and hardly more."""
    if top == 1:
        return np.array([logits.argmax()])
    columns = len(logits) // GROUP
    if not 0 < top <= columns:
        return np.arange(len(logits))
    # The `top` best groups hold as many tokens that are at least as strong as the weakest of their leaders.
    leaders = logits[: columns * GROUP].reshape(GROUP, columns).max(axis=0)
    least = np.partition(leaders, -top)[-top]
    if not np.isfinite(least):
        return np.flatnonzero(logits > -np.inf)
    return np.flatnonzero(logits >= least)


def allowed_among(logits: Logits, bits: NDArray[np.uint8], top: int) -> Tokens:
    """The same among the tokens whose bit is set."""
    if 0 < top < FEW:
        found = strongest(logits, top * FIRST_LOOK if top > 1 else 1)
        found = found[_is_set(bits, found)]
        if len(found) >= top:
            return found
    flags: Any = np.unpackbits(bits, count=len(logits), bitorder="little")
    allowed = np.flatnonzero(flags)
    return allowed if len(allowed) <= FEW or not top else allowed[strongest(logits[allowed], top)]


def _is_set(bits: NDArray[np.uint8], tokens: Tokens) -> NDArray[np.bool_]:
    set_or_not: Any = (bits[tokens >> 3] >> (tokens & 7).astype(np.uint8)) & 1
    return np.asarray(set_or_not, np.bool_)
