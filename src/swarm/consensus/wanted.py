"""Is a call wanted at all, or did nobody ask for one? Pure.

A logistic curve, measured in docs/benchmarks/selection.md with the smallest model that there is; the names of tools and
the values that nobody mentioned say the same of other sizes.
"""

from .support import Support

START, MADE_UP, NAMED = 0.15, 2.4, 2.8


def odds(found: Support) -> float:
    """The logarithm of the odds that it is: above 0 act, below it talk."""
    return START - MADE_UP * found.made_up + NAMED * found.named
