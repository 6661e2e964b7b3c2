"""Statistics of right and wrong. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Of the normal distribution: 95 % lie within so many deviations.
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """A part of one, with its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What a second way of answering gains over a first one on the same questions."""

    value: float
    low: float
    high: float
    better: int  # questions that only the second got right
    worse: int
    p: float  # how likely so uneven a count is by chance alone (McNemar, exact)


@dataclass(frozen=True, slots=True)
class Band:
    """The questions whose score lay between these."""

    low: float
    high: float
    count: int
    right: int


def share(right: int, count: int) -> Share:
    """With Wilson's interval, which holds for few questions and near 0 and 1 too."""
    if not count:
        return Share(0.0, 0.0, 1.0)
    value = right / count
    middle = value + Z * Z / (2 * count)
    spread = Z * math.sqrt(value * (1 - value) / count + Z * Z / (4 * count * count))
    whole = 1 + Z * Z / count
    return Share(
        value, max(0.0, min(value, (middle - spread) / whole)), min(1.0, max(value, (middle + spread) / whole))
    )


def difference(first: Sequence[bool], second: Sequence[bool]) -> Difference:
    """With Newcombe's interval for pairs (his method 10): built of two of Wilson's, it does not shrink to nothing where
    all questions came out alike."""
    pairs = list(zip(first, second, strict=True))
    better, worse = pairs.count((False, True)), pairs.count((True, False))
    one, two = share(sum(first), len(first)), share(sum(second), len(second))
    phi = _correlation(pairs.count((True, True)), better, worse, pairs.count((False, False)))
    value = two.value - one.value
    low = value - _joined(two.value - two.low, one.high - one.value, phi)
    high = value + _joined(two.high - two.value, one.value - one.low, phi)
    return Difference(value, max(-1.0, low), min(1.0, high), better, worse, mcnemar(better, worse))


def mcnemar(better: int, worse: int) -> float:
    """Two-sided and exact: both are as likely as head and tail."""
    count = better + worse
    tail = sum(math.comb(count, at) for at in range(min(better, worse) + 1))
    return min(1.0, float(2 * tail / 2**count))


def auroc(scores: Sequence[float], right: Sequence[bool]) -> float | None:
    """How often a right answer scores above a wrong one; even scores count half. None where all are right or wrong."""
    good = [score for score, fine in zip(scores, right, strict=True) if fine]
    bad = [score for score, fine in zip(scores, right, strict=True) if not fine]
    if not good or not bad:
        return None
    above = sum((one > other) + (one == other) / 2 for one in good for other in bad)
    return above / (len(good) * len(bad))


def bands(scores: Sequence[float], right: Sequence[bool], edges: Sequence[float]) -> list[Band]:
    """Between each two of the edges, which rise. What lies on an edge belongs below it."""
    pairs = list(zip(scores, right, strict=True))
    found = []
    for low, high in pairwise(edges):
        inside = [fine for score, fine in pairs if low < score <= high or score == low == edges[0]]
        found.append(Band(low, high, len(inside), sum(inside)))
    return found


def closed(one: float, chosen: float, possible: float) -> float | None:
    """The part of the way from one answer to the best that was there. None where there is no way to go."""
    return (chosen - one) / (possible - one) if possible > one else None


def _joined(own: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, own * own - 2 * phi * own * other + other * other))


def _correlation(both: int, better: int, worse: int, neither: int) -> float:
    """Of the pairs; taken a little smaller where it is positive, as Newcombe does."""
    count = both + better + worse + neither
    margins = (both + worse) * (better + neither) * (both + better) * (worse + neither)
    if not margins:
        return 0.0
    product = both * neither - better * worse
    return (product if product < 0 else max(0.0, product - count / 2)) / math.sqrt(margins)
