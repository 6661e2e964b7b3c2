"""How many are asked, and how long they are waited for. Pure.

`vote` and `synth` ask as many as the terms allow. `auto` asks one, and the others where that one is not good enough.
"""

from collections.abc import Sequence
from statistics import median

from .terms import Terms

# One that takes so many times as long as those that have ended, and some seconds, is not waited for.
TIMES_LONGER = 4.0
LEAST_PATIENCE = 4.0


def wanted(terms: Terms, sure: bool, valid: int) -> int:
    """So many valid candidates are wanted in all. `valid`: so many there are; `sure`: the first needs no second
    opinion."""
    if terms.alone:
        return 1
    if terms.strategy != "auto" or (valid and not sure):
        return terms.most
    return terms.quorum


def deadline(terms: Terms, first: float, seconds: Sequence[float], last: float) -> float | None:
    """Until when others are waited for. `first`: when the first valid one had ended; `seconds`: how long those took
    that have ended; `last`: when the last of the others began. None: there is nothing to go by yet."""
    if not seconds:
        return None
    if terms.patience is not None:
        return first + terms.patience
    return last + TIMES_LONGER * median(seconds) + LEAST_PATIENCE
