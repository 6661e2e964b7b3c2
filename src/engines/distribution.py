"""Log-probabilities out of logits. Pure."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chat import Alternative, TokenLogprob


def entry(logits: NDArray[np.float32], token: int, count: int, piece: Callable[[int], bytes]) -> TokenLogprob:
    """Of the model's own distribution, before temperature and cuts, with so many of its strongest tokens."""
    peak = float(logits.max())
    total = peak + float(np.log(np.exp(logits - peak).sum()))
    best: Any = []
    if count := min(count, len(logits)):
        best = np.argpartition(-logits, count - 1)[:count]
        best = best[np.argsort(-logits[best])]
    top = tuple(Alternative(piece(int(one)), float(logits[one]) - total) for one in best)
    return TokenLogprob(piece(token), float(logits[token]) - total, top)
