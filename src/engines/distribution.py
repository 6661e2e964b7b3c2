"""Log-probabilities out of logits. Pure."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chat import Alternative, TokenLogprob


def chance(logits: NDArray[np.float32], token: int, bits: NDArray[np.uint8] | None) -> float:
    """The log-probability of a token among those whose bit is set, before temperature and cuts."""
    if bits is None:
        return float(logits[token]) - _total(logits)
    allowed = np.unpackbits(bits, bitorder="little")[: len(logits)].view(np.bool_)
    return float(logits[token]) - _total(logits[: len(allowed)][allowed])


def entry(logits: NDArray[np.float32], token: int, count: int, piece: Callable[[int], bytes]) -> TokenLogprob:
    """Of the model's own distribution, before temperature and cuts, with so many of its strongest tokens."""
    total = _total(logits)
    best: Any = []
    if count := min(count, len(logits)):
        best = np.argpartition(-logits, count - 1)[:count]
        best = best[np.argsort(-logits[best])]
    top = tuple(Alternative(piece(int(one)), float(logits[one]) - total) for one in best)
    return TokenLogprob(piece(token), float(logits[token]) - total, top)


def _total(logits: NDArray[np.float32]) -> float:
    peak = float(logits.max())
    return peak + float(np.log(np.exp(logits - peak).sum()))
