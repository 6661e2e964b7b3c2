"""What of a text must not differ where two are taken for the same, however close their words are. Pure."""

import re
from collections import Counter

from .numbers import numbers_in

NEGATION = re.compile(
    r"\b(?:not?|never|none|nothing|nobody|neither|nor|without|cannot|false|unable|\w+n['\u2019]t)\b", re.I
)


def facts(text: str) -> tuple[tuple[str, ...], int]:
    """Its numbers, and how often it says no."""
    return tuple(sorted(Counter(numbers_in(text)).elements())), len(NEGATION.findall(text))
