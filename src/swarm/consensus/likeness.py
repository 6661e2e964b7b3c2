"""Do two texts say the same in other words? Pure, and only as good as what compares them."""

import re
from collections import Counter
from collections.abc import Callable

from .numbers import numbers_in

# From -1 to 1; 1 is the same. Without one no two texts are taken for alike. It has to know the order of words: to an
# average of word vectors `Alice pays Bob` is `Bob pays Alice`.
Likeness = Callable[[str, str], float]

ALIKE = 0.9
NEGATION = re.compile(
    r"\b(?:not?|never|none|nothing|nobody|neither|nor|without|cannot|false|unable|\w+n['\u2019]t)\b", re.I
)


def alike(left: str, right: str, likeness: Likeness) -> bool:
    """17 and 19 are close for every such measure, and so are `exists` and `does not exist`."""
    return left == right or (facts(left) == facts(right) and likeness(left, right) >= ALIKE)


def facts(text: str) -> tuple[tuple[str, ...], int]:
    """Its numbers, and how often it says no."""
    return tuple(sorted(Counter(numbers_in(text)).elements())), len(NEGATION.findall(text))
