"""Calls beside each other that nobody asked for: small models go on with one more, and one more. Pure."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from .support import Said, supported
from .words import Words, folded

# More than this part of a value has to be said for it to count as asked for.
ASKED = 0.5


def surplus(calls: Sequence[Said], words: Words) -> tuple[int, ...]:
    """The places of calls that bring no value of the request that an earlier one has not brought.

    Those that only pair such values anew are asked for where the pairs are complete: two teams in two seasons each.
    """
    if not calls or not any(_asked(*one, words) for one in calls[0][1].items()):
        return ()
    known = {_key(*one) for one in calls[0][1].items()}
    made_up, again = [], []
    for at, (name, said) in enumerate(calls[1:], 1):
        fresh = {parameter: value for parameter, value in said.items() if _key(parameter, value) not in known}
        if any(_asked(*one, words) for one in fresh.items()) or all(name != other for other, _ in calls[:at]):
            known |= {_key(*one) for one in said.items()}
        elif fresh:
            made_up.append(at)
        else:
            again.append(at)
    rest = [said for at, (_, said) in enumerate(calls) if at not in made_up]
    return tuple(made_up if _paired(rest) else sorted(made_up + again))


def _key(parameter: str, value: Any) -> str:
    return f"{parameter}={folded(str(value))}"


def _asked(parameter: str, value: Any, words: Words) -> bool:
    return supported(parameter, value, words) > ASKED


def _paired(calls: Sequence[Mapping[str, Any]]) -> bool:
    """Each value of one parameter stands beside each of another, once."""
    values: dict[str, set[str]] = {}
    for said in calls:
        for parameter, value in said.items():
            values.setdefault(parameter, set()).add(folded(str(value)))
    counts = [len(one) for one in values.values() if len(one) > 1]
    distinct = {frozenset(_key(*one) for one in said.items()) for said in calls}
    return len(distinct) == len(calls) and any(a * b == len(calls) for a, b in combinations(counts, 2))
