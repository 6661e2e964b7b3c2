"""Shares with their doubts, and how well a figure tells right from wrong. Pure."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

# Of a normal distribution, for 95 %.
Z = 1.96


def wilson(right: float, count: int) -> tuple[float, float]:
    """Between these the true share lies, in 95 of 100 such measurements."""
    if not count:
        return 0.0, 1.0
    share, spread = right / count, Z * Z / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / count + spread / count / 4) / (1 + spread)
    return middle - half, middle + half


def auroc(figure: ArrayLike, right: Sequence[bool]) -> float:
    """How often a right one has more of it than a wrong one: 0.5 tells nothing, 1 all."""
    values, good = np.asarray(figure, float), np.asarray(right, bool)
    above, below = values[good][:, None], values[~good][None]
    if not above.size or not below.size:
        return math.nan
    return float((above > below).mean() + (above == below).mean() / 2)


def gained(before: Sequence[float], after: Sequence[float], times: int = 2000) -> tuple[float, float]:
    """The 95 % interval of the difference, the same questions drawn anew so many times."""
    difference = np.asarray(after, float) - np.asarray(before, float)
    drawn = np.random.default_rng(0).integers(0, len(difference), (times, len(difference)))
    low, high = np.quantile(difference[drawn].mean(1), [0.025, 0.975])
    return float(low), float(high)
