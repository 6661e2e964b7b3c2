"""Log-probabilities out of logits. Pure."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chat import Alternative, TokenLogprob


@dataclass(frozen=True, slots=True)
class Weighed:
    """Log-probabilities of the token that was chosen, and of the best other one, among those that were allowed."""

    chance: float
    rival: int | None
    rivals: float


def weigh(logits: NDArray[np.float32], token: int, bits: NDArray[np.uint8] | None, ends: Set[int]) -> Weighed:
    """Of those whose bit is set, before temperature and cuts. One end is no other than another."""
    allowed = np.arange(len(logits)) if bits is None else np.flatnonzero(np.unpackbits(bits, bitorder="little"))
    allowed = allowed[allowed < len(logits)]
    values = logits[allowed]
    total = _total(values)
    same = sorted(ends) if token in ends else [token]
    values[np.isin(allowed, same)] = -np.inf
    best = int(values.argmax())
    rival = int(allowed[best]) if np.isfinite(values[best]) else None
    return Weighed(float(logits[token]) - total, rival, float(values[best]) - total)


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
